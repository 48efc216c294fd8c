#include "net/proxy_header.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace gslb::net {
namespace {

using Octets = std::vector<std::uint8_t>;
using Outcome = ProxyHeader::Outcome;

/// A header as the specification (section 2.2) draws it.
Octets header(unsigned version_command, unsigned family_transport, const Octets& rest) {
  Octets out{0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};
  out.push_back(static_cast<std::uint8_t>(version_command));
  out.push_back(static_cast<std::uint8_t>(family_transport));
  out.push_back(static_cast<std::uint8_t>(rest.size() >> 8));
  out.push_back(static_cast<std::uint8_t>(rest.size() & 0xff));
  out.insert(out.end(), rest.begin(), rest.end());
  return out;
}

const Octets v4{203, 0, 113, 7, 192, 0, 2, 1, 0x14, 0xe9, 0, 53};

Octets v6() {
  Octets out(36);
  out[0] = 0x20, out[1] = 0x01, out[2] = 0x0d, out[3] = 0xb8, out[15] = 9;
  out[32] = 0x14, out[33] = 0xe9;
  return out;
}

std::string client(const Octets& octets) {
  const ProxyHeader parsed = parse_proxy_header(octets);
  return parsed.outcome == Outcome::proxied ? base::to_string(parsed.client) : "";
}

TEST(ProxyHeader, NamesTheClientOfAStreamAndOfADatagram) {
  EXPECT_EQ(client(header(0x21, 0x11, v4)), "203.0.113.7:5353");
  EXPECT_EQ(client(header(0x21, 0x12, v4)), "203.0.113.7:5353");
  EXPECT_EQ(client(header(0x21, 0x21, v6())), "[2001:db8::9]:5353");
  EXPECT_EQ(client(header(0x21, 0x22, v6())), "[2001:db8::9]:5353");
}

TEST(ProxyHeader, AnIpv4AddressInsideIpv6IsOne) {
  Octets mapped(36);
  mapped[10] = mapped[11] = 0xff;
  mapped[12] = 192, mapped[14] = 2, mapped[15] = 1, mapped[33] = 1;
  EXPECT_EQ(client(header(0x21, 0x21, mapped)), "192.0.2.1:1");
}

TEST(ProxyHeader, EndsBehindItsTlvsWhichAreSkipped) {
  Octets rest = v4;
  rest.insert(rest.end(), {0x04, 0x00, 0x01, 0x00, 0xff});
  Octets octets = header(0x21, 0x11, rest);
  const std::size_t size = octets.size();
  octets.insert(octets.end(), 100, 'x');
  EXPECT_EQ(client(octets), "203.0.113.7:5353");
  EXPECT_EQ(parse_proxy_header(octets).size, size);
}

TEST(ProxyHeader, LocalMeansTheProxyItselfWhateverFollows) {
  for (const Octets& octets : {header(0x20, 0x00, {}), header(0x20, 0x11, v4), header(0x20, 0x11, {1, 2, 3}),
                               header(0x21, 0x00, {}), header(0x21, 0x00, v4), header(0x21, 0x10, v4)}) {
    const ProxyHeader parsed = parse_proxy_header(octets);
    EXPECT_EQ(parsed.outcome, Outcome::local);
    EXPECT_EQ(parsed.size, octets.size());
  }
}

TEST(ProxyHeader, EveryBeginningAsksForWhatIsMissing) {
  const Octets whole = header(0x21, 0x11, v4);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const ProxyHeader parsed = parse_proxy_header(std::span(whole).first(size));
    EXPECT_EQ(parsed.outcome, Outcome::incomplete) << size;
    EXPECT_EQ(parsed.size, size < ProxyHeader::fixed ? ProxyHeader::fixed : whole.size()) << size;
  }
}

TEST(ProxyHeader, WhatIsNoneIsKnownByItsFirstWrongOctet) {
  const Octets whole = header(0x21, 0x11, v4);
  for (std::size_t at = 0; at < 12; ++at) {
    Octets wrong = whole;
    wrong[at] ^= 1;
    EXPECT_EQ(parse_proxy_header(std::span(wrong).first(at + 1)).outcome, Outcome::malformed) << at;
  }
  EXPECT_EQ(client({0, 29, 0x12, 0x34}), "");
  const std::string text = "PROXY TCP4 203.0.113.7 192.0.2.1 5353 53\r\n";  // version 1
  EXPECT_EQ(parse_proxy_header(Octets(text.begin(), text.end())).outcome, Outcome::malformed);
}

TEST(ProxyHeader, OtherVersionsCommandsFamiliesAndTransportsAreRefused) {
  for (const auto& [first, second] : std::vector<std::pair<unsigned, unsigned>>{
           {0x11, 0x11}, {0x31, 0x11}, {0x22, 0x11}, {0x2f, 0x11}, {0x21, 0x41}, {0x21, 0x13}, {0x21, 0x31}})
    EXPECT_EQ(parse_proxy_header(header(first, second, Octets(216))).outcome, Outcome::malformed) << first << second;
}

TEST(ProxyHeader, AddressesThatDoNotFitAreRefused) {
  EXPECT_EQ(parse_proxy_header(header(0x21, 0x11, Octets(11))).outcome, Outcome::malformed);
  EXPECT_EQ(parse_proxy_header(header(0x21, 0x21, Octets(35))).outcome, Outcome::malformed);
}

TEST(ProxyHeader, ALongHeaderIsRefusedBeforeItComes) {
  const Octets longest = header(0x21, 0x11, Octets(ProxyHeader::longest - ProxyHeader::fixed));
  EXPECT_EQ(parse_proxy_header(longest).outcome, Outcome::proxied);
  const Octets longer = header(0x21, 0x11, Octets(ProxyHeader::longest - ProxyHeader::fixed + 1));
  EXPECT_EQ(parse_proxy_header(std::span(longer).first(16)).outcome, Outcome::malformed);
}

}  // namespace
}  // namespace gslb::net
