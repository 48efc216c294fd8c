#include "health/target_core.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "base/random.hpp"

namespace gslb::health {
namespace {

using namespace std::chrono_literals;

const base::WallTime noon{std::chrono::hours(12)};

base::SteadyTime at(std::chrono::seconds second) { return base::SteadyTime(second); }

Observation passed(base::SteadyTime when = {}) {
  return {.ok = true, .phase = Phase::passed, .detail = "http 200", .latency = 3ms, .when = when};
}
Observation failed(base::Duration took = {}) {
  return {.phase = Phase::connect, .detail = "connect: connection refused", .latency = took};
}

TargetCore core(unsigned fall = 3, unsigned rise = 2) { return TargetCore({fall, rise, 900ms}); }

/// Feeds outcomes written as '+', '-' and '0' (void).
void feed(TargetCore& target, std::string_view outcomes) {
  for (const char c : outcomes) {
    Observation seen = c == '+' ? passed() : failed();
    seen.voided = c == '0';
    target.step(noon, seen);
  }
}

TEST(TargetCore, TurnsAsItsRulesSay) {
  struct Case {
    std::string_view outcomes;
    unsigned fall, rise;
    Verdict verdict;
    unsigned streak;
  };
  const std::vector<Case> cases{
      {"", 3, 2, Verdict::unknown, 0},      {"+", 3, 2, Verdict::up, 0},       {"-", 3, 2, Verdict::down, 0},
      {"0", 3, 2, Verdict::unknown, 0},     {"+--", 3, 2, Verdict::up, 2},     {"+---", 3, 2, Verdict::down, 0},
      {"+--+--", 3, 2, Verdict::up, 2},     {"+--0-", 3, 2, Verdict::down, 0}, {"+-0000", 3, 2, Verdict::up, 1},
      {"-+", 3, 2, Verdict::down, 1},       {"-++", 3, 2, Verdict::up, 0},     {"-+-+-+", 3, 2, Verdict::down, 1},
      {"-+0+", 3, 2, Verdict::up, 0},       {"+-", 1, 1, Verdict::down, 0},    {"+-+", 1, 1, Verdict::up, 0},
      {"+---++---", 3, 2, Verdict::down, 0}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.outcomes);
    TargetCore target = core(c.fall, c.rise);
    feed(target, c.outcomes);
    EXPECT_EQ(target.state().verdict, c.verdict);
    EXPECT_EQ(target.state().streak, c.streak);
    EXPECT_EQ(target.state().in_motion, c.streak != 0);
  }
}

TEST(TargetCore, SaysWhatTurnedAndAfterHowManyOutcomes) {
  TargetCore target = core();
  const auto first = target.step(noon, passed());
  ASSERT_TRUE(first);
  EXPECT_EQ(first->from, Verdict::unknown);
  EXPECT_EQ(first->to, Verdict::up);
  EXPECT_EQ(first->outcomes, 1U);
  EXPECT_FALSE(target.step(noon, failed()));
  EXPECT_FALSE(target.step(noon, failed()));
  const auto down = target.step(noon + 5s, failed());
  ASSERT_TRUE(down);
  EXPECT_EQ(down->from, Verdict::up);
  EXPECT_EQ(down->to, Verdict::down);
  EXPECT_EQ(down->outcomes, 3U);
  EXPECT_EQ(target.state().since, noon + 5s);
  EXPECT_EQ(target.state().reason, "connect: connection refused");
}

TEST(TargetCore, AColdStartIsNoReturn) {
  TargetCore target = core();
  target.step(noon, passed(at(7s)));
  EXPECT_FALSE(target.state().returned_at);
}

TEST(TargetCore, ARiseFromDownIsAReturnEvenIfTheTargetWasNeverUp) {
  TargetCore target = core();
  target.step(noon, failed());
  target.step(noon, passed(at(7s)));
  EXPECT_FALSE(target.state().returned_at);
  target.step(noon, passed(at(9s)));
  EXPECT_EQ(target.state().returned_at, at(9s));
}

TEST(TargetCore, AVoidOutcomeChangesNothing) {
  TargetCore target = core();
  feed(target, "+-");
  const TargetState before = target.state();
  for (Observation seen : {passed(at(1s)), failed()}) {
    seen.voided = true;
    seen.detail = "of no account";
    EXPECT_FALSE(target.step(noon + 1h, seen));
  }
  const TargetState& after = target.state();
  EXPECT_EQ(after.streak, before.streak);
  EXPECT_EQ(after.reason, before.reason);
  EXPECT_EQ(after.probes, before.probes);
  EXPECT_EQ(after.failures, before.failures);
  EXPECT_EQ(after.until_change, before.until_change);
  EXPECT_EQ(after.since, before.since);
}

TEST(TargetCore, KeepsTheLatencyOfTheLastSuccess) {
  TargetCore target = core();
  target.step(noon, passed());
  target.step(noon, failed(50ms));
  EXPECT_EQ(target.state().latency, 3ms);
  EXPECT_EQ(target.state().probes, 2U);
  EXPECT_EQ(target.state().failures, 1U);
}

// The next probe starts at the earliest 900 ms after the start of the last one, of which `took` is already gone.
TEST(TargetCore, SaysWhenTheVerdictCanChangeAtTheEarliest) {
  TargetCore target = core(3, 2);
  feed(target, "+");
  EXPECT_EQ(target.state().until_change, 0ms);
  target.step(noon, failed(200ms));
  EXPECT_EQ(target.state().until_change, 2 * 900ms - 200ms);
  target.step(noon, failed(10ms));
  EXPECT_EQ(target.state().until_change, 1 * 900ms - 10ms);
  target.step(noon, failed(0ms));
  EXPECT_FALSE(target.state().in_motion);
  target.step(noon, passed());
  EXPECT_EQ(target.state().until_change, 900ms - 3ms);
}

TEST(TargetCore, AProbeThatTookLongerThanTheShortestIntervalMayBeFollowedAtOnce) {
  TargetCore target = core(2, 2);
  feed(target, "+");
  target.step(noon, failed(1s));
  EXPECT_TRUE(target.state().in_motion);
  EXPECT_EQ(target.state().until_change, 0ms);
}

TEST(TargetCore, ARestoredVerdictNeedsTheSameRunToChange) {
  TargetCore target = core();
  ASSERT_TRUE(target.restore(Verdict::up, noon, at(1s)));
  EXPECT_TRUE(target.state().restored);
  EXPECT_EQ(target.state().since, noon);
  EXPECT_EQ(target.state().returned_at, at(1s));
  feed(target, "--");
  EXPECT_EQ(target.state().verdict, Verdict::up);
  EXPECT_TRUE(target.state().restored) << "no probe has agreed yet";
  feed(target, "-");
  EXPECT_EQ(target.state().verdict, Verdict::down);
  EXPECT_FALSE(target.state().restored) << "a verdict of our own";
}

TEST(TargetCore, TheFirstProbeThatAgreesConfirmsARestoredVerdict) {
  TargetCore target = core();
  target.restore(Verdict::down, noon, std::nullopt);
  feed(target, "+");
  EXPECT_TRUE(target.state().restored);
  feed(target, "-");
  EXPECT_FALSE(target.state().restored);
  EXPECT_EQ(target.state().since, noon);
}

TEST(TargetCore, ARestoredDownTargetThatRisesHasReturned) {
  TargetCore target = core();
  target.restore(Verdict::down, noon, std::nullopt);
  target.step(noon, passed(at(1s)));
  target.step(noon, passed(at(2s)));
  EXPECT_EQ(target.state().returned_at, at(2s));
}

TEST(TargetCore, AVerdictOfOurOwnIsNotReplacedByARestoredOne) {
  TargetCore target = core();
  feed(target, "+");
  EXPECT_FALSE(target.restore(Verdict::down, noon, std::nullopt));
  EXPECT_EQ(target.state().verdict, Verdict::up);
  EXPECT_FALSE(core().restore(Verdict::unknown, noon, std::nullopt));
}

TEST(TargetCore, UnderLowerThresholdsTheNextOutcomeDecides) {
  TargetCore strict = core(5, 2);
  feed(strict, "+---");
  TargetCore target(strict, {2, 2, 400ms});
  EXPECT_EQ(target.state().verdict, Verdict::up);
  EXPECT_EQ(target.state().until_change, 0ms) << "its first probe under them may come at once";
  feed(target, "-");
  EXPECT_EQ(target.state().verdict, Verdict::down);
}

// The next probe starts at once, the one behind it an interval later.
TEST(TargetCore, AProbeThatTookLongerThanTheIntervalBringsTheNextForwardAndNoOther) {
  TargetCore target = core(3, 2);
  feed(target, "+");
  target.step(noon, failed(5s));
  EXPECT_EQ(target.state().until_change, 900ms);
}

TEST(TargetCore, InMotionItCountsInFastIntervals) {
  MonitorSpec monitor;
  monitor.interval = 10s;
  monitor.fastinter = 1s;
  monitor.jitter = 0.1;
  TargetCore target(thresholds_of(monitor));
  feed(target, "+");
  target.step(noon, failed(100ms));
  EXPECT_EQ(target.state().until_change, 2 * 900ms - 100ms);
}

TEST(TargetCore, KeepsTheWarningOfTheLastOutcome) {
  TargetCore target = core();
  Observation seen = passed();
  seen.warning = "certificate ends in 12 days";
  target.step(noon, seen);
  EXPECT_EQ(target.state().warning, "certificate ends in 12 days");
  target.step(noon, passed());
  EXPECT_EQ(target.state().warning, "");
}

TEST(TargetCore, TakesItsThresholdsFromTheMonitor) {
  MonitorSpec monitor;
  monitor.interval = 2s;
  monitor.jitter = 0.25;
  monitor.fall = 4;
  monitor.rise = 1;
  const Thresholds thresholds = thresholds_of(monitor);
  EXPECT_EQ(thresholds.fall, 4U);
  EXPECT_EQ(thresholds.rise, 1U);
  EXPECT_EQ(thresholds.shortest_interval, 1500ms);
}

/// The rules written down again, slowly: all outcomes are kept, and each question is answered by looking through them.
struct Model {
  unsigned fall, rise;
  std::vector<bool> outcomes{};
  std::size_t verdict_at = 0;  ///< outcomes seen when the verdict was reached
  Verdict verdict = Verdict::unknown;
  unsigned returns = 0;

  unsigned against() const {
    unsigned count = 0;
    for (std::size_t i = outcomes.size(); i > verdict_at && outcomes[i - 1] != (verdict == Verdict::up); --i) ++count;
    return count;
  }
  void add(bool ok) {
    outcomes.push_back(ok);
    const bool first = verdict == Verdict::unknown;
    const bool turns = first || against() >= (verdict == Verdict::up ? fall : rise);
    if (!turns) return;
    if (verdict == Verdict::down) ++returns;
    verdict = ok ? Verdict::up : Verdict::down;
    verdict_at = outcomes.size();
  }
};

TEST(TargetCore, AgreesWithASlowModelOnRandomOutcomes) {
  base::Random random(20240601);
  for (int run = 0; run < 2000; ++run) {
    Model model{1 + random.below(5), 1 + random.below(5)};
    TargetCore target({model.fall, model.rise, 1s});
    const unsigned bias = 10 + random.below(81);
    unsigned returns = 0;
    Verdict before = Verdict::unknown;
    for (int step = 0; step < 100; ++step) {
      Observation seen = random.below(100) < bias ? passed(at(std::chrono::seconds(step))) : failed();
      seen.voided = random.below(10) == 0;
      const auto transition = target.step(noon, seen);
      if (!seen.voided) model.add(seen.ok);
      const TargetState& state = target.state();
      ASSERT_EQ(state.verdict, model.verdict) << "run " << run << " step " << step;
      ASSERT_EQ(state.streak, model.against());
      ASSERT_EQ(state.in_motion, model.against() > 0);
      ASSERT_EQ(transition.has_value(), state.verdict != before);
      if (transition && transition->from == Verdict::down) {
        ++returns;
        ASSERT_EQ(state.returned_at, seen.when);
      }
      ASSERT_EQ(returns, model.returns);
      before = state.verdict;
    }
  }
}

}  // namespace
}  // namespace gslb::health
