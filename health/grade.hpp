// health/grade.hpp: less weight for what is slow or fails in part, long before it is down. Pure.
//
//   1000 ┤────╲            in steps of a tenth, one each `step`, and only if the share is off by three quarters of one,
//        │     ╲           so that what is seen each time a little differently changes no plan
//  least ┤      ╲─────
//        └ good ─ bad
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "health/guard_spec.hpp"

namespace gslb::health {

class Grade {
 public:
  static constexpr int step = 100, dead_band = 75, full = 1000;

  /// What a latency and a share of failures are worth, in thousandths.
  static int worth(const GradeSpec& spec, base::Duration latency, double failed) noexcept {
    const double slow =
        part(static_cast<double>(latency.count()), static_cast<double>(base::Duration(spec.latency_good).count()),
             static_cast<double>(base::Duration(spec.latency_bad).count()));
    const double wrong = part(failed, spec.errors_good, spec.errors_bad);
    return static_cast<int>(std::lround(full * (1 - (1 - spec.least) * std::max(slow, wrong))));
  }

  /// @return when to look again though nothing new is seen; none: it is where it should be
  std::optional<base::SteadyTime> move(base::SteadyTime now, int worth, const GradeSpec& spec) noexcept {
    const int off = worth - value_;
    if (off > -dead_band && off < dead_band) return std::nullopt;
    if (moved_ && now - *moved_ < spec.step) return *moved_ + spec.step;
    const int least = static_cast<int>(std::lround(spec.least * full));
    value_ = std::clamp(value_ + (off < 0 ? -step : step), least, full);
    moved_ = now;
    return now + spec.step;
  }
  std::uint16_t value() const noexcept { return static_cast<std::uint16_t>(value_); }
  void reset() noexcept { *this = {}; }

 private:
  /// How far on the way from good to bad, 0 to 1.
  static double part(double seen, double good, double bad) noexcept {
    return bad <= 0 ? 0 : std::clamp((seen - good) / std::max(bad - good, 1e-9), 0.0, 1.0);
  }

  int value_ = full;
  std::optional<base::SteadyTime> moved_;
};

}  // namespace gslb::health
