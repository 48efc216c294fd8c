// health/schedule.hpp: when the next probe is due, and whether we ourselves were late. Pure: no clock, no I/O.
//
//   first() ─► DueQueue ─► pop(now) ─► probe ─► following() ─► DueQueue ─► …
//
// A target is either queued or being probed, so the queue never holds more than one entry for each, and a period costs
// the same work whatever the outcomes are.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "health/target.hpp"

namespace gslb::health {

/// How often one target is probed: every `interval`, stretched or shrunk at random by up to `slack`.
struct Cadence {
  base::Duration interval{};
  base::Duration slack{};
  base::Duration shortest() const noexcept { return interval - slack; }
  bool operator==(const Cadence&) const = default;
};
/// As HAProxy: `interval` while up, `fastinter` without a verdict yet or while a count towards another one is under
/// way, `downinter` while down.
Cadence cadence_of(const MonitorSpec& monitor, Verdict verdict, bool in_motion) noexcept;

/// When a target seen for the first time is probed: spread over the shorter of its interval and one second.
base::SteadyTime first(base::SteadyTime now, const Cadence& cadence, base::Random& random) noexcept;

/// When the probe after the one that was due at `due` is due. Counted from `due`, not from when it ran, so that nothing
/// drifts; periods missed altogether are skipped, not made up for.
/// @return at least `now`
base::SteadyTime following(base::SteadyTime due, base::SteadyTime now, const Cadence& cadence,
                           base::Random& random) noexcept;

/// Who is due next.
class DueQueue {
 public:
  void push(base::SteadyTime due, std::uint32_t id) { heap_.emplace(due, id); }
  /// Takes the one that is due longest, if it is due at `now`.
  std::optional<std::uint32_t> pop(base::SteadyTime now);
  std::optional<base::SteadyTime> next() const;
  std::size_t size() const noexcept { return heap_.size(); }

 private:
  using Entry = std::pair<base::SteadyTime, std::uint32_t>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> heap_;
};

/// Tells whether our own thread was kept from running, so that a target is not blamed for it.
class StallWatch {
 public:
  /// Later than this is not the usual unpunctuality of a busy machine.
  static constexpr base::Duration tolerance = std::chrono::milliseconds(250);

  /// A timer has been set that should run at `due`; it replaces the one before.
  void expect(base::SteadyTime due) noexcept { due_ = due; }
  /// That timer ran.
  /// @return by how much it was late, if by more than `tolerance`
  std::optional<base::Duration> woke(base::SteadyTime now) noexcept;
  /// Whether the thread stood still at any time between `start` and `now`. A timer that should have run by now, but has
  /// not yet, counts too: after a stall, sockets may be served before timers.
  bool stalled_since(base::SteadyTime start, base::SteadyTime now) const noexcept;

 private:
  std::optional<base::SteadyTime> due_;
  std::optional<base::SteadyTime> last_stall_end_;
};

}  // namespace gslb::health
