// geo/lookup.hpp: walking the tables of an image. Integers only; no bounds are checked because image::check() did.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "base/address.hpp"
#include "geo/image.hpp"

namespace gslb::geo {

/// An address as a number with its first bit at the top; zeros follow an IPv4 address.
using V4Key = std::uint64_t;
using V6Key = unsigned __int128;

template <class Key>
Key key_of(const base::IpAddress& address) noexcept {
  std::uint64_t high = 0;
  std::memcpy(&high, address.octets.data(), 8);
  high = __builtin_bswap64(high);
  if constexpr (std::is_same_v<Key, V4Key>) {
    return high;
  } else {
    std::uint64_t low = 0;
    std::memcpy(&low, address.octets.data() + 8, 8);
    return static_cast<V6Key>(high) << 64 | __builtin_bswap64(low);
  }
}

template <class Key>
unsigned slot_of(Key key) noexcept {
  return static_cast<unsigned>(key >> (sizeof(Key) * 8 - image::direct_bits));
}

/// The six bits at `depth`; zeros beyond the end.
template <class Key>
unsigned chunk_of(Key key, unsigned depth) noexcept {
  return static_cast<unsigned>((key << depth) >> (sizeof(Key) * 8 - image::stride));
}

inline bool bit_of(const std::uint64_t* words, std::uint32_t at) noexcept {
  return (words[at / 64] >> (at % 64) & 1) != 0;
}

inline unsigned ones_below(std::uint64_t word, unsigned bit) noexcept {
  return static_cast<unsigned>(std::popcount(word & ((std::uint64_t{1} << bit) - 1)));
}

inline bool is_child(const image::Node& node, unsigned chunk) noexcept { return (node.vector >> chunk & 1) != 0; }

inline std::uint32_t child_of(const image::Node& node, unsigned chunk) noexcept {
  return node.nodes + ones_below(node.vector, chunk);
}

inline std::uint32_t leaf_index(const image::Node& node, unsigned chunk) noexcept {
  const std::uint64_t up_to = ~std::uint64_t{0} >> (63 - chunk);
  return node.leaves + static_cast<unsigned>(std::popcount(node.runs & up_to)) - 1;
}

/// Bit of a poptrie node's binary node `below` levels under its root, on the way of `chunk`.
inline unsigned heap_bit(unsigned chunk, unsigned below) noexcept {
  return (1U << below) + (chunk >> (image::stride - below)) - 1;
}

/// Position of a split binary node (see geo/image.hpp).
inline std::uint32_t position_of(const image::ScopeNode& node, std::uint64_t shallow, unsigned bit) noexcept {
  const bool is_shallow = (shallow >> bit & 1) != 0;
  return is_shallow ? node.shallow + ones_below(node.split & shallow, bit)
                    : node.deep + ones_below(node.split & ~shallow, bit);
}

}  // namespace gslb::geo
