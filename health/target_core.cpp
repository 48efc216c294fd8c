#include "health/target_core.hpp"

#include <algorithm>

#include "health/schedule.hpp"

namespace gslb::health {

Thresholds thresholds_of(const MonitorSpec& monitor) noexcept {
  return {monitor.fall, monitor.rise, cadence_of(monitor, Verdict::unknown, true).shortest()};
}

TargetCore::TargetCore(const TargetCore& known, const Thresholds& thresholds)
    : thresholds_(thresholds), state_(known.state_) {
  set_motion(thresholds.shortest_interval);  // the next probe may come at once
}

std::optional<Transition> TargetCore::step(base::WallTime now, const Observation& seen) {
  if (seen.voided) return std::nullopt;
  ++state_.probes;
  if (!seen.ok) ++state_.failures;
  if (seen.ok) state_.latency = seen.latency;
  // The first outcome is all that is known; later ones move the share by a sixteenth of the way.
  const int says_failed = seen.ok ? 0 : 1000;
  const int way = says_failed - state_.failed;
  state_.failed = static_cast<std::uint16_t>(
      state_.probes == 1 ? says_failed : state_.failed + (way < 0 ? (way - 15) / 16 : (way + 15) / 16));
  state_.reason = seen.detail;
  state_.warning = seen.warning;

  const Verdict says = seen.ok ? Verdict::up : Verdict::down;
  std::optional<Transition> transition;
  if (says == state_.verdict) {
    state_.streak = 0;
    state_.restored = false;
  } else if (++state_.streak >= needed()) {
    transition = Transition{state_.verdict, says, state_.streak};
    // The first verdict is no return: a cold start must not ramp up every site at once.
    if (transition->from == Verdict::down) state_.returned_at = seen.when;
    state_.verdict = says;
    state_.since = now;
    state_.streak = 0;
    state_.restored = false;
  }
  set_motion(seen.latency);
  return transition;
}

bool TargetCore::restore(Verdict verdict, base::WallTime since, std::optional<base::SteadyTime> returned_at) {
  if (state_.verdict != Verdict::unknown || verdict == Verdict::unknown) return false;
  state_.verdict = verdict;
  state_.restored = true;
  state_.since = since;
  state_.returned_at = returned_at;
  return true;
}

/// Outcomes in a row that change the verdict.
unsigned TargetCore::needed() const noexcept {
  switch (state_.verdict) {
    case Verdict::up:
      return thresholds_.fall;
    case Verdict::down:
      return thresholds_.rise;
    case Verdict::unknown:
      break;
  }
  return 1;
}

/// The next probe starts an interval after the start of the last one, or at once if that took longer, so what the last
/// one took is already gone; those behind it are an interval apart. While a count is under way the interval is
/// `fastinter`.
void TargetCore::set_motion(base::Duration probe_took) noexcept {
  state_.in_motion = state_.streak > 0;
  state_.until_change = {};
  if (!state_.in_motion) return;
  const unsigned remaining = needed() > state_.streak ? needed() - state_.streak : 1;
  const base::Duration shortest = thresholds_.shortest_interval;
  state_.until_change = std::max(base::Duration{}, shortest - probe_took) + (remaining - 1) * shortest;
}

}  // namespace gslb::health
