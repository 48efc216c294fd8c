// dns/name_hash.hpp: the hash of a name, built from the root down so that every ancestor's hash comes out on the way.
#pragma once

#include <cstdint>

#include "base/hash.hpp"
#include "dns/name.hpp"

namespace gslb::dns {

inline constexpr std::uint64_t root_hash = 0x67736c62642d3031ULL;

/// Hash of "<label>.<parent>"; `label` is lower case and without its length octet.
inline std::uint64_t child_hash(std::uint64_t parent, const std::uint8_t* label, std::size_t length) noexcept {
  return base::hash_bytes(label, length, parent);
}

/// Hash of a lower-case wire name.
std::uint64_t hash_name(NameView name) noexcept;

}  // namespace gslb::dns
