#include "answers.hpp"

#include <algorithm>

#include "policy/plan.hpp"

namespace gslb::sim {

namespace {

policy::Service steer(const World& world, const std::vector<std::size_t>& targets, policy::FilterKind kind) {
  policy::Sites sites;
  for (const health::JudgedSite& site : world.spec.sites) sites.all.emplace_back().name = site.name;
  policy::ServiceSpec spec;
  spec.name.value = "www";
  for (const std::size_t t : targets) {
    policy::EndpointSpec& endpoint = spec.endpoints.emplace_back();
    endpoint.site.value = world.spec.sites[world.spec.targets[t].site].name;
    endpoint.v4 = base::Sourced<base::IpAddress>{base::IpAddress::v4(0xc0000200U + static_cast<std::uint32_t>(t)), {}};
  }
  policy::PolicySpec policy;
  policy.filters.emplace_back().kind = kind;
  return policy::compile_service(spec, policy, sites, "www.example.org");
}

}  // namespace

Answers::Answers(const World& world) {
  for (std::uint32_t s = 0; s < world.spec.services; ++s) {
    Steered steered;
    for (std::size_t t = 0; t < world.spec.targets.size(); ++t) {
      if (std::ranges::count(world.spec.targets[t].services, s) != 0) steered.targets.push_back(t);
    }
    if (steered.targets.empty()) continue;
    steered.service =
        steer(world, steered.targets, s % 2 == 0 ? policy::FilterKind::priority : policy::FilterKind::all);
    services_.push_back(std::move(steered));
  }
}

std::optional<std::string> Answers::wrong(const std::vector<health::Verdict>& verdicts) const {
  for (const Steered& steered : services_) {
    policy::ServiceStates states;
    states[0].resize(steered.targets.size());
    states[1].resize(steered.targets.size());
    bool any_up = false;
    for (std::size_t e = 0; e < steered.targets.size(); ++e) {
      states[0][e].verdict = verdicts[steered.targets[e]];
      any_up = any_up || states[0][e].verdict == health::Verdict::up;
    }
    const policy::Plan plan = policy::make_plan(steered.service, {{}}, states);
    const policy::AspectPlan& v4 = plan.under(base::Family::v4);
    const policy::ClassPlan& decision = v4.classes.at(0);
    if (decision.draw == policy::Draw::nothing) return "clients get no answer";
    const auto answer = v4.set(v4.draw(decision, 0));
    if (answer.empty()) return "clients get an empty answer";
    for (const policy::EndpointIndex endpoint : answer) {
      if (any_up && states[0].at(endpoint).verdict != health::Verdict::up)
        return "clients are led to what is not up, and something is";
    }
  }
  return std::nullopt;
}

}  // namespace gslb::sim
