// RFC 1982: serial number arithmetic with SERIAL_BITS 32.
#include <gtest/gtest.h>

#include "dns/serial.hpp"

namespace gslb::dns {
namespace {

// Section 3.2.
TEST(Rfc1982Section3, ASerialIsNewerThanTheHalfOfTheCircleBehindIt) {
  static_assert(is_newer_serial(1, 0));
  static_assert(is_newer_serial(44, 0));
  static_assert(is_newer_serial(0x7fffffff, 0));
  static_assert(is_newer_serial(100, 0xfffffff0));
  static_assert(is_newer_serial(0, 0xffffffff));
  static_assert(is_newer_serial(0x80000000, 1));
  for (const std::uint32_t now : {0U, 1U, 0x7fffffffU, 0xffffffffU}) EXPECT_TRUE(is_newer_serial(now + 1, now)) << now;
  EXPECT_FALSE(is_newer_serial(0, 1));
  EXPECT_FALSE(is_newer_serial(0xfffffff0, 100));
  EXPECT_FALSE(is_newer_serial(7, 7));
}

TEST(Rfc1982Section3, TwoSerialsHalfACircleApartAreNeitherNewerNorOlder) {
  EXPECT_FALSE(is_newer_serial(0x80000000, 0));
  EXPECT_FALSE(is_newer_serial(0, 0x80000000));
}

}  // namespace
}  // namespace gslb::dns
