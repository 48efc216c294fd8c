#include "health/sharing/opinions.hpp"

#include <gtest/gtest.h>

namespace gslb::health {
namespace {

using namespace std::chrono_literals;

Target target(const char* address, std::chrono::milliseconds interval = 2s) {
  Target out;
  out.address = base::parse_address(address).value();
  out.monitor.port = 80;
  out.monitor.interval = interval;
  return out;
}

std::vector<std::uint64_t> ids_of(const std::vector<Target>& targets) {
  std::vector<std::uint64_t> out;
  for (const Target& one : targets) out.push_back(one.id());
  return out;
}

TEST(Opinions, AreInTheOrderOfTheirNumbersWhateverThatOfTheTargets) {
  const std::vector<Target> targets{target("192.0.2.1"), target("192.0.2.2"), target("192.0.2.3"),
                                    target("192.0.2.2", 9s)};
  std::vector<TargetState> states(4);
  states[0].verdict = states[2].verdict = Verdict::up;
  states[1].verdict = states[3].verdict = Verdict::down;
  const Report report = report_of(ids_of(targets), states, base::SteadyTime{1h});
  ASSERT_EQ(report.opinions.size(), 3U) << "two differ in timing alone";
  for (std::size_t i = 0; i < 3; ++i) {
    if (i > 0) {
      EXPECT_LT(report.opinions[i - 1].target, report.opinions[i].target);
    }
    EXPECT_EQ(report.opinions[i].verdict, report.opinions[i].target == targets[1].id() ? Verdict::down : Verdict::up);
  }
  EXPECT_TRUE(report.settled);
}

TEST(Opinions, TellMotionLatencyAndReturn) {
  const auto ids = ids_of({target("192.0.2.1")});
  std::vector<TargetState> states(1);
  states[0].verdict = Verdict::up;
  states[0].in_motion = true;
  states[0].until_change = 3s;
  states[0].latency = 12ms;
  states[0].returned_at = base::SteadyTime{1h} - 20s;
  const Opinion moving = report_of(ids, states, base::SteadyTime{1h}).opinions.at(0);
  EXPECT_TRUE(moving.in_motion);
  EXPECT_EQ(moving.until_change, 3s);
  EXPECT_EQ(moving.latency, 12ms);
  EXPECT_EQ(moving.returned, 20s);
  states[0].verdict = Verdict::down;
  states[0].in_motion = false;
  const Opinion down = report_of(ids, states, base::SteadyTime{1h}).opinions.at(0);
  EXPECT_EQ(down.until_change, 0s);
  EXPECT_FALSE(down.returned);
}

TEST(Opinions, AreNotSettledBeforeEveryTargetWasProbedInThisRun) {
  const auto ids = ids_of({target("192.0.2.1"), target("192.0.2.2")});
  std::vector<TargetState> states(2);
  EXPECT_FALSE(report_of(ids, states, {}).settled);
  states[0].verdict = states[1].verdict = Verdict::up;
  states[1].restored = true;
  EXPECT_FALSE(report_of(ids, states, {}).settled);
  states[1].restored = false;
  EXPECT_TRUE(report_of(ids, states, {}).settled);
}

}  // namespace
}  // namespace gslb::health
