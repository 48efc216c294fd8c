// base/random.hpp: a small seeded generator (xoshiro256++). Not for secrets. One for each thread.
#pragma once

#include <bit>
#include <cstdint>

#include "base/hash.hpp"

namespace gslb::base {

class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept {
    for (auto& word : state_) word = mix(seed += 0x9e3779b97f4a7c15ULL);
  }

  std::uint64_t next() noexcept {
    const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  /// Uniform in [0, n); n > 0.
  std::uint32_t below(std::uint32_t n) noexcept { return reduce(next(), n); }

 private:
  std::uint64_t state_[4];
};

}  // namespace gslb::base
