// dns/serial.hpp: which of two SOA serials is newer (RFC 1982).
#pragma once

#include <cstdint>

namespace gslb::dns {

/// Whether `next` is newer than `now`. False for equal serials and for two that are 2^31 apart, which RFC 1982
/// section 3.2 leaves undefined: no secondary need take such a step.
constexpr bool is_newer_serial(std::uint32_t next, std::uint32_t now) noexcept {
  const std::uint32_t ahead = next - now;
  return ahead != 0 && ahead < 0x80000000U;
}

}  // namespace gslb::dns
