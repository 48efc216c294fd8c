#include "engine/target_states.hpp"

#include "health/combination.hpp"

namespace gslb::engine {

TargetStates::TargetStates(const Snapshot& snapshot, std::span<const health::TargetState> states) : states_(states) {
  if (states.size() < snapshot.targets.size()) return;
  combined_.reserve(snapshot.combinations.size());
  std::vector<health::Combined> members;
  for (const Combination& combination : snapshot.combinations) {
    members.clear();
    for (const auto& [target, weight] : combination.members)
      members.push_back({&states[target], weight, snapshot.targets[target].monitor.name});
    combined_.push_back(health::combine(members, combination.need));
  }
}

std::vector<health::TargetState> TargetStates::all() const {
  std::vector<health::TargetState> out(states_.begin(), states_.end());
  out.insert(out.end(), combined_.begin(), combined_.end());
  return out;
}

std::vector<std::uint32_t> targets_at(const Snapshot& snapshot, std::uint32_t place) {
  if (place == not_probed) return {};
  if (place < snapshot.targets.size()) return {place};
  std::vector<std::uint32_t> out;
  for (const auto& [target, weight] : snapshot.combinations[place - snapshot.targets.size()].members)
    out.push_back(target);
  return out;
}

}  // namespace gslb::engine
