// dns/name_hash.hpp: the hash of a name, built from the root down so that every ancestor's hash comes out on the way.
#pragma once

#include <cstdint>
#include <cstring>

#include "base/hash.hpp"
#include "dns/name.hpp"

namespace gslb::dns {

inline constexpr std::uint64_t root_hash = 0x67736c62642d3031ULL;

/// Hash of "<label>.<parent>"; `label` is lower case, 1 to 63 octets, without its length octet. Only the last step
/// waits for the parent's hash, so that the labels of a name are hashed side by side. For tables of names that we chose
/// ourselves: it withstands no attacker.
inline std::uint64_t child_hash(std::uint64_t parent, const std::uint8_t* label, std::size_t length) noexcept {
  std::uint64_t own = length * 0x9e3779b97f4a7c15ULL;
  for (; length > 8; label += 8, length -= 8) {
    std::uint64_t word;
    std::memcpy(&word, label, sizeof word);
    own = base::fold(own ^ word, 0xd6e8feb86659fd93ULL);
  }
  std::uint64_t last;
  if (length == 8)
    std::memcpy(&last, label, sizeof last);
  else
    last = base::short_word(label, length);
  return base::fold(parent ^ 0xa0761d6478bd642fULL,
                    base::fold(own ^ last, 0xd6e8feb86659fd93ULL) ^ 0x9e3779b97f4a7c15ULL);
}

/// Hash of a lower-case wire name.
std::uint64_t hash_name(NameView name) noexcept;

}  // namespace gslb::dns
