// health/sharing/send_clock.hpp: when the next report is due. Pure.
//
// One every period, a little early or late so that vantages do not march in step; one more at once when something has
// changed, but never two within `gap`.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/clock.hpp"
#include "base/hash.hpp"

namespace gslb::health {

class SendClock {
 public:
  static constexpr base::Duration gap = std::chrono::milliseconds(100);

  SendClock(base::Duration period, std::uint64_t seed, base::SteadyTime now)
      : period_(period), state_(seed), next_(now) {}

  base::SteadyTime next() const noexcept { return next_; }
  void changed(base::SteadyTime now) noexcept { next_ = std::min(next_, std::max(now, last_ + gap)); }
  void sent(base::SteadyTime now) noexcept {
    last_ = now;
    state_ = base::mix(state_ + 0x9e3779b97f4a7c15ULL);
    const auto tenth = static_cast<std::uint32_t>(period_ / std::chrono::microseconds(10));
    next_ = now + period_ + std::chrono::microseconds(base::reduce(state_, 2 * tenth + 1)) -
            std::chrono::microseconds(tenth);
  }

 private:
  base::Duration period_;
  std::uint64_t state_;
  base::SteadyTime next_;
  base::SteadyTime last_{};
};

}  // namespace gslb::health
