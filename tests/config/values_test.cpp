#include "config/values.hpp"

#include <gmock/gmock.h>

namespace gslb::config {
namespace {

using namespace std::chrono_literals;

TEST(Duration, IsAWholeNumberAndAUnit) {
  EXPECT_EQ(parse_duration("500ms"), 500ms);
  EXPECT_EQ(parse_duration("2s"), 2s);
  EXPECT_EQ(parse_duration("10m"), 10min);
  EXPECT_EQ(parse_duration("1h"), 1h);
  EXPECT_EQ(parse_duration("1d"), 24h);
  EXPECT_EQ(parse_duration("0"), 0ms);
  EXPECT_EQ(parse_duration("4294967295d"), 4294967295LL * 24h);
}

TEST(Duration, IsNothingElse) {
  for (const char* text :
       {"", "s", "30", "-1s", "+1s", "1.5s", "1 s", " 1s", "1s ", "1S", "1min", "1h30m", "4294967296s", "0x1s"})
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
}

TEST(Duration, IsShownInTheLargestExactUnit) {
  EXPECT_EQ(duration_text(0ms), "0s");
  EXPECT_EQ(duration_text(1500ms), "1500ms");
  EXPECT_EQ(duration_text(2s), "2s");
  EXPECT_EQ(duration_text(90s), "90s");
  EXPECT_EQ(duration_text(2min), "2m");
  EXPECT_EQ(duration_text(1h), "1h");
  EXPECT_EQ(duration_text(48h), "2d");
}

TEST(Count, TakesThousandsAndMillions) {
  EXPECT_EQ(parse_count("0"), 0U);
  EXPECT_EQ(parse_count("150"), 150U);
  EXPECT_EQ(parse_count("40k"), 40'000U);
  EXPECT_EQ(parse_count("2M"), 2'000'000U);
  for (const char* text : {"", "k", "-1", "1K", "1m", "1.5k", "1 k", "0x10", "99999999999999999999", "1000000000001"})
    EXPECT_EQ(parse_count(text), std::nullopt) << text;
}

TEST(Distance, IsInKilometres) {
  EXPECT_EQ(parse_distance("300km"), 300);
  EXPECT_EQ(parse_distance("0km"), 0);
  EXPECT_EQ(parse_distance("12.5km"), 12.5);
  for (const char* text : {"", "km", "300", "300m", "-1km", "300 km", "nankm", "infkm", "20039km"})
    EXPECT_EQ(parse_distance(text), std::nullopt) << text;
}

TEST(Share, IsAPercentageOrAFraction) {
  EXPECT_EQ(parse_share("50%"), 0.5);
  EXPECT_EQ(parse_share("0.5"), 0.5);
  EXPECT_EQ(parse_share("100%"), 1);
  EXPECT_EQ(parse_share("0"), 0);
  for (const char* text : {"", "%", "50", "101%", "-1%", "1.1", "nan", "inf", "5 %", "half"})
    EXPECT_EQ(parse_share(text), std::nullopt) << text;
}

}  // namespace
}  // namespace gslb::config
