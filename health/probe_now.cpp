#include "health/probe_now.hpp"

#include <algorithm>
#include <memory>

#include "health/checker.hpp"

namespace gslb::health {

void probe_now(Checker& checker, const std::vector<std::uint64_t>& ids, const std::vector<std::uint64_t>& asked,
               const std::function<void(std::vector<ProbeOutcome>)>& done) {
  std::vector<const Target*> wanted;
  for (const std::uint64_t id : asked) {
    const auto at = std::ranges::find(ids, id);
    if (at == ids.end()) continue;
    const Target& target = checker.targets().at(static_cast<std::size_t>(at - ids.begin()));
    if (!waits_for_pushes(target.monitor)) wanted.push_back(&target);
  }
  if (wanted.empty()) return done({});
  const auto seen = std::make_shared<std::vector<ProbeOutcome>>();
  for (const Target* target : wanted) {
    checker.probe(*target, [seen, done, id = target->id(), all = wanted.size()](const Observation& one) {
      seen->push_back({id, one.ok, one.voided, std::string(to_string(one.phase)), one.detail, one.latency});
      if (seen->size() == all) done(std::move(*seen));
    });
  }
}

}  // namespace gslb::health
