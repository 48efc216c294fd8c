// engine/latch_vote.hpp: which latches of `failback` this server should hold, by what most servers hold.
//
//   own latches ─┐
//                ├─► the floor that most have, for a while ─► what to change over to
//   reports ─────┘
//
// A server that was away, or cut off, while the others left a tier knows nothing of it, or alone knows of what never
// was. Nobody follows a single other server against more, and nobody follows at once: latches spring at each server at
// its own moment. Pure: no clock, no I/O. Threads: one object, one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "health/report.hpp"
#include "policy/failback.hpp"

namespace gslb::engine {

class LatchVote {
 public:
  /// For so long the others have to differ without a break.
  static constexpr std::chrono::seconds patience{10};

  /// By the number of the latch; those that hold something.
  using Latches = std::map<std::uint64_t, policy::Latch>;

  /// What another server that answers by the same configuration reported.
  void hear(const std::string& server, const std::vector<health::SharedState>& shared, base::SteadyTime arrival);
  /// What the shared store has; it counts while no other server is heard.
  void stored(Latches latches) { stored_ = std::move(latches); }

  /// @param counts   whether there is a latch of this number here, and nobody has let its clients back since it was set
  /// @param fresh    a report counts for so long
  /// @return what to change over to; a floor of 0 holds nothing
  Latches step(const Latches& own, const std::function<bool(std::uint64_t, const policy::Latch&)>& counts,
               base::Duration fresh, base::SteadyTime now);
  /// When to come again though nothing is heard.
  const std::optional<base::SteadyTime>& next() const noexcept { return next_; }

 private:
  struct Heard {
    Latches latches;
    base::SteadyTime arrival{};
  };
  std::map<std::string, Heard> heard_;
  Latches stored_;
  std::map<std::uint64_t, std::pair<std::uint16_t, base::SteadyTime>> differs_;  ///< towards which floor, since when
  std::optional<base::SteadyTime> next_;
};

}  // namespace gslb::engine
