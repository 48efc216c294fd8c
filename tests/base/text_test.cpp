#include "base/text.hpp"

#include <gtest/gtest.h>

namespace gslb::base {
namespace {

using namespace std::chrono_literals;

TEST(Printable, KeepsTextTabsAndUtf8) {
  EXPECT_EQ(printable("a\tb \u00e9 \u4e2d \U0001f30d"), "a\tb \u00e9 \u4e2d \U0001f30d");
}

TEST(Printable, EscapesControlOctets) {
  EXPECT_EQ(printable(std::string_view("a\0b\n\x1b\x7f", 6)), "a\\x00b\\x0a\\x1b\\x7f");
  EXPECT_EQ(printable("\xc2\x85"), "\\xc2\\x85") << "a C1 control in UTF-8";
}

// RFC 3629 section 3: overlong forms, surrogates, values above U+10FFFF and cut sequences are not UTF-8.
TEST(Printable, EscapesWhatIsNotUtf8) {
  EXPECT_EQ(printable("\xff"), "\\xff");
  EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf");
  EXPECT_EQ(printable("\xe0\x80\xaf"), "\\xe0\\x80\\xaf");
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
  EXPECT_EQ(printable("\xe4\xb8"), "\\xe4\\xb8");
}

TEST(EditDistance, CountsASwapOfNeighboursAsOne) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("fra", "fraa"), 1U);
  EXPECT_EQ(edit_distance("iad", "aid"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
}

TEST(EditDistance, OfLongTextsIsBounded) { EXPECT_EQ(edit_distance(std::string(100'000, 'a'), "b"), 100'000U); }

TEST(HumanDuration, ShowsTheTwoUnitsThatMatter) {
  EXPECT_EQ(human_duration(400us), "0.4 ms");
  EXPECT_EQ(human_duration(250ms), "250 ms");
  EXPECT_EQ(human_duration(18s), "18 s");
  EXPECT_EQ(human_duration(125s), "2 min 5 s");
  EXPECT_EQ(human_duration(3h + 7min), "3h 07m");
  EXPECT_EQ(human_duration(98h), "4d 02h");
}

TEST(WithThousands, SeparatesGroupsOfThree) {
  EXPECT_EQ(with_thousands(0), "0");
  EXPECT_EQ(with_thousands(999), "999");
  EXPECT_EQ(with_thousands(1000), "1,000");
  EXPECT_EQ(with_thousands(1402311), "1,402,311");
}

}  // namespace
}  // namespace gslb::base
