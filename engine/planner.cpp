#include "engine/planner.hpp"

#include <algorithm>
#include <map>

#include "base/hash.hpp"
#include "engine/target_states.hpp"
#include "health/ramp.hpp"
#include "health/shared_keys.hpp"

namespace gslb::engine {

Planner::Planner(SnapshotPtr snapshot)
    : snapshot_(std::move(snapshot)),
      fed_(*snapshot_),
      latches_(snapshot_->services.size()),
      plans_(snapshot_->services.size()),
      replanners_(snapshot_->services.size()) {
  number_latches();
}

void Planner::rebase(SnapshotPtr snapshot) {
  for (auto& replanner : replanners_) replanner.reset();
  snapshot_ = std::move(snapshot);
}

/// To make the plan of a few endpoints from nothing takes less than to remember how it came about.
policy::Plan Planner::make_plan(std::size_t service, const policy::ServiceStates& states) {
  constexpr std::size_t few = 128;
  const zones::SteeredName& name = snapshot_->services[service];
  const auto& classes = snapshot_->classes[name.signature];
  if (name.service.endpoints.size() <= few) return policy::make_plan(name.service, classes, states);
  if (!replanners_[service]) replanners_[service] = std::make_unique<policy::Replanner>(name.service, classes);
  return replanners_[service]->make(states);
}

namespace {

/// What a service's first plan is compared with.
policy::ServiceStates all_up(const policy::Service& service) {
  const std::vector<policy::EndpointState> up(service.endpoints.size());
  return {up, up};
}

policy::EndpointState state_of(const health::TargetState& target, const health::RampShare& ramp) {
  policy::EndpointState state;
  state.verdict = target.verdict;
  state.in_motion = target.in_motion;
  if (target.in_motion) state.until_change = target.until_change;
  if (target.verdict != health::Verdict::up) return state;
  state.ramp = static_cast<std::uint16_t>(ramp.share);
  state.grade = target.grade;
  return state;
}

bool was_withdrawn(const policy::EndpointState& before, const policy::EndpointState& after) {
  return policy::is_up(before) && !policy::is_up(after);
}

constexpr std::array families{base::Family::v4, base::Family::v6};

/// Calls `visit` with the rank of each address that `priority` puts into a tier, also inside of inner services.
template <class Visit>
void for_each_ranked(const policy::Service& service, const policy::Chain& chain, std::optional<std::uint16_t> rank,
                     Visit visit) {
  for (const policy::EndpointIndex e : chain.members) {
    const policy::Endpoint& endpoint = service.endpoints[e];
    const std::uint16_t own = rank.value_or(endpoint.rank);
    visit(e, own);
    if (endpoint.inner != policy::Endpoint::no_inner)
      for_each_ranked(service, service.inner[endpoint.inner], own, visit);
  }
}

policy::TierHealth health_of(const policy::EndpointState& state) {
  if (state.ordered) return policy::is_up(state) ? policy::TierHealth::up : policy::TierHealth::down;
  switch (state.verdict) {
    case health::Verdict::up:
      return policy::TierHealth::up;
    case health::Verdict::unknown:
      return policy::TierHealth::undecided;
    case health::Verdict::down:
      break;
  }
  return policy::TierHealth::down;
}

/// Of an endpoint in one family; none if it is not there. What can be said of a host without addresses is nothing yet.
std::optional<policy::TierHealth> health_of(const policy::Service& service, policy::EndpointIndex e,
                                            base::Family family, const policy::ServiceStates& states) {
  const policy::Endpoint& endpoint = service.endpoints[e];
  if (service.alias) return health_of(policy::whole_state(endpoint, states[0][e], states[1][e]));
  if (endpoint.address(family)) return health_of(states[static_cast<std::size_t>(family)][e]);
  if (!endpoint.host.empty() && !endpoint.has(policy::Aspect::whole())) return policy::TierHealth::undecided;
  return std::nullopt;
}

}  // namespace

bool Planner::awaits_addresses(std::size_t service, std::size_t endpoint) const noexcept {
  const policy::Endpoint& at = snapshot_->services[service].service.endpoints[endpoint];
  return !at.host.empty() && !at.has(policy::Aspect::whole()) && snapshot_->monitor_of[service][endpoint] != not_probed;
}

/// How long a target has to stay up before it comes back from what people ordered.
base::Duration Planner::settling(std::uint32_t target) const {
  base::Duration longest{};
  for (const std::uint32_t one : targets_at(*snapshot_, target)) {
    const health::MonitorSpec& monitor = snapshot_->targets[one].monitor;
    longest = std::max(longest, monitor.rise * base::Duration(monitor.interval));
  }
  return longest;
}

std::string Planner::latch_key(std::size_t s, base::Family family) const {
  const policy::Service& service = snapshot_->services[s].service;
  std::uint64_t tiers = 0;
  for_each_ranked(service, service, std::nullopt, [&](policy::EndpointIndex e, std::uint16_t rank) {
    tiers += base::combine(service.endpoints[e].key, rank);  // in whatever order they are written
  });
  return service.name + (family == base::Family::v4 ? " v4 " : " v6 ") + std::to_string(tiers);
}

std::vector<Planner::KeptLatch> Planner::latches() const {
  std::vector<KeptLatch> out;
  for (std::size_t s = 0; s < latches_.size(); ++s) {
    for (std::size_t f = 0; f < 2; ++f) {
      if (latches_[s][f].floor > 0) out.push_back({latch_key(s, families[f]), latches_[s][f]});
    }
  }
  return out;
}

void Planner::restore(const std::vector<KeptLatch>& latches) {
  std::map<std::string, policy::Latch> known;
  for (const KeptLatch& kept : latches) known[kept.key] = kept.latch;
  if (known.empty()) return;
  for (std::size_t s = 0; s < latches_.size(); ++s) {
    for (std::size_t f = 0; f < 2; ++f) {
      const auto found = known.find(latch_key(s, families[f]));
      if (found != known.end()) latches_[s][f] = found->second;
    }
  }
}

void Planner::number_latches() {
  numbers_.clear();
  for (std::size_t s = 0; s < latches_.size(); ++s) {
    const policy::Service& service = snapshot_->services[s].service;
    if (!service.ranked || service.failback.mode == policy::Failback::Mode::automatic) continue;
    for (std::size_t f = 0; f < 2; ++f) numbers_[health::latch_key(latch_key(s, families[f]))] = {s, f};
  }
}

LatchVote::Latches Planner::held() const {
  LatchVote::Latches out;
  for (const auto& [number, place] : numbers_) {
    const policy::Latch& latch = latches_[place.first][place.second];
    if (latch.floor > 0) out[number] = latch;
  }
  return out;
}

bool Planner::counts(std::uint64_t number, const policy::Latch& latch) const noexcept {
  const auto released = released_.find(number);
  return numbers_.contains(number) && (released == released_.end() || latch.since > released->second);
}

void Planner::take(const LatchVote::Latches& latches) {
  for (const auto& [number, latch] : latches) {
    const auto found = numbers_.find(number);
    if (found != numbers_.end()) latches_[found->second.first][found->second.second] = latch;
  }
}

void Planner::release(const health::Order& order, base::SteadyTime given) {
  for (const auto& [number, place] : numbers_) {
    if (!order.scope.holds(snapshot_->services[place.first].service.name, "", "")) continue;
    const auto known = released_.emplace(number, given).first;
    known->second = std::max(known->second, given);
    policy::Latch& latch = latches_[place.first][place.second];
    if (latch.since <= given) latch = {};
  }
}

void Planner::hold_back(std::size_t s, policy::ServiceStates& states, base::SteadyTime now, Outcome& outcome) {
  const policy::Service& service = snapshot_->services[s].service;
  if (!service.ranked || service.failback.mode == policy::Failback::Mode::automatic) {
    latches_[s] = {};
    return;
  }
  for (std::size_t f = 0; f < 2; ++f) {
    std::vector<policy::TierHealth> tiers;
    for_each_ranked(service, service, std::nullopt, [&](policy::EndpointIndex e, std::uint16_t rank) {
      tiers.resize(std::max<std::size_t>(tiers.size(), rank + 1U), policy::TierHealth::down);
      if (const auto health = health_of(service, e, families[f], states)) tiers[rank] = std::max(tiers[rank], *health);
    });
    const policy::FailbackStep stepped = policy::step(service.failback, latches_[s][f], tiers, now);
    latches_[s][f] = stepped.latch;
    if (stepped.next && (!outcome.next || *stepped.next < *outcome.next)) outcome.next = stepped.next;
    for_each_ranked(service, service, std::nullopt, [&](policy::EndpointIndex e, std::uint16_t rank) {
      states[f][e].held = rank < stepped.latch.floor;
    });
  }
}

void Planner::obey(const std::vector<health::Order>& orders, base::WallTime wall, base::SteadyTime now) {
  ordered_ = OrderedEndpoints(*snapshot_, orders, wall, now);
  released_.clear();
  for (const health::Order& order : orders) {
    if (order.kind == health::OrderKind::failback) release(order, now - std::max(base::Duration{}, wall - order.given));
  }
}

Planner::Outcome Planner::update(const std::vector<health::TargetState>& of_targets, base::SteadyTime now) {
  Outcome outcome;
  const TargetStates states(*snapshot_, of_targets);
  auto other = snapshot_->other_targets.begin();
  for (std::size_t s = 0; s < plans_.size(); ++s) {
    const policy::Service& service = snapshot_->services[s].service;
    const auto obey = [&](Ordered* ordered, std::uint32_t target, policy::EndpointState& state) {
      if (ordered != nullptr) ordered->apply(state, settling(target), service.slowstart, now, outcome.next);
    };
    const auto judge = [&](const health::TargetState& target) {
      if (service.observe) return policy::EndpointState{};
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
        policy::EndpointState& state = next[f][e];
        if (targets[e] != not_probed) {
          state = judge(states[targets[e]]);
        } else {
          state = {};
          if (awaits_addresses(s, e)) state.verdict = health::Verdict::unknown;
        }
        if (!service.observe) state.feed = fed_.share(s, e);
        obey(ordered_.find(s, f, e), targets[e], state);
      }
    }
    for (; other != snapshot_->other_targets.end() && other->service == s; ++other) {
      policy::EndpointState& state = next[static_cast<std::size_t>(other->address.family)][other->endpoint];
      policy::EndpointState further = judge(states[other->target]);
      further.feed = state.feed;
      obey(ordered_.find_other(static_cast<std::size_t>(other - snapshot_->other_targets.begin())), other->target,
           further);
      state = policy::better(service.endpoints[other->endpoint], state, further);
    }
    for (std::size_t f = 0; f < 2; ++f)
      for (std::size_t e = 0; e < next[f].size(); ++e)
        outcome.withdrawal = outcome.withdrawal || was_withdrawn(before[f][e], next[f][e]);
    hold_back(s, next, now, outcome);
    if (plans_[s] && next == before) continue;
    plans_[s] = std::make_shared<policy::Plan>(make_plan(s, next));
    outcome.changed = true;
  }
  return outcome;
}

}  // namespace gslb::engine
