// server/instant.hpp: the clocks, read once a batch. The coarse ones cost no system call and a few nanoseconds.
#pragma once

#include <ctime>

#include "engine/pending.hpp"

namespace gslb::server {

inline engine::Instant read_clocks() noexcept {
  timespec wall{};
  timespec steady{};
  ::clock_gettime(CLOCK_REALTIME_COARSE, &wall);
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &steady);
  return {static_cast<std::uint32_t>(wall.tv_sec), static_cast<std::uint32_t>(steady.tv_sec)};
}

}  // namespace gslb::server
