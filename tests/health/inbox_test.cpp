#include "health/sharing/inbox.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "health/sharing/report_codec.hpp"
#include "health/sharing/send_clock.hpp"

namespace gslb::health {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using Outcome = Inbox::Outcome;

constexpr base::WallTime wall{std::chrono::milliseconds(1'700'000'000'000)};
constexpr std::uint64_t started = 1'699'999'000'000;

class InboxTest : public testing::Test {
 protected:
  InboxTest() { inbox.follow({"fra-1", "iad-1"}); }

  static std::string report(const std::string& vantage, std::uint64_t incarnation, std::uint64_t sequence) {
    Report out;
    out.vantage = vantage;
    out.incarnation = incarnation;
    out.sequence = sequence;
    return write_report(out).value();
  }
  Inbox::Taken take(const std::vector<std::string>& certificate, const std::string& octets) {
    return inbox.take(certificate, octets, wall, now);
  }
  const Inbox::Sender& fra() const { return inbox.senders().at("fra-1"); }

  Inbox inbox;
  base::SteadyTime now{1h};
};

TEST_F(InboxTest, TakesWhatAVantageSaysOfItself) {
  const auto taken = take({"fra-1"}, report("fra-1", started, 1));
  EXPECT_EQ(taken.outcome, Outcome::taken) << taken.problem;
  ASSERT_TRUE(taken.report);
  EXPECT_EQ(taken.report->sequence, 1U);
  EXPECT_EQ(fra().heard, now);
  EXPECT_EQ(fra().taken, 1U);
}

TEST_F(InboxTest, NobodySpeaksForAnother) {
  EXPECT_THAT(take({"iad-1"}, report("fra-1", started, 1)).problem,
              HasSubstr("the report is of fra-1, the certificate of iad-1"));
  EXPECT_FALSE(fra().heard);
  EXPECT_EQ(inbox.senders().at("iad-1").refused, 1U);
}

TEST_F(InboxTest, OnlyVantagesAreHeard) {
  EXPECT_EQ(take({"www.example.org"}, report("fra-1", started, 1)).outcome, Outcome::foreign);
  EXPECT_THAT(take({}, report("fra-1", started, 1)).problem, HasSubstr("but of nobody"));
  EXPECT_THAT(take({"fra-1", "iad-1"}, report("fra-1", started, 1)).problem, HasSubstr("several vantages"));
  EXPECT_EQ(inbox.foreign(), 3U);
  EXPECT_EQ(take({"fra-1.example.org", "fra-1"}, report("fra-1", started, 1)).outcome, Outcome::taken);
}

TEST_F(InboxTest, ReplaysAndOlderReportsAreRefused) {
  const std::string second = report("fra-1", started, 2);
  EXPECT_EQ(take({"fra-1"}, second).outcome, Outcome::taken);
  for (const std::string& again : {second, report("fra-1", started, 1), report("fra-1", started - 1, 9)}) {
    const auto taken = take({"fra-1"}, again);
    EXPECT_EQ(taken.outcome, Outcome::old);
    EXPECT_EQ(taken.incarnation, started);
    EXPECT_FALSE(taken.report);
  }
  EXPECT_EQ(fra().refused, 3U);
  EXPECT_THAT(fra().problem, HasSubstr("not newer"));
  EXPECT_EQ(take({"fra-1"}, report("fra-1", started, 3)).outcome, Outcome::taken);
  EXPECT_EQ(fra().problem, "");
}

TEST_F(InboxTest, ALaterStartBeginsAnew) {
  EXPECT_EQ(take({"fra-1"}, report("fra-1", started, 900)).outcome, Outcome::taken);
  EXPECT_EQ(take({"fra-1"}, report("fra-1", started + 1, 1)).outcome, Outcome::taken);
  EXPECT_EQ(take({"fra-1"}, report("fra-1", started, 901)).outcome, Outcome::old);
}

TEST_F(InboxTest, AStartInTheFutureIsRefusedButForSomeMinutes) {
  const auto limit = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(wall.time_since_epoch() + Inbox::most_ahead).count());
  EXPECT_EQ(take({"fra-1"}, report("fra-1", limit + 1, 1)).outcome, Outcome::ahead);
  EXPECT_FALSE(fra().heard);
  EXPECT_EQ(take({"fra-1"}, report("fra-1", limit, 1)).outcome, Outcome::taken);
}

TEST_F(InboxTest, WhatIsNoReportIsRefused) {
  EXPECT_EQ(take({"fra-1"}, "hello").outcome, Outcome::malformed);
  EXPECT_EQ(take({"fra-1"}, std::string(longest_report + 1, 'x')).outcome, Outcome::malformed);
  EXPECT_THAT(fra().problem, HasSubstr("more than 262144"));
}

TEST_F(InboxTest, VantagesThatStayAreRememberedAndThoseThatGoAreNot) {
  EXPECT_EQ(take({"fra-1"}, report("fra-1", started, 5)).outcome, Outcome::taken);
  inbox.follow({"fra-1", "gru-1"});
  EXPECT_EQ(take({"fra-1"}, report("fra-1", started, 5)).outcome, Outcome::old);
  EXPECT_EQ(take({"iad-1"}, report("iad-1", started, 1)).outcome, Outcome::foreign);
  EXPECT_EQ(take({"gru-1"}, report("gru-1", started, 1)).outcome, Outcome::taken);
}

TEST(SendClock, ReportsOnceAPeriodNotInStep) {
  base::SteadyTime now{1h};
  SendClock clock(1s, 7, now);
  EXPECT_EQ(clock.next(), now);
  base::Duration sum{}, least = 1h, most{};
  for (int i = 0; i < 1000; ++i) {
    clock.sent(now);
    const base::Duration wait = clock.next() - now;
    least = std::min(least, wait);
    most = std::max(most, wait);
    sum += wait;
    now = clock.next();
  }
  EXPECT_GE(least, 900ms);
  EXPECT_LE(most, 1100ms);
  EXPECT_LT(least, 920ms);
  EXPECT_GT(most, 1080ms);
  EXPECT_NEAR(std::chrono::duration<double>(sum).count(), 1000, 10);
}

TEST(SendClock, AChangeIsToldAtOnceButNotTwiceWithinTheGap) {
  base::SteadyTime now{1h};
  SendClock clock(1s, 7, now);
  clock.sent(now);
  clock.changed(now + 10ms);
  EXPECT_EQ(clock.next(), now + SendClock::gap);
  clock.sent(now + SendClock::gap);
  now += 500ms;
  clock.changed(now);
  EXPECT_EQ(clock.next(), now);
  clock.changed(now + 50ms);
  EXPECT_EQ(clock.next(), now) << "a change never puts off what is due";
}

}  // namespace
}  // namespace gslb::health
