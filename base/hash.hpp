// base/hash.hpp: integer-only hashing. Stable across machines and releases: clients stay where a hash put them.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace gslb::base {

/// A bijection of 64-bit numbers in which each input bit moves about half of the output bits.
constexpr std::uint64_t mix(std::uint64_t x) noexcept {
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93ULL;
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93ULL;
  x ^= x >> 32;
  return x;
}

constexpr std::uint64_t combine(std::uint64_t seed, std::uint64_t value) noexcept {
  return mix(seed ^ (value + 0x9e3779b97f4a7c15ULL + (seed << 6) + (seed >> 2)));
}

/// A quicker, one-way mix of two numbers: both halves of their product. Of one that is 0 nothing is left.
constexpr std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

/// The 1 to 7 octets at `at` as the low octets of a word, without a call of memcpy for a size known only at run time.
inline std::uint64_t short_word(const unsigned char* at, std::size_t size) noexcept {
  if (size >= 4) {  // the two halves overlap, and agree where they do
    std::uint32_t first;
    std::uint32_t last;
    std::memcpy(&first, at, 4);
    std::memcpy(&last, at + size - 4, 4);
    return first | static_cast<std::uint64_t>(last) << (8 * (size - 4));
  }
  const std::size_t middle = size / 2;
  return at[0] | static_cast<std::uint64_t>(at[middle]) << (8 * middle) |
         static_cast<std::uint64_t>(at[size - 1]) << (8 * (size - 1));
}

/// Hash of octets; reads little-endian words, so it is for little-endian machines like the rest of our images.
inline std::uint64_t hash_bytes(const void* data, std::size_t size, std::uint64_t seed = 0) noexcept {
  const auto* at = static_cast<const unsigned char*>(data);
  std::uint64_t h = seed ^ (size * 0x9e3779b97f4a7c15ULL);
  while (size >= 8) {
    std::uint64_t word;
    std::memcpy(&word, at, 8);
    h = mix(h ^ word) + 0x9e3779b97f4a7c15ULL;
    at += 8;
    size -= 8;
  }
  if (size != 0) {
    h = mix(h ^ short_word(at, size));
  }
  return mix(h);
}

inline std::uint64_t hash_bytes(std::span<const std::uint8_t> bytes, std::uint64_t seed = 0) noexcept {
  return hash_bytes(bytes.data(), bytes.size(), seed);
}
inline std::uint64_t hash_bytes(std::string_view text, std::uint64_t seed = 0) noexcept {
  return hash_bytes(text.data(), text.size(), seed);
}

/// Maps a uniform 64-bit hash to [0, n) without division.
constexpr std::uint32_t reduce(std::uint64_t hash, std::uint32_t n) noexcept {
  return static_cast<std::uint32_t>(((hash >> 32) * n) >> 32);
}

}  // namespace gslb::base
