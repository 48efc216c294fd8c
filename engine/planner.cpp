#include "engine/planner.hpp"

#include "health/ramp.hpp"

namespace gslb::engine {

Planner::Planner(SnapshotPtr snapshot) : snapshot_(std::move(snapshot)), plans_(snapshot_->services.size()) {}

namespace {

/// What a service's first plan is compared with.
policy::ServiceStates all_up(const policy::Service& service) {
  const std::vector<policy::EndpointState> up(service.endpoints.size());
  return {up, up};
}

policy::EndpointState state_of(const health::TargetState& target, const health::RampShare& ramp) {
  return {target.verdict, target.in_motion, target.in_motion ? target.until_change : base::Duration{},
          static_cast<std::uint16_t>(target.verdict == health::Verdict::up ? ramp.share : 1000)};
}

bool was_withdrawn(const policy::EndpointState& before, const policy::EndpointState& after) {
  return before.verdict == health::Verdict::up && after.verdict != health::Verdict::up;
}

}  // namespace

bool Planner::awaits_addresses(std::size_t service, std::size_t endpoint) const noexcept {
  const policy::Endpoint& at = snapshot_->services[service].service.endpoints[endpoint];
  return !at.host.empty() && !at.has(policy::Aspect::whole()) && snapshot_->monitor_of[service] != not_probed;
}

Planner::Outcome Planner::update(const std::vector<health::TargetState>& states, base::SteadyTime now) {
  Outcome outcome;
  auto other = snapshot_->other_targets.begin();
  for (std::size_t s = 0; s < plans_.size(); ++s) {
    const policy::Service& service = snapshot_->services[s].service;
    const auto judge = [&](const health::TargetState& target) {
      const auto ramp = health::ramp(now, target.returned_at, service.slowstart);
      if (target.verdict == health::Verdict::up && ramp.next_change &&
          (!outcome.next || *ramp.next_change < *outcome.next))
        outcome.next = ramp.next_change;
      return state_of(target, ramp);
    };
    const policy::ServiceStates first = plans_[s] ? policy::ServiceStates{} : all_up(service);
    const policy::ServiceStates& before = plans_[s] ? plans_[s]->states : first;
    policy::ServiceStates next = before;
    for (std::size_t f = 0; f < 2; ++f) {
      const auto& targets = snapshot_->target_of[s][f];
      for (std::size_t e = 0; e < targets.size(); ++e) {
        if (targets[e] == not_probed) {
          if (awaits_addresses(s, e)) next[f][e].verdict = health::Verdict::unknown;
          continue;
        }
        next[f][e] = judge(states[targets[e]]);
      }
    }
    for (; other != snapshot_->other_targets.end() && other->service == s; ++other) {
      policy::EndpointState& state = next[static_cast<std::size_t>(other->family)][other->endpoint];
      state = policy::better(service.endpoints[other->endpoint], state, judge(states[other->target]));
    }
    for (std::size_t f = 0; f < 2; ++f)
      for (std::size_t e = 0; e < next[f].size(); ++e)
        outcome.withdrawal = outcome.withdrawal || was_withdrawn(before[f][e], next[f][e]);
    if (plans_[s] && next == before) continue;
    plans_[s] = std::make_shared<policy::Plan>(
        policy::make_plan(service, snapshot_->classes[snapshot_->services[s].signature], next));
    outcome.changed = true;
  }
  return outcome;
}

}  // namespace gslb::engine
