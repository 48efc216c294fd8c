#include "geo/special.hpp"

#include <array>

namespace gslb::geo {

namespace {

constexpr base::Prefix v4(unsigned a, unsigned b, unsigned c, std::uint8_t length) {
  return {base::IpAddress::v4(a << 24 | b << 16 | c << 8), length};
}

constexpr base::Prefix v6(std::array<unsigned, 6> groups, std::uint8_t length) {
  base::Prefix prefix{{base::Family::v6, {}}, length};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    prefix.address.octets[2 * i] = static_cast<std::uint8_t>(groups[i] >> 8);
    prefix.address.octets[2 * i + 1] = static_cast<std::uint8_t>(groups[i] & 0xff);
  }
  return prefix;
}

constexpr std::array v4_blocks{
    v4(0, 0, 0, 8),        // this network
    v4(10, 0, 0, 8),       // private use
    v4(100, 64, 0, 10),    // shared address space
    v4(127, 0, 0, 8),      // loopback
    v4(169, 254, 0, 16),   // link local
    v4(172, 16, 0, 12),    // private use
    v4(192, 0, 0, 24),     // protocol assignments
    v4(192, 0, 2, 24),     // documentation
    v4(192, 88, 99, 24),   // 6to4 relays, deprecated
    v4(192, 168, 0, 16),   // private use
    v4(198, 18, 0, 15),    // benchmarking
    v4(198, 51, 100, 24),  // documentation
    v4(203, 0, 113, 24),   // documentation
    v4(224, 0, 0, 4),      // multicast
    v4(240, 0, 0, 4),      // reserved, broadcast
};

constexpr std::array v6_blocks{
    v6({0, 0}, 16),             // unspecified, loopback, IPv4-mapped and IPv4-compatible
    v6({0x64, 0xff9b}, 96),     // IPv4/IPv6 translation
    v6({0x64, 0xff9b, 1}, 48),  // local-use translation
    v6({0x100, 0}, 63),         // discard only, and the dummy prefix beside it
    v6({0x2001, 0}, 32),        // Teredo
    v6({0x2001, 2}, 48),        // benchmarking
    v6({0x2001, 0x10}, 28),     // ORCHID, deprecated
    v6({0x2001, 0x20}, 28),     // ORCHIDv2
    v6({0x2001, 0x30}, 28),     // drone remote identification
    v6({0x2001, 0xdb8}, 32),    // documentation
    v6({0x2002, 0}, 16),        // 6to4
    v6({0x3fff, 0}, 20),        // documentation
    v6({0x5f00, 0}, 16),        // segment routing identifiers
    v6({0xfc00, 0}, 7),         // unique local
    v6({0xfe80, 0}, 10),        // link local
    v6({0xfec0, 0}, 10),        // site local, deprecated
    v6({0xff00, 0}, 8),         // multicast
};

template <std::size_t Size>
constexpr std::array<bool, 256> first_octets(const std::array<base::Prefix, Size>& blocks) {
  std::array<bool, 256> octets{};
  for (const base::Prefix& block : blocks) {
    const unsigned first = block.address.octets[0];
    const unsigned count = block.length >= 8 ? 1U : 1U << (8 - block.length);
    for (unsigned i = 0; i < count; ++i) octets[first + i] = true;
  }
  return octets;
}

constexpr auto v4_first_octets = first_octets(v4_blocks);
constexpr auto v6_first_octets = first_octets(v6_blocks);

}  // namespace

std::span<const base::Prefix> special_blocks(base::Family family) noexcept {
  if (family == base::Family::v4) return v4_blocks;
  return v6_blocks;
}

bool may_be_special(const base::IpAddress& address) noexcept {
  return address.family == base::Family::v4 ? v4_first_octets[address.octets[0]] : v6_first_octets[address.octets[0]];
}

std::optional<unsigned> special_block_length(const base::IpAddress& address) noexcept {
  if (!may_be_special(address)) return std::nullopt;
  for (const base::Prefix& block : special_blocks(address.family)) {
    if (block.contains(address)) return block.length;
  }
  return std::nullopt;
}

}  // namespace gslb::geo
