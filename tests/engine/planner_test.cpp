#include "engine/planner.hpp"

#include <gtest/gtest.h>

#include "tests/conformance/zone_fixture.hpp"

namespace gslb::engine {
namespace {

using namespace std::chrono_literals;

constexpr const char* two_services = R"(
control: { socket: none }
listen: 127.0.0.1:5300
sites: { fra: { at: [50.11, 8.68] }, iad: { at: [39.04, -77.49] } }
monitors: { web: { http: /healthz } }
zones:
  example.org:
    ns: [ns1.example.org.]
    services:
      a: { monitor: web, policy: [weighted], endpoints: { fra: 192.0.2.1, iad: 192.0.2.2 } }
      b: { monitor: web, policy: [weighted], endpoints: { fra: 192.0.2.1, iad: 192.0.2.3 } }
)";

class PlannerTest : public testing::Test {
 protected:
  PlannerTest() : server(two_services), planner(server.generation().snapshot), states(server.states()) {
    for (auto& state : states) state.verdict = health::Verdict::up;
    planner.update(states, now);
  }
  std::size_t target(const std::string& address) const {
    const auto& targets = server.generation().snapshot->targets;
    for (std::size_t i = 0; i < targets.size(); ++i) {
      if (base::to_string(targets[i].address) == address) return i;
    }
    ADD_FAILURE() << address;
    return 0;
  }
  test::TestServer server;
  Planner planner;
  std::vector<health::TargetState> states;
  base::SteadyTime now = base::SteadyTime{} + 1h;
};

TEST_F(PlannerTest, ATargetThatTwoServicesShareIsProbedOnce) {
  EXPECT_EQ(server.generation().snapshot->targets.size(), 3U);
}

TEST_F(PlannerTest, NothingNewMakesNoPlan) {
  const auto before = planner.plans();
  EXPECT_FALSE(planner.update(states, now).changed);
  EXPECT_EQ(planner.plans(), before);
}

TEST_F(PlannerTest, OnlyTheServicesOfAChangedTargetGetANewPlan) {
  const auto before = planner.plans();
  states[target("192.0.2.3")].verdict = health::Verdict::down;
  const auto outcome = planner.update(states, now);
  EXPECT_TRUE(outcome.changed);
  EXPECT_TRUE(outcome.withdrawal);
  EXPECT_EQ(planner.plans()[0], before[0]);
  EXPECT_NE(planner.plans()[1], before[1]);
}

TEST_F(PlannerTest, AReturnIsNoWithdrawalAndRampsUpInSteps) {
  states[target("192.0.2.3")].verdict = health::Verdict::down;
  planner.update(states, now);
  states[target("192.0.2.3")].verdict = health::Verdict::up;
  states[target("192.0.2.3")].returned_at = now;
  auto outcome = planner.update(states, now);
  EXPECT_TRUE(outcome.changed);
  EXPECT_FALSE(outcome.withdrawal);
  int steps = 0;
  while (outcome.next) {
    ASSERT_GT(*outcome.next, now);
    now = *outcome.next;
    outcome = planner.update(states, now);
    ++steps;
  }
  EXPECT_EQ(steps, 36);
  EXPECT_EQ(planner.inputs(1)[0][1].ramp, 1000);
}

health::Order order(health::OrderKind kind, health::OrderScope scope) {
  static std::uint64_t last = 0;
  health::Order out;
  out.id = ++last;
  out.kind = kind;
  out.scope = std::move(scope);
  return out;
}

class OrdersOfPeople : public PlannerTest {
 protected:
  static constexpr base::WallTime wall = base::WallTime{} + 1000h;
  std::uint16_t ramp(std::size_t endpoint) const { return planner.inputs(0)[0][endpoint].ramp; }
  bool out(std::size_t endpoint) const { return policy::taken_out(planner.inputs(0)[0][endpoint]); }
};

TEST_F(OrdersOfPeople, ADrainOfASiteIsAWithdrawalFromEachOfItsServices) {
  planner.obey({order(health::OrderKind::drain, {"", "fra", ""})}, wall, now);
  const auto outcome = planner.update(states, now);
  EXPECT_TRUE(outcome.withdrawal);
  EXPECT_TRUE(out(0));
  EXPECT_TRUE(policy::taken_out(planner.inputs(1)[0][0]));
  EXPECT_FALSE(out(1));
}

TEST_F(OrdersOfPeople, AnOrderOfOneServiceLeavesTheOthersAlone) {
  planner.obey({order(health::OrderKind::down, {"b", "fra", ""})}, wall, now);
  planner.update(states, now);
  EXPECT_FALSE(out(0));
  EXPECT_TRUE(policy::taken_out(planner.inputs(1)[0][0]));
}

TEST_F(OrdersOfPeople, WhatProbesSayOfADrainedEndpointMakesNoNewPlanUnlessItIsTheVerdict) {
  planner.obey({order(health::OrderKind::drain, {"", "fra", ""})}, wall, now);
  planner.update(states, now);
  states[target("192.0.2.1")].in_motion = true;
  EXPECT_FALSE(planner.update(states, now).changed);
  states[target("192.0.2.1")].verdict = health::Verdict::down;
  EXPECT_TRUE(planner.update(states, now).changed);
}

TEST_F(OrdersOfPeople, ForcedUpIsUpThoughItsProbesFail) {
  states[target("192.0.2.1")].verdict = health::Verdict::down;
  planner.obey({order(health::OrderKind::up, {"", "", "192.0.2.1"})}, wall, now);
  planner.update(states, now);
  EXPECT_TRUE(policy::is_up(planner.inputs(0)[0][0]));
}

// DESIGN 8.8: it re-enters through `rise` and `slowstart`.
TEST_F(OrdersOfPeople, AfterTheEndItComesBackThroughRiseAndSlowStart) {
  health::Order ended = order(health::OrderKind::drain, {"a", "fra", ""});
  ended.ended = wall;
  planner.obey({ended}, wall, now);
  auto outcome = planner.update(states, now);
  EXPECT_TRUE(out(0));
  EXPECT_EQ(outcome.next, now + 10s);  // two intervals of 5 s
  outcome = planner.update(states, now + 10s);
  EXPECT_FALSE(out(0));
  EXPECT_EQ(ramp(0), 100);
  ASSERT_TRUE(outcome.next);
  planner.update(states, now + 40s);
  EXPECT_EQ(ramp(0), 550);
  outcome = planner.update(states, now + 70s);
  EXPECT_EQ(ramp(0), 1000);
  EXPECT_FALSE(outcome.next);
}

TEST_F(OrdersOfPeople, AFailedProbeMeanwhileMakesItWaitAnew) {
  health::Order ended = order(health::OrderKind::drain, {"a", "fra", ""});
  ended.ended = wall;
  planner.obey({ended}, wall, now);
  states[target("192.0.2.1")].in_motion = true;
  EXPECT_EQ(planner.update(states, now + 8s).next, now + 18s);
  states[target("192.0.2.1")].in_motion = false;
  planner.update(states, now + 12s);
  EXPECT_TRUE(out(0));
  planner.update(states, now + 18s);
  EXPECT_FALSE(out(0));
}

TEST_F(OrdersOfPeople, OneThatIsDownAtTheEndComesBackAsAllDoThatWereDown) {
  health::Order ended = order(health::OrderKind::drain, {"a", "fra", ""});
  ended.ended = wall;
  planner.obey({ended}, wall, now);
  states[target("192.0.2.1")].verdict = health::Verdict::down;
  planner.update(states, now);
  states[target("192.0.2.1")].verdict = health::Verdict::up;
  states[target("192.0.2.1")].returned_at = now + 5s;
  planner.update(states, now + 5s);
  EXPECT_FALSE(out(0));
  EXPECT_EQ(ramp(0), 100);
}

TEST_F(OrdersOfPeople, AHoldKeepsTheVerdictsOfItsMoment) {
  health::Order hold = order(health::OrderKind::hold, {});
  hold.not_up = {health::held_key("a.example.org", "192.0.2.2")};
  planner.obey({hold}, wall, now);
  states[target("192.0.2.1")].verdict = health::Verdict::down;
  planner.update(states, now);
  EXPECT_EQ(planner.inputs(0)[0][0].verdict, health::Verdict::up);
  EXPECT_EQ(planner.inputs(0)[0][1].verdict, health::Verdict::down);
  planner.obey({}, wall, now);
  planner.update(states, now);
  EXPECT_EQ(planner.inputs(0)[0][0].verdict, health::Verdict::down);
  EXPECT_EQ(planner.inputs(0)[0][1].verdict, health::Verdict::up);
}

constexpr const char* combined = R"(
control: { socket: none }
listen: 127.0.0.1:5300
sites: { fra: { at: [50.11, 8.68] }, iad: { at: [39.04, -77.49] } }
monitors: { live: { tcp: 443 }, ready: { http: /readyz }, search: { http: /search } }
zones:
  example.org:
    ns: [ns1.example.org.]
    services:
      a: { monitor: { all: [live, ready] }, policy: [weighted], endpoints: { fra: 192.0.2.1, iad: 192.0.2.2 } }
      b: { monitor: { any: [ready, search] }, policy: [weighted], endpoints: { fra: 192.0.2.1, iad: 192.0.2.2 } }
      c: { monitor: { weights: { live: 2, ready: 1 }, at_least: 2 }, policy: [weighted], endpoints: { fra: 192.0.2.1 } }
      d: { monitor: live, policy: [weighted], endpoints: { fra: 192.0.2.1 } }
)";

class CombinedMonitors : public testing::Test {
 protected:
  CombinedMonitors() : server(combined), planner(server.generation().snapshot), states(server.states()) {
    for (auto& state : states) state.verdict = health::Verdict::up;
    planner.update(states, now);
  }
  health::TargetState& at(const std::string& address, const std::string& monitor) {
    const auto& targets = server.generation().snapshot->targets;
    for (std::size_t i = 0; i < targets.size(); ++i) {
      if (base::to_string(targets[i].address) == address && targets[i].monitor.name == monitor) return states[i];
    }
    ADD_FAILURE() << address << " " << monitor;
    return states[0];
  }
  health::Verdict verdict(std::size_t service) const { return planner.inputs(service)[0][0].verdict; }

  test::TestServer server;
  Planner planner;
  std::vector<health::TargetState> states;
  base::SteadyTime now = base::SteadyTime{} + 1h;
};

TEST_F(CombinedMonitors, ShareTheirTargets) { EXPECT_EQ(server.generation().snapshot->targets.size(), 6U); }

TEST_F(CombinedMonitors, TakeAnEndpointAwayAsTheirServiceSays) {
  at("192.0.2.1", "ready").verdict = health::Verdict::down;
  EXPECT_TRUE(planner.update(states, now).withdrawal);
  EXPECT_EQ(verdict(0), health::Verdict::down);
  EXPECT_EQ(verdict(1), health::Verdict::up);
  EXPECT_EQ(verdict(2), health::Verdict::up);
  EXPECT_EQ(verdict(3), health::Verdict::up);
  at("192.0.2.1", "ready").verdict = health::Verdict::up;
  at("192.0.2.1", "live").verdict = health::Verdict::down;
  planner.update(states, now);
  EXPECT_EQ(verdict(0), health::Verdict::down);
  EXPECT_EQ(verdict(1), health::Verdict::up);
  EXPECT_EQ(verdict(2), health::Verdict::down);
}

TEST_F(CombinedMonitors, WithoutAVerdictTakeNothingAway) {
  at("192.0.2.1", "search").verdict = health::Verdict::unknown;
  at("192.0.2.1", "ready").verdict = health::Verdict::down;
  planner.update(states, now);
  EXPECT_EQ(verdict(1), health::Verdict::unknown);
}

constexpr const char* latched = R"(
control: { socket: none }
listen: 127.0.0.1:5300
sites: { fra: { at: [50.11, 8.68] }, iad: { at: [39.04, -77.49] } }
monitors: { web: { http: /healthz } }
defaults: { monitor: web, slowstart: 0s }
zones:
  example.org:
    ns: [ns1.example.org.]
    services:
      by-hand: { failback: manual, policy: [priority], endpoints: { fra: 192.0.2.1, iad: 192.0.2.2 } }
      waiting: { failback: after 10m, policy: [priority], endpoints: { fra: 192.0.2.1, iad: 192.0.2.2 } }
      at-once: { policy: [priority], endpoints: { fra: 192.0.2.1, iad: 192.0.2.2 } }
)";

class FailbackOfPlans : public testing::Test {
 protected:
  FailbackOfPlans() : server(latched), planner(server.generation().snapshot), states(server.states()) {
    for (auto& state : states) state.verdict = health::Verdict::up;
    planner.update(states, now);
  }
  void set(std::size_t target, health::Verdict verdict) {
    states[target].verdict = verdict;
    last = planner.update(states, now += 1s);
  }
  health::Order failback_of(const std::string& service, base::SteadyTime given) const {
    health::Order order;
    order.kind = health::OrderKind::failback;
    order.scope.service = service;
    order.given = wall - (now - given);
    return order;
  }
  void let_back(const std::string& service, base::SteadyTime given) {
    planner.obey({failback_of(service, given)}, wall, now);
  }
  static policy::EndpointIndex first(const Planner& planner, std::size_t service) {
    const policy::AspectPlan& v4 = planner.plans()[service]->under(base::Family::v4);
    return v4.set(v4.draw(v4.classes[0], 0))[0];
  }
  test::TestServer server;
  Planner planner;
  std::vector<health::TargetState> states;
  base::SteadyTime now = base::SteadyTime{} + 1h;
  base::WallTime wall{1'764'216'000s};
  Planner::Outcome last;
  enum { by_hand, waiting, at_once };
};

TEST_F(FailbackOfPlans, ClientsStayWhereTheyWentUntilTheyAreLetBack) {
  set(0, health::Verdict::down);
  for (std::size_t s = 0; s < 3; ++s) EXPECT_EQ(first(planner, s), 1) << s;
  set(0, health::Verdict::up);
  EXPECT_EQ(first(planner, by_hand), 1);
  EXPECT_EQ(first(planner, waiting), 1);
  EXPECT_EQ(first(planner, at_once), 0);
  EXPECT_EQ(last.next, now + 10min);
  let_back("by-hand", now);
  planner.update(states, now);
  EXPECT_EQ(first(planner, by_hand), 0);
  EXPECT_EQ(first(planner, waiting), 1) << "another service";
  planner.update(states, now += 10min);
  EXPECT_EQ(first(planner, waiting), 0);
}

TEST_F(FailbackOfPlans, WhoeverLetsClientsBackMeansThoseWhoHadLeftByThen) {
  const base::SteadyTime before = now;
  set(0, health::Verdict::down);
  set(0, health::Verdict::up);
  let_back("by-hand", before);
  planner.update(states, now);
  EXPECT_EQ(first(planner, by_hand), 1) << "an old order, obeyed again at each change of orders";
  let_back("*", now);
  planner.update(states, now);
  EXPECT_EQ(first(planner, by_hand), 0);
  EXPECT_EQ(first(planner, waiting), 0);
}

TEST_F(FailbackOfPlans, WhatOtherServersHoldIsTakenOverByNumber) {
  set(0, health::Verdict::down);
  set(0, health::Verdict::up);
  const LatchVote::Latches held = planner.held();
  ASSERT_EQ(held.size(), 2U);
  Planner fresh(server.generation().snapshot);
  for (const auto& [number, latch] : held) EXPECT_TRUE(fresh.counts(number, latch));
  EXPECT_FALSE(fresh.counts(7, {1, now, {}}));
  auto more = held;
  more[7] = {1, now, {}};
  fresh.take(more);
  fresh.update(states, now);
  EXPECT_EQ(first(fresh, by_hand), 1);
  EXPECT_EQ(fresh.held(), held);
  // What a server that has not heard of it yet, or the store, still says after clients were let back.
  planner.obey({failback_of("*", now)}, wall, now);
  for (const auto& [number, latch] : held) {
    EXPECT_FALSE(planner.counts(number, latch));
    EXPECT_TRUE(planner.counts(number, {1, now + 1s, {}})) << "they left again since";
  }
}

TEST_F(FailbackOfPlans, AnotherPlannerTakesTheLatchesOver) {
  set(0, health::Verdict::down);
  set(0, health::Verdict::up);
  ASSERT_EQ(planner.latches().size(), 2U);
  Planner next(server.generation().snapshot);
  next.restore(planner.latches());
  next.update(states, now);
  EXPECT_EQ(next.latches(), planner.latches());
  EXPECT_EQ(first(next, by_hand), 1);
}

}  // namespace
}  // namespace gslb::engine
