// health/ramp.hpp: slow start. How much of its share an endpoint gets while it is coming back. Pure.
//
//   1000 ┤               ┌────
//        │          ┌────┘        from 10 % to 100 % in 36 steps of 2.5 %, so a return changes a plan at most 36 times
//    100 ┼──────────┘
//        └ returned_at ──── + slowstart
#pragma once

#include <algorithm>
#include <optional>

#include "base/clock.hpp"

namespace gslb::health {

struct RampShare {
  unsigned share = 1000;                        ///< thousandths of the full weight, 100 to 1000
  std::optional<base::SteadyTime> next_change;  ///< when `share` rises; none if it is full
  friend bool operator==(const RampShare&, const RampShare&) = default;
};

/// @param returned_at  TargetState::returned_at; none means it never was away
/// @param slowstart    how long the way to the full share takes; 0 means none
constexpr RampShare ramp(base::SteadyTime now, std::optional<base::SteadyTime> returned_at,
                         base::Duration slowstart) noexcept {
  constexpr unsigned first = 100, step = 25, steps = 36;
  if (!returned_at || slowstart.count() <= 0 || now - *returned_at >= slowstart) return {};
  const base::Duration age = std::max(base::Duration{}, now - *returned_at);
  const auto taken = static_cast<unsigned>(age * steps / slowstart);
  const auto next = ((taken + 1) * slowstart + base::Duration(steps - 1)) / steps;
  return {first + taken * step, *returned_at + next};
}

}  // namespace gslb::health
