#include "health/snapshot.hpp"

#include <gtest/gtest.h>

namespace gslb::health {
namespace {

using namespace std::chrono_literals;

Snapshot sample() {
  return {base::WallTime(1'700'000'000'123ms),
          {{"192.0.2.10 https 443 /healthz", Verdict::up, base::WallTime(1'699'999'000'001ms), 90'500ms},
           {"2001:db8::10 tcp 5432", Verdict::down, base::WallTime(1'690'000'000'000ms), std::nullopt}}};
}

TEST(Snapshot, SurvivesText) {
  const auto back = parse_snapshot(to_text(sample()));
  ASSERT_TRUE(back) << back.error().what;
  EXPECT_EQ(*back, sample());
  EXPECT_EQ(*parse_snapshot(to_text(Snapshot{})), Snapshot{});
}

TEST(Snapshot, LatchesSurviveText) {
  Snapshot latched = sample();
  latched.latches = {{"www.example.org v4 17", 2, 90'500ms, 3ms}, {"www.example.org v6 17", 1, 0ms, std::nullopt}};
  EXPECT_EQ(*parse_snapshot(to_text(latched)), latched);
}

TEST(Snapshot, JudgedVerdictsSurviveText) {
  Snapshot judged = sample();
  judged.judged = {{0xfedcba9876543210, Verdict::down, base::WallTime(5ms), 7s, 2.718, true},
                   {1, Verdict::up, {}, std::nullopt, 0, false}};
  EXPECT_EQ(*parse_snapshot(to_text(judged)), judged);
  judged.judged[0].penalty = 1.0 / 3;  // kept in thousandths, and the checksum is right all the same
  const auto read = parse_snapshot(to_text(judged));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->judged[0].penalty, 0.333);
}

TEST(Snapshot, AKeyOfAnyOctetsSurvives) {
  Snapshot odd;
  odd.targets = {{"a\"b\\c /\xc3\xa4 body=%0a", Verdict::up, {}, std::nullopt}};
  EXPECT_EQ(*parse_snapshot(to_text(odd)), odd);
}

TEST(Snapshot, RefusesEveryTruncation) {
  const std::string text = to_text(sample());
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_FALSE(parse_snapshot(std::string_view(text).substr(0, size))) << size;
}

TEST(Snapshot, RefusesEveryFlippedBit) {
  const std::string text = to_text(sample());
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = text;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
      EXPECT_FALSE(parse_snapshot(damaged)) << i << ' ' << damaged;
    }
  }
}

TEST(Snapshot, SaysWhyItRefuses) {
  EXPECT_EQ(parse_snapshot("[]").error().what, "health snapshot is damaged: it is not an object");
  EXPECT_EQ(parse_snapshot(R"({"version":2})").error().what,
            "health snapshot is of version 2, which this release does not know");
  EXPECT_EQ(parse_snapshot(R"({"version":1})").error().what,
            "health snapshot is damaged: checksum or state is missing");
  EXPECT_EQ(parse_snapshot(R"({"version":1,"checksum":"0000000000000000","state":{}})").error().what,
            "health snapshot is damaged: the checksum is wrong");
}

TEST(Snapshot, TimesBeforeTheEpochBecomeTheEpoch) {
  Snapshot early = sample();
  early.targets[0].since = base::WallTime(-5s);
  EXPECT_EQ(parse_snapshot(to_text(early))->targets[0].since, base::WallTime{});
}

}  // namespace
}  // namespace gslb::health
