#include "base/address.hpp"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>

namespace gslb::base {

std::optional<IpAddress> parse_address(std::string_view text) {
  char copy[INET6_ADDRSTRLEN + 1];
  if (text.empty() || text.size() >= sizeof copy) return std::nullopt;
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = '\0';
  IpAddress address;
  if (inet_pton(AF_INET, copy, address.octets.data()) == 1) return address;
  address.family = Family::v6;
  if (inet_pton(AF_INET6, copy, address.octets.data()) == 1) return address;
  return std::nullopt;
}

std::string to_string(const IpAddress& address) {
  char text[INET6_ADDRSTRLEN];
  inet_ntop(address.family == Family::v4 ? AF_INET : AF_INET6, address.octets.data(), text, sizeof text);
  return text;
}

IpAddress unmapped(const IpAddress& address) noexcept {
  static constexpr std::uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (address.family == Family::v4 || std::memcmp(address.octets.data(), mapped, sizeof mapped) != 0) return address;
  IpAddress inner;
  std::memcpy(inner.octets.data(), address.octets.data() + 12, 4);
  return inner;
}

IpAddress masked(IpAddress address, unsigned length) noexcept {
  static constexpr std::uint64_t all = ~std::uint64_t{0};
  const auto keep = [&address](std::size_t at, std::uint64_t bits) {
    std::uint64_t half;
    std::memcpy(&half, &address.octets[at], sizeof half);
    half &= __builtin_bswap64(bits);
    std::memcpy(&address.octets[at], &half, sizeof half);
  };
  keep(0, length < 64 ? ~(all >> length) : all);
  keep(8, length <= 64 ? 0 : length < 128 ? ~(all >> (length - 64)) : all);
  return address;
}

bool Prefix::contains(const IpAddress& other) const noexcept {
  return other.family == address.family && masked(other, length) == address;
}

Prefix make_prefix(const IpAddress& address, unsigned length) noexcept {
  return {masked(address, length), static_cast<std::uint8_t>(length)};
}

namespace {
template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}
}  // namespace

std::optional<Prefix> parse_prefix(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  unsigned length = bits(address->family);
  if (slash != std::string_view::npos) {
    const auto given = parse_number<unsigned>(text.substr(slash + 1));
    if (!given || *given > length) return std::nullopt;
    length = *given;
  }
  const Prefix prefix = make_prefix(*address, length);
  if (prefix.address != *address) return std::nullopt;
  return prefix;
}

std::string to_string(const Prefix& prefix) { return to_string(prefix.address) + "/" + std::to_string(prefix.length); }

std::optional<SocketAddress> parse_socket_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_number<std::uint16_t>(text.substr(colon + 1));
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto address = parse_address(host);
  if (!port || !address || (address->family == Family::v6) != bracketed) return std::nullopt;
  return SocketAddress{*address, *port};
}

std::string to_string(const SocketAddress& address) {
  const std::string host = to_string(address.address);
  return (address.address.family == Family::v6 ? "[" + host + "]" : host) + ":" + std::to_string(address.port);
}

}  // namespace gslb::base
