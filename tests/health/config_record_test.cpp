// What the shared store and each disk say of the configuration that was pushed last.
#include "health/sharing/config_record.hpp"

#include <gtest/gtest.h>

namespace gslb::health {
namespace {

const ConfigRecord pushed{"0123456789abcdef", base::WallTime(std::chrono::milliseconds(1'764'216'000'123)), "ops",
                          "gru opens"};

TEST(ConfigRecord, ComesBackAsItWas) {
  EXPECT_EQ(parse_config_record(to_text(pushed)), pushed);
  ConfigRecord left = pushed;
  left.id.clear();
  left.reason.clear();
  EXPECT_EQ(parse_config_record(to_text(left)), left);
}

TEST(ConfigRecord, KeepsNoControlCharactersAndNoNovels) {
  ConfigRecord odd = pushed;
  odd.reason = "two\nlines" + std::string(300, 'x');
  const auto read = parse_config_record(to_text(odd));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->reason.substr(0, 9), "two lines");
  EXPECT_EQ(read->reason.size(), 256U);
}

TEST(ConfigRecord, IsWholeOrNone) {
  const std::string text = to_text(pushed);
  for (std::size_t i = 0; i < text.size(); ++i) EXPECT_FALSE(parse_config_record(text.substr(0, i))) << i;
  for (const char* other : {"gslb-config 1\nid=xyz\nwhen=1\nauthor=\nreason=\n",
                            "gslb-config 1\nid=0123456789abcdef\nwhen=-1\nauthor=\nreason=\n",
                            "gslb-config 1\nid=0123456789abcdef\nwhen=9000000000001\nauthor=\nreason=\n",
                            "gslb-config 1\nid=0123456789abcdef\nwhen=1\nauthor=\nreason=\nmore\n",
                            "gslb-config 2\nid=0123456789abcdef\nwhen=1\nauthor=\nreason=\n"})
    EXPECT_FALSE(parse_config_record(other)) << other;
}

}  // namespace
}  // namespace gslb::health
