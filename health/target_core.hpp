// health/target_core.hpp: what a run of outcomes makes of one target. Pure: no clock, no I/O.
//
//              first success                     `fall` failures in a row
//   unknown ──────────────────► up ───────────────────────────────────────► down
//      │                        ▲                                           │ ▲
//      │                        └──────── `rise` successes in a row ◄───────┘ │
//      └─────────────────────────── first failure ────────────────────────────┘
//
// The first outcome decides at once, both ways. A target without a verdict carries no traffic, so a first success can
// only add what was missing, and a first failure takes nothing away: it only says why there is still nothing.
// A restored verdict needs the same run of outcomes to change as one reached by probes.
#pragma once

#include <optional>

#include "base/clock.hpp"
#include "health/health_spec.hpp"
#include "health/observation.hpp"
#include "health/target.hpp"

namespace gslb::health {

/// What of a monitor decides when a verdict changes.
struct Thresholds {
  unsigned fall = 3;
  unsigned rise = 2;
  base::Duration shortest_interval{};  ///< between the starts of two probes while a count is under way
};
Thresholds thresholds_of(const MonitorSpec& monitor) noexcept;

/// The verdict changed.
struct Transition {
  Verdict from = Verdict::unknown;
  Verdict to = Verdict::unknown;
  unsigned outcomes = 0;  ///< in a row, that led to it
};

class TargetCore {
 public:
  explicit TargetCore(const Thresholds& thresholds) noexcept : thresholds_(thresholds) {}
  /// Starts from what another one knows, under other thresholds.
  TargetCore(const TargetCore& known, const Thresholds& thresholds);

  /// Takes one outcome. A void one changes nothing.
  /// @param now  only written down, as TargetState::since
  std::optional<Transition> step(base::WallTime now, const Observation& seen);

  /// Takes a verdict from the state file, unless there is one already.
  /// @return whether it was taken
  bool restore(Verdict verdict, base::WallTime since, std::optional<base::SteadyTime> returned_at);

  const TargetState& state() const noexcept { return state_; }

 private:
  unsigned needed() const noexcept;
  void set_motion(base::Duration probe_took) noexcept;

  Thresholds thresholds_;
  TargetState state_;
};

}  // namespace gslb::health
