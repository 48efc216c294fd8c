#include "engine/judging.hpp"

#include <algorithm>
#include <cmath>

#include "base/hash.hpp"
#include "policy/endpoint_state.hpp"

namespace gslb::engine {
namespace {

void take_guards(health::GuardSpec& into, const health::GuardSpec& more) {
  if (!into.pace) into.pace = more.pace;
  if (!into.damping) into.damping = more.damping;
  into.hold_up = std::max(into.hold_up, more.hold_up);
  into.hold_down = std::max(into.hold_down, more.hold_down);
  if (!into.grade.active()) into.grade = more.grade;
}

}  // namespace

health::JudgeSpec judge_spec(const Snapshot& snapshot, std::vector<health::Vantage> vantages) {
  health::JudgeSpec out;
  out.vantages = std::move(vantages);
  if (out.vantages.empty()) out.vantages.emplace_back();
  for (const policy::SiteSpec& site : snapshot.sites) out.sites.push_back({site.name, site.region});
  out.services = static_cast<std::uint32_t>(snapshot.services.size());
  for (const health::Target& target : snapshot.targets) {
    health::JudgedTarget& judged = out.targets.emplace_back();
    judged.id = target.id();
    judged.judging = target.monitor.judging.over(snapshot.judging);
    judged.thresholds = health::thresholds_of(target.monitor);
  }
  const auto serves = [&](std::uint32_t t, std::uint32_t s, std::size_t e) {
    if (t == not_probed) return;
    health::JudgedTarget& judged = out.targets[t];
    const policy::Service& service = snapshot.services[s].service;
    if (judged.site == health::JudgedTarget::no_site) judged.site = service.endpoints[e].site.value;
    if (!judged.services.empty() && judged.services.back() == s) return;
    judged.services.push_back(s);
    take_guards(judged.guards, service.guards);
  };
  auto other = snapshot.other_targets.begin();
  for (std::uint32_t s = 0; s < out.services; ++s) {
    for (const auto& family : snapshot.target_of[s]) {
      for (std::size_t e = 0; e < family.size(); ++e) serves(family[e], s, e);
    }
    for (; other != snapshot.other_targets.end() && other->service == s; ++other)
      serves(other->target, s, other->endpoint);
  }
  return out;
}

std::uint64_t weights_hash(const Generation& generation) noexcept {
  std::uint64_t hash = 0;
  for (std::size_t s = 0; s < generation.plans.size(); ++s) {
    const policy::Service& service = generation.snapshot->services[s].service;
    for (const auto& states : generation.plans[s]->states) {
      for (std::size_t e = 0; e < states.size() && e < service.endpoints.size(); ++e) {
        const double weight = policy::effective_weight(service.endpoints[e], states[e]);
        hash = base::combine(hash, static_cast<std::uint64_t>(std::llround(weight * 1000)));
      }
    }
  }
  return hash;
}

}  // namespace gslb::engine
