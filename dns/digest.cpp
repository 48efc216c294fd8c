#include "dns/digest.hpp"

#include <openssl/sha.h>

namespace gslb::dns {

std::array<std::uint8_t, 32> sha256(std::span<const std::uint8_t> octets) {
  std::array<std::uint8_t, 32> out;
  SHA256(octets.data(), octets.size(), out.data());
  return out;
}

}  // namespace gslb::dns
