#include "base/source.hpp"

#include <gtest/gtest.h>

namespace gslb::base {
namespace {

std::shared_ptr<const SourceFile> file(std::string text) {
  return std::make_shared<const SourceFile>(SourceFile{"zones/shop.yaml", std::move(text)});
}

TEST(SourceFile, LinesAreCountedFromOneAndEndWithoutTheirEnd) {
  const SourceFile source{"x", "one\r\ntwo\n\nfour"};
  EXPECT_EQ(source.line(1), "one");
  EXPECT_EQ(source.line(2), "two");
  EXPECT_EQ(source.line(3), "");
  EXPECT_EQ(source.line(4), "four");
  EXPECT_EQ(source.line(5), "");
}

TEST(ConfigError, QuotesTheLineWithACaretUnderTheWordAndTheHintBehindIt) {
  const ConfigError error{{file("sites:\n      - { site: fraa, address: 192.0.2.11 }\n"), 2, 17},
                          "services.www.endpoints[1].site",
                          "no site is named \"fraa\"",
                          "did you mean \"fra\"?"};
  EXPECT_EQ(to_string(error),
            "zones/shop.yaml:2:17: services.www.endpoints[1].site: no site is named \"fraa\"\n"
            "    2 |       - { site: fraa, address: 192.0.2.11 }\n"
            "                        ^^^^  did you mean \"fra\"?");
}

TEST(ConfigError, TheCaretStandsUnderTheColumnBehindTabsAndWideCharacters) {
  const ConfigError tab{{file("\tkey: bad\n"), 1, 7}, "", "wrong", ""};
  EXPECT_EQ(to_string(tab), "zones/shop.yaml:1:7: wrong\n    1 | \tkey: bad\n        \t     ^^^");
}

TEST(ConfigError, WithoutALineTheHintStandsInBrackets) {
  const ConfigError error{{file(""), 0, 0}, "listen", "is missing", "add one"};
  EXPECT_EQ(to_string(error), "zones/shop.yaml: listen: is missing (add one)");
}

TEST(ConfigError, WithoutAFileOnlyPathAndSentenceRemain) {
  EXPECT_EQ(to_string(ConfigError{{}, "listen", "is missing", ""}), "listen: is missing");
}

TEST(ConfigError, PositionsBeyondTheTextAreNotQuoted) {
  EXPECT_EQ(to_string(ConfigError{{file("a\n"), 9, 1}, "", "wrong", ""}), "zones/shop.yaml:9:1: wrong");
}

TEST(ConfigError, AHostileLineIsQuotedShortAndPrintable) {
  const ConfigError error{{file("\x1b[2J" + std::string(100'000, 'x')), 1, 1}, "", "wrong", ""};
  const std::string text = to_string(error);
  EXPECT_LT(text.size(), 600U);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(ErrorList, KeepsAllInTheOrderTheyWereFound) {
  ErrorList errors;
  EXPECT_TRUE(errors.empty());
  errors.add({}, "b", "second letter");
  errors.add({}, "a", "first letter", "hint");
  ASSERT_EQ(errors.all().size(), 2U);
  EXPECT_EQ(errors.all()[0].path, "b");
  EXPECT_EQ(errors.all()[1].hint, "hint");
}

TEST(NearestWord, FindsTheWordThatWasMeant) {
  const std::vector<std::string> words{"interval", "timeout", "fall", "rise"};
  EXPECT_EQ(nearest_word("intervall", words), "interval");
  EXPECT_EQ(nearest_word("tiemout", words), "timeout");
  EXPECT_EQ(nearest_word("fal", words), "fall");
}

TEST(NearestWord, SaysNothingWhenNothingIsNear) {
  EXPECT_EQ(nearest_word("jitter", {"fall", "rise"}), "");
  EXPECT_EQ(nearest_word("", {}), "");
}

}  // namespace
}  // namespace gslb::base
