#include "geo/special.hpp"

#include <gtest/gtest.h>

namespace gslb::geo {
namespace {

std::optional<unsigned> block(const char* address) { return special_block_length(*base::parse_address(address)); }

// RFC 6890 and the IANA special-purpose address registries.
TEST(SpecialBlocks, HoldThePrivateAndTheDocumentationAddresses) {
  EXPECT_EQ(block("10.20.30.40"), 8U);
  EXPECT_EQ(block("100.64.0.1"), 10U);
  EXPECT_EQ(block("127.0.0.1"), 8U);
  EXPECT_EQ(block("172.31.255.255"), 12U);
  EXPECT_EQ(block("192.168.1.1"), 16U);
  EXPECT_EQ(block("198.19.255.255"), 15U);
  EXPECT_EQ(block("203.0.113.9"), 24U);
  EXPECT_EQ(block("255.255.255.255"), 4U);
  EXPECT_EQ(block("::1"), 16U);
  EXPECT_EQ(block("::ffff:192.0.2.1"), 16U);
  EXPECT_EQ(block("2001::1"), 32U);
  EXPECT_EQ(block("2001:db8:1::1"), 32U);
  EXPECT_EQ(block("2002:1::1"), 16U);
  EXPECT_EQ(block("3fff:fff::1"), 20U);
  EXPECT_EQ(block("fd00::1"), 7U);
  EXPECT_EQ(block("fe80::1"), 10U);
  EXPECT_EQ(block("ff02::1"), 8U);
}

TEST(SpecialBlocks, LeaveTheirNeighboursAlone) {
  for (const char* address : {"1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255",
                              "172.32.0.0", "192.0.1.0", "192.0.3.0", "198.17.255.255", "198.20.0.0", "223.255.255.255",
                              "2001:1::1", "2001:db9::", "2003::", "2a00::1", "3fff:1000::", "2600::"}) {
    EXPECT_EQ(block(address), std::nullopt) << address;
  }
}

TEST(SpecialBlocks, DoNotOverlap) {
  for (const base::Family family : {base::Family::v4, base::Family::v6}) {
    const auto blocks = special_blocks(family);
    for (const base::Prefix& one : blocks) {
      EXPECT_EQ(one, base::make_prefix(one.address, one.length));
      EXPECT_TRUE(may_be_special(one.address));
      for (const base::Prefix& other : blocks) {
        EXPECT_TRUE(&one == &other || !one.contains(other.address)) << base::to_string(one) << base::to_string(other);
      }
    }
  }
}

}  // namespace
}  // namespace gslb::geo
