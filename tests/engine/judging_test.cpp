#include "engine/judging.hpp"

#include <gmock/gmock.h>

#include "engine/planner.hpp"
#include "tests/conformance/zone_fixture.hpp"

namespace gslb::engine {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

constexpr const char* text = R"(
control: { socket: none }
listen: 127.0.0.1:5300
sites: { fra: { at: [50.11, 8.68], region: eu }, iad: { at: [39.04, -77.49] } }
monitors: { web: { http: /healthz, agree: all }, other: { tcp: 80 } }
defaults: { alone_after: 10s }
zones:
  example.org:
    ns: [ns1.example.org.]
    services:
      a: { monitor: web, policy: [weighted], endpoints: { fra: 192.0.2.1, iad: 192.0.2.2 }, hold_down: 5s }
      b: { monitor: web, policy: [weighted], endpoints: { fra: 192.0.2.1, iad: 192.0.2.3 }, hold_down: 9s, pace: 30s }
      c: { policy: [weighted], endpoints: { iad: [192.0.2.4, "2001:db8::4"] }, monitor: other }
)";

class JudgeSpecTest : public testing::Test {
 protected:
  const health::JudgedTarget& target(const std::string& address) const {
    const auto& targets = server.generation().snapshot->targets;
    for (std::size_t t = 0; t < targets.size(); ++t) {
      if (base::to_string(targets[t].address) == address) return spec.targets[t];
    }
    ADD_FAILURE() << address;
    return spec.targets[0];
  }
  test::TestServer server{text};
  health::JudgeSpec spec = judge_spec(*server.generation().snapshot, {{"ns1", "", ""}});
};

TEST_F(JudgeSpecTest, KnowsWhereEachTargetIsAndWhatItServes) {
  EXPECT_THAT(spec.vantages, ElementsAre(health::Vantage{"ns1", "", ""}));
  ASSERT_EQ(spec.sites.size(), 2U);
  EXPECT_EQ(spec.sites[0].region, "eu");
  EXPECT_EQ(spec.services, 3U);
  EXPECT_EQ(spec.targets.size(), 5U);
  EXPECT_EQ(target("192.0.2.1").site, 0);
  EXPECT_THAT(target("192.0.2.1").services, ElementsAre(0, 1));
  EXPECT_EQ(target("192.0.2.3").site, 1);
  EXPECT_THAT(target("192.0.2.3").services, ElementsAre(1));
  EXPECT_THAT(target("2001:db8::4").services, ElementsAre(2));
}

TEST_F(JudgeSpecTest, HasTheRulesOfTheMonitorAndTheGuardsOfTheServices) {
  EXPECT_EQ(target("192.0.2.1").judging.agree.kind, health::Agree::Kind::all);
  EXPECT_EQ(target("192.0.2.4").judging.agree.kind, health::Agree::Kind::majority);
  EXPECT_EQ(target("192.0.2.4").judging.alone_after, 10s);
  EXPECT_EQ(target("192.0.2.1").thresholds.fall, 3U);
  EXPECT_EQ(target("192.0.2.1").guards.hold_down, 9s);  // the longer one
  EXPECT_EQ(target("192.0.2.1").guards.pace->every, 30s);
  EXPECT_FALSE(target("192.0.2.2").guards.pace);
}

TEST(WeightsHash, IsOfWeightsAndNotOfMotion) {
  test::TestServer server{text};
  Planner planner(server.generation().snapshot);
  auto states = server.states();
  const auto hash = [&] {
    static_cast<void>(planner.update(states, base::SteadyTime(1h)));
    return weights_hash({1, server.generation().snapshot, planner.plans()});
  };
  for (auto& state : states) state.verdict = health::Verdict::up;
  const auto up = hash();
  states[0].in_motion = true;
  EXPECT_EQ(hash(), up);
  states[0].grade = 500;
  EXPECT_NE(hash(), up);
  states[0].grade = 1000;
  EXPECT_EQ(hash(), up);
  states[0].verdict = health::Verdict::down;
  EXPECT_NE(hash(), up);
}

}  // namespace
}  // namespace gslb::engine
