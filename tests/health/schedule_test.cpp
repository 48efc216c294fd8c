#include "health/schedule.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

namespace gslb::health {
namespace {

using namespace std::chrono_literals;

const base::SteadyTime start{1000s};
const Cadence every_2s{2s, 200ms};

TEST(Cadence, TakesIntervalAndJitterFromTheMonitor) {
  MonitorSpec monitor;
  monitor.interval = 2s;
  monitor.jitter = 0.1;
  for (const Verdict verdict : {Verdict::unknown, Verdict::up, Verdict::down}) {
    for (const bool in_motion : {false, true}) {
      const Cadence cadence = cadence_of(monitor, verdict, in_motion);
      EXPECT_EQ(cadence.interval, 2s);
      EXPECT_EQ(cadence.slack, 200ms);
      EXPECT_EQ(cadence.shortest(), 1800ms);
    }
  }
}

// As HAProxy's inter, fastinter and downinter.
TEST(Cadence, IsFastWhileSomethingIsCountedAndSlowWhileDown) {
  MonitorSpec monitor;
  monitor.interval = 5s;
  monitor.fastinter = 1s;
  monitor.downinter = 20s;
  EXPECT_EQ(cadence_of(monitor, Verdict::unknown, false).interval, 1s);
  EXPECT_EQ(cadence_of(monitor, Verdict::up, false).interval, 5s);
  EXPECT_EQ(cadence_of(monitor, Verdict::up, true).interval, 1s);
  EXPECT_EQ(cadence_of(monitor, Verdict::down, false).interval, 20s);
  EXPECT_EQ(cadence_of(monitor, Verdict::down, true).interval, 1s);
  EXPECT_EQ(cadence_of(monitor, Verdict::down, true).slack, 100ms);
}

TEST(Schedule, SpreadsFirstProbesEvenlyOverASecond) {
  base::Random random(1);
  std::array<int, 10> tenths{};
  for (int i = 0; i < 10'000; ++i) {
    const auto due = first(start, every_2s, random) - start;
    ASSERT_GE(due, 0s);
    ASSERT_LE(due, 1s);
    ++tenths[std::min<std::size_t>(static_cast<std::size_t>(due / 100ms), 9)];
  }
  for (const int count : tenths) EXPECT_NEAR(count, 1000, 150);
}

TEST(Schedule, SpreadsFirstProbesOverAnIntervalShorterThanASecond) {
  base::Random random(2);
  for (int i = 0; i < 1000; ++i) EXPECT_LE(first(start, {300ms, 0ms}, random) - start, 300ms);
}

TEST(Schedule, StretchesAndShrinksByNoMoreThanTheJitter) {
  base::Random random(3);
  base::Duration shortest = 1h, longest = 0s;
  for (int i = 0; i < 10'000; ++i) {
    const auto gap = following(start, start, every_2s, random) - start;
    shortest = std::min(shortest, gap);
    longest = std::max(longest, gap);
  }
  EXPECT_GE(shortest, 1800ms);
  EXPECT_LT(shortest, 1810ms);
  EXPECT_LE(longest, 2200ms);
  EXPECT_GT(longest, 2190ms);
}

TEST(Schedule, WithoutJitterTheIntervalIsExact) {
  base::Random random(4);
  EXPECT_EQ(following(start, start + 5ms, {2s, 0s}, random), start + 2s);
}

// 1,000 intervals of 2 s with an error of at most 200 ms each: a drift would show as a multiple of 1,000.
TEST(Schedule, DoesNotDriftHoweverLateProbesEnd) {
  base::Random random(5);
  base::SteadyTime due = start;
  for (int i = 0; i < 1000; ++i) due = following(due, due + 900ms, every_2s, random);
  EXPECT_NEAR(std::chrono::duration<double>(due - start).count(), 2000.0, 20.0);
}

TEST(Schedule, AProbeThatOutlastsItsShrunkIntervalIsFollowedAtOnce) {
  base::Random random(6);
  EXPECT_EQ(following(start, start + 2s + 1ms, {2s, 0s}, random), start + 2s + 1ms);
}

TEST(Schedule, SkipsMissedPeriodsAndKeepsItsPlaceInThePeriod) {
  base::Random random(7);
  EXPECT_EQ(following(start, start + 61s, {2s, 0s}, random), start + 62s);
}

TEST(Schedule, IsTheSameForTheSameSeed) {
  base::Random a(8), b(8);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(following(start, start, every_2s, a), following(start, start, every_2s, b));
}

TEST(DueQueue, GivesWhoIsDueLongestFirstAndNobodyEarly) {
  DueQueue queue;
  EXPECT_FALSE(queue.next());
  EXPECT_FALSE(queue.pop(start));
  queue.push(start + 3s, 3);
  queue.push(start + 1s, 1);
  queue.push(start + 2s, 2);
  EXPECT_EQ(queue.next(), start + 1s);
  EXPECT_FALSE(queue.pop(start));
  EXPECT_EQ(queue.pop(start + 2s), 1U);
  EXPECT_EQ(queue.pop(start + 2s), 2U);
  EXPECT_FALSE(queue.pop(start + 2s));
  EXPECT_EQ(queue.size(), 1U);
}

// A minute of a thousand targets at 2 s: what a second costs depends neither on the second nor on the outcomes.
TEST(DueQueue, EachPeriodCostsTheSameWork) {
  base::Random random(9);
  DueQueue queue;
  std::vector<base::SteadyTime> due(1000);
  for (std::uint32_t id = 0; id < due.size(); ++id) queue.push(due[id] = first(start, every_2s, random), id);
  std::vector<int> probes(60);
  for (auto now = start; now < start + 60s; now += 10ms) {
    while (const auto id = queue.pop(now)) {
      ++probes[static_cast<std::size_t>((now - start) / 1s)];
      queue.push(due[*id] = following(due[*id], now, every_2s, random), *id);
    }
    ASSERT_EQ(queue.size(), due.size());
  }
  for (std::size_t second = 10; second + 1 < probes.size(); second += 2)
    EXPECT_NEAR(probes[second] + probes[second + 1], 1000, 60) << "second " << second;
}

TEST(StallWatch, APunctualThreadVoidsNothing) {
  StallWatch watch;
  watch.expect(start + 100ms);
  EXPECT_FALSE(watch.stalled_since(start, start + 90ms));
  EXPECT_FALSE(watch.woke(start + 101ms));
  watch.expect(start + 200ms);
  EXPECT_FALSE(watch.stalled_since(start, start + 150ms));
}

TEST(StallWatch, LatenessUpToTheToleranceIsUsual) {
  StallWatch watch;
  watch.expect(start);
  EXPECT_FALSE(watch.woke(start + StallWatch::tolerance));
  EXPECT_FALSE(watch.stalled_since(start - 1s, start + StallWatch::tolerance));
}

TEST(StallWatch, AProbeThatWasUnderWayDuringAStallIsVoid) {
  StallWatch watch;
  watch.expect(start + 100ms);
  EXPECT_EQ(watch.woke(start + 2100ms), base::Duration(2s));
  watch.expect(start + 2200ms);
  EXPECT_TRUE(watch.stalled_since(start, start + 2150ms));
  EXPECT_TRUE(watch.stalled_since(start + 2s, start + 2150ms));
}

TEST(StallWatch, AProbeStartedAfterAStallCounts) {
  StallWatch watch;
  watch.expect(start + 100ms);
  watch.woke(start + 2100ms);
  watch.expect(start + 2200ms);
  EXPECT_FALSE(watch.stalled_since(start + 2101ms, start + 2150ms));
}

// After a stall, a socket's handler may run before the timer's.
TEST(StallWatch, ATimerThatShouldHaveRunLongAgoShowsAStallBeforeItRuns) {
  StallWatch watch;
  watch.expect(start + 100ms);
  EXPECT_TRUE(watch.stalled_since(start, start + 351ms));
  EXPECT_FALSE(watch.stalled_since(start, start + 350ms));
}

}  // namespace
}  // namespace gslb::health
