#include "net/proxy_header.hpp"

#include <algorithm>
#include <array>

namespace gslb::net {

namespace {

constexpr std::array<std::uint8_t, 12> signature = {'\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};

std::uint16_t number(std::span<const std::uint8_t> octets, std::size_t at) noexcept {
  return static_cast<std::uint16_t>(octets[at] << 8 | octets[at + 1]);
}

}  // namespace

ProxyHeader parse_proxy_header(std::span<const std::uint8_t> octets) noexcept {
  using Outcome = ProxyHeader::Outcome;
  const std::size_t known = std::min(octets.size(), signature.size());
  if (!std::equal(signature.begin(), signature.begin() + known, octets.begin())) return {};
  if (octets.size() < ProxyHeader::fixed) return {Outcome::incomplete, ProxyHeader::fixed, {}};
  const unsigned version = octets[12] >> 4;
  const unsigned command = octets[12] & 15U;
  const unsigned family = octets[13] >> 4;
  const unsigned transport = octets[13] & 15U;
  const std::size_t length = number(octets, 14);
  const std::size_t size = ProxyHeader::fixed + length;
  if (version != 2 || command > 1 || family > 3 || transport > 2 || size > ProxyHeader::longest) return {};
  const bool local = command == 0 || family == 0 || transport == 0;
  const std::size_t address = family == 1 ? 4 : 16;
  if (!local && (family == 3 || length < 2 * address + 4)) return {};
  if (octets.size() < size) return {Outcome::incomplete, size, {}};
  if (local) return {Outcome::local, size, {}};
  ProxyHeader out{Outcome::proxied, size, {}};
  out.client.address.family = family == 1 ? base::Family::v4 : base::Family::v6;
  const auto source = octets.subspan(ProxyHeader::fixed, address);
  std::copy(source.begin(), source.end(), out.client.address.octets.begin());
  out.client.address = base::unmapped(out.client.address);
  out.client.port = number(octets, ProxyHeader::fixed + 2 * address);
  return out;
}

}  // namespace gslb::net
