#include "dns/types.hpp"

#include <gtest/gtest.h>

namespace gslb::dns {
namespace {

TEST(RecordType, HasItsMnemonic) {
  EXPECT_EQ(to_string(Rtype::A), "A");
  EXPECT_EQ(to_string(Rtype::HTTPS), "HTTPS");
  EXPECT_EQ(to_string(Rtype::CAA), "CAA");
  EXPECT_EQ(to_string(Rtype::ANY), "ANY");
  EXPECT_EQ(parse_rtype("AAAA"), Rtype::AAAA);
  EXPECT_EQ(parse_rtype("svcb"), Rtype::SVCB);
  EXPECT_EQ(parse_rtype("AXFR"), Rtype::AXFR);
}

// RFC 3597 section 5: a type without a mnemonic is TYPE and its number; types with one may be written so too.
TEST(RecordType, MayBeWrittenAsANumber) {
  EXPECT_EQ(to_string(static_cast<Rtype>(65280)), "TYPE65280");
  EXPECT_EQ(parse_rtype("TYPE65280"), static_cast<Rtype>(65280));
  EXPECT_EQ(parse_rtype("type1"), Rtype::A);
  EXPECT_EQ(parse_rtype("TYPE0"), static_cast<Rtype>(0));
}

TEST(RecordType, IsNothingElse) {
  for (const char* bad : {"", "TYPE", "TYPE65536", "TYPE1x", "TYPE-1", "TYPE+1", "AA", "A ", "A{", "NOSUCH"})
    EXPECT_FALSE(parse_rtype(bad)) << bad;
  EXPECT_FALSE(parse_rtype(std::string_view("A\0B", 3)));
}

TEST(RecordType, EveryNumberSurvivesTextAndBack) {
  for (unsigned number = 0; number < 65536; ++number) {
    const auto type = static_cast<Rtype>(number);
    ASSERT_EQ(parse_rtype(to_string(type)), type) << to_string(type);
  }
}

}  // namespace
}  // namespace gslb::dns
