// base/address.hpp: IP addresses and prefixes, without sockets.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gslb::base {

enum class Family : std::uint8_t { v4, v6 };

constexpr unsigned bits(Family family) noexcept { return family == Family::v4 ? 32 : 128; }

/// An IPv4 or IPv6 address in network byte order. An IPv4 address uses the first four octets; the rest are zero.
struct IpAddress {
  Family family = Family::v4;
  std::array<std::uint8_t, 16> octets{};

  constexpr auto operator<=>(const IpAddress&) const = default;

  static constexpr IpAddress v4(std::uint32_t host_order) noexcept {
    IpAddress a;
    for (int i = 0; i < 4; ++i) a.octets[i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
    return a;
  }
  /// The 4 or 16 octets that are the address.
  std::span<const std::uint8_t> bytes() const noexcept { return {octets.data(), family == Family::v4 ? 4U : 16U}; }
  /// An IPv4 address as a number, most significant octet first.
  constexpr std::uint32_t as_v4() const noexcept {
    return static_cast<std::uint32_t>(octets[0]) << 24 | static_cast<std::uint32_t>(octets[1]) << 16 |
           static_cast<std::uint32_t>(octets[2]) << 8 | octets[3];
  }
};

/// "192.0.2.1" or "2001:db8::1"; nothing else (no port, no zone, no leading or trailing space).
std::optional<IpAddress> parse_address(std::string_view text);
std::string to_string(const IpAddress& address);

/// ::ffff:a.b.c.d becomes a.b.c.d; anything else is unchanged.
IpAddress unmapped(const IpAddress& address) noexcept;

/// The address with all bits after the first `length` cleared.
IpAddress masked(IpAddress address, unsigned length) noexcept;

/// A network. Invariant of parse_prefix and make_prefix: no bit after `length` is set.
struct Prefix {
  IpAddress address;
  std::uint8_t length = 0;

  constexpr auto operator<=>(const Prefix&) const = default;
  bool contains(const IpAddress& other) const noexcept;
};

Prefix make_prefix(const IpAddress& address, unsigned length) noexcept;
/// "192.0.2.0/24", or an address alone (full length). Refuses set bits after the length.
std::optional<Prefix> parse_prefix(std::string_view text);
std::string to_string(const Prefix& prefix);

/// An address and a port; "192.0.2.1:53" or "[2001:db8::1]:53".
struct SocketAddress {
  IpAddress address;
  std::uint16_t port = 0;
  constexpr auto operator<=>(const SocketAddress&) const = default;
};
std::optional<SocketAddress> parse_socket_address(std::string_view text);
std::string to_string(const SocketAddress& address);

}  // namespace gslb::base
