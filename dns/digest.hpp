// dns/digest.hpp: SHA-256 (FIPS 180-4) of octets. Threads: any.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace gslb::dns {

std::array<std::uint8_t, 32> sha256(std::span<const std::uint8_t> octets);

}  // namespace gslb::dns
