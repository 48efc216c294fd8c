#include "config/bundle.hpp"

#include <gtest/gtest.h>

namespace gslb::config {
namespace {

const Bundle two{{{"gslb.yaml", "include: zones/*.yaml\n"}, {"zones/a b.yaml", std::string("\0\n12 x\nend ", 12)}}};

TEST(Bundle, ComesBackAsItWent) {
  const auto text = to_text(two);
  ASSERT_TRUE(text);
  const auto again = parse_bundle(*text);
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(*again, two);
}

TEST(Bundle, IsCalledByItsContent) {
  EXPECT_EQ(name_of_bundle("a").size(), 16U);
  EXPECT_NE(name_of_bundle("a"), name_of_bundle("b"));
}

TEST(Bundle, RefusesAPathThatLeadsElsewhere) {
  for (const char* path : {"", "/etc/passwd", "../x", "a/../x", "a//b", "./a", "a/", "a\nb"})
    EXPECT_FALSE(to_text({{{path, ""}}})) << path;
}

TEST(Bundle, RefusesEveryTextCutShortAndEveryChangedOctet) {
  const std::string text = *to_text(two);
  for (std::size_t i = 0; i < text.size(); ++i) {
    EXPECT_FALSE(parse_bundle(text.substr(0, i))) << i;
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(parse_bundle(changed)) << i;
  }
}

TEST(Bundle, RefusesAFileThatComesTwiceAndNoFileAtAll) {
  EXPECT_FALSE(parse_bundle(*to_text({{{"a", "1"}, {"a", "2"}}})));
  EXPECT_FALSE(parse_bundle(*to_text({})));
}

TEST(Bundle, IsWrittenInOneWayOnly) {
  for (const char* size : {"01", "+1", " 1", ""}) {
    std::string text = std::string("gslb-bundle 1\n") + size + " a\nx\n";
    text += "end " + name_of_bundle(text) + "\n";
    EXPECT_FALSE(parse_bundle(text)) << size;
  }
}

TEST(Bundle, RefusesWhatIsTooLarge) { EXPECT_FALSE(to_text({{{"a", std::string(longest_bundle, 'x')}}})); }

}  // namespace
}  // namespace gslb::config
