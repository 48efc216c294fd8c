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
  EXPECT_EQ(steps, 18);
  EXPECT_EQ(planner.inputs(1)[0][1].ramp, 1000);
}

}  // namespace
}  // namespace gslb::engine
