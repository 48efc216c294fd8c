// base/clock.hpp: the two kinds of time. Decisions use only SteadyTime; WallTime is for people and files.
#pragma once

#include <chrono>
#include <cstdint>

namespace gslb::base {

using Duration = std::chrono::nanoseconds;
using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, Duration>;
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;

inline SteadyTime steady_now() noexcept { return std::chrono::steady_clock::now(); }
inline WallTime wall_now() noexcept { return std::chrono::system_clock::now(); }
/// Seconds of Unix time.
inline std::int64_t unix_now() noexcept {
  return std::chrono::duration_cast<std::chrono::seconds>(wall_now().time_since_epoch()).count();
}

}  // namespace gslb::base
