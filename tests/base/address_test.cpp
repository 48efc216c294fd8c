#include "base/address.hpp"

#include <gtest/gtest.h>

namespace gslb::base {
namespace {

IpAddress address(std::string_view text) { return parse_address(text).value(); }

TEST(Address, ReadsBothFamiliesAndWritesThemBack) {
  for (const char* text : {"0.0.0.0", "192.0.2.1", "255.255.255.255", "::", "::1", "2001:db8::1", "fe80::1:2:3:4"})
    EXPECT_EQ(to_string(address(text)), text);
}

// RFC 5952 section 4: the shortest lower-case form.
TEST(Address, WritesTheCanonicalFormOfIpv6) {
  EXPECT_EQ(to_string(address("2001:0DB8:0:0:0:0:0:0001")), "2001:db8::1");
}

TEST(Address, RefusesAnythingThatIsNotOneAddress) {
  for (const char* text : {"", " 192.0.2.1", "192.0.2.1 ", "192.0.2", "192.0.2.256", "192.0.2.1:53", "192.0.2.1/32",
                           "fe80::1%eth0", "[::1]", "2001:db8::1::2", "www.example.org", "0x7f.0.0.1",
                           "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc"})
    EXPECT_FALSE(parse_address(text)) << text;
  EXPECT_FALSE(parse_address(std::string_view("192.0.2.1\0", 10)));
}

TEST(Address, Ipv4IsANumberMostSignificantOctetFirst) {
  EXPECT_EQ(address("192.0.2.1").as_v4(), 0xc0000201U);
  EXPECT_EQ(IpAddress::v4(0xc0000201U), address("192.0.2.1"));
  EXPECT_EQ(address("192.0.2.1").bytes().size(), 4U);
  EXPECT_EQ(address("2001:db8::1").bytes().size(), 16U);
}

// RFC 4291 section 2.5.5.2.
TEST(Address, UnmapsOnlyIpv4MappedAddresses) {
  EXPECT_EQ(unmapped(address("::ffff:192.0.2.1")), address("192.0.2.1"));
  EXPECT_EQ(unmapped(address("::fffe:192.0.2.1")), address("::fffe:192.0.2.1"));
  EXPECT_EQ(unmapped(address("192.0.2.1")), address("192.0.2.1"));
}

TEST(Address, MaskKeepsExactlyTheFirstBits) {
  EXPECT_EQ(masked(address("198.51.100.255"), 0), address("0.0.0.0"));
  EXPECT_EQ(masked(address("198.51.100.255"), 25), address("198.51.100.128"));
  EXPECT_EQ(masked(address("198.51.100.255"), 32), address("198.51.100.255"));
  EXPECT_EQ(masked(address("2001:db8:ffff::1"), 33), address("2001:db8:8000::"));
  EXPECT_EQ(masked(address("2001:db8::ffff"), 128), address("2001:db8::ffff"));
}

TEST(Prefix, ReadsANetworkOrOneAddress) {
  EXPECT_EQ(to_string(parse_prefix("192.0.2.0/24").value()), "192.0.2.0/24");
  EXPECT_EQ(to_string(parse_prefix("192.0.2.1").value()), "192.0.2.1/32");
  EXPECT_EQ(to_string(parse_prefix("2001:db8::").value()), "2001:db8::/128");
  EXPECT_EQ(to_string(parse_prefix("::/0").value()), "::/0");
}

TEST(Prefix, RefusesBitsAfterTheLengthAndLengthsThatDoNotExist) {
  for (const char* text : {"192.0.2.1/24", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/-1", "192.0.2.0/24x",
                           "192.0.2.0/ 24", "2001:db8::/129", "2001:db8::1/64", "/24", "192.0.2.0/24/24"})
    EXPECT_FALSE(parse_prefix(text)) << text;
}

TEST(Prefix, ContainsAddressesOfItsOwnFamilyOnly) {
  const Prefix all_v4 = parse_prefix("0.0.0.0/0").value();
  EXPECT_TRUE(all_v4.contains(address("203.0.113.9")));
  EXPECT_FALSE(all_v4.contains(address("::")));
  const Prefix half = parse_prefix("198.51.100.128/25").value();
  EXPECT_TRUE(half.contains(address("198.51.100.128")));
  EXPECT_FALSE(half.contains(address("198.51.100.127")));
}

TEST(SocketAddress, NeedsBracketsAroundIpv6AndAPort) {
  EXPECT_EQ(to_string(parse_socket_address("192.0.2.1:53").value()), "192.0.2.1:53");
  EXPECT_EQ(to_string(parse_socket_address("[2001:db8::1]:5300").value()), "[2001:db8::1]:5300");
  for (const char* text : {"192.0.2.1", "192.0.2.1:", "192.0.2.1:65536", "192.0.2.1:x", "2001:db8::1:53",
                           "[192.0.2.1]:53", ":53", "[]:53", "[::1]", ""})
    EXPECT_FALSE(parse_socket_address(text)) << text;
}

}  // namespace
}  // namespace gslb::base
