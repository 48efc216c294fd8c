// health/damping.hpp: what flaps returns later each time. Pure.
//
//   penalty  3 ┤      ╱╲        each fall adds 1, at most twice `after`; it halves every `half_life`
//   (after)  2 ┤   ╱╲╱  ╲___
//            1 ┤╱╲╱         ╲__ ◄─ half of `after`: may return
//
// What has halved a little since is counted in full: it is damped half a fall below `after`.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/clock.hpp"
#include "health/guard_spec.hpp"

namespace gslb::health {

class Damping {
 public:
  /// It was judged down.
  void fall(base::SteadyTime now, const DampingSpec& spec) noexcept {
    if (spec.half_life.count() == 0) return;
    penalty_ = std::min(penalty(now, spec) + 1, 2.0 * spec.after);
    at_ = now;
    damped_ = damped_ || penalty_ > spec.after - 0.5;
  }
  /// Until when it stays away; none: it may return.
  std::optional<base::SteadyTime> until(base::SteadyTime now, const DampingSpec& spec) noexcept {
    if (!damped_) return std::nullopt;
    const double goal = spec.after / 2.0;
    const double half_lives = std::log2(std::max(penalty_ / goal, 1.0));
    const base::SteadyTime end = at_ + base::Duration(static_cast<base::Duration::rep>(
                                           half_lives * static_cast<double>(base::Duration(spec.half_life).count())));
    if (now < end) return end;
    damped_ = false;
    return std::nullopt;
  }
  double penalty(base::SteadyTime now, const DampingSpec& spec) const noexcept {
    if (penalty_ == 0) return 0;
    const auto age = static_cast<double>((now - at_).count());
    return penalty_ * std::exp2(-age / static_cast<double>(base::Duration(spec.half_life).count()));
  }
  bool damped() const noexcept { return damped_; }
  /// Another server, or an earlier run, counted more.
  void learn(double penalty, base::SteadyTime at, const DampingSpec& spec) noexcept {
    penalty = std::min(penalty, 2.0 * spec.after);
    if (spec.half_life.count() == 0 || penalty <= this->penalty(at, spec)) return;
    penalty_ = penalty;
    at_ = at;
    damped_ = damped_ || penalty_ > spec.after - 0.5;
  }

 private:
  double penalty_ = 0;
  base::SteadyTime at_{};
  bool damped_ = false;
};

}  // namespace gslb::health
