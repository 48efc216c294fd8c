// health/report.hpp: all that one vantage thinks, at one moment. Pure.
//
//   Checker ─► Report ─► peers ─► Judge of every node (its own vantage's too)
//
// A report is the vantage's whole state, sent every period whatever changed, so that losing one loses nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "health/target.hpp"

namespace gslb::health {

struct Opinion {
  std::uint64_t target = 0;  ///< Target::id() of what it is about; vantages need not have equal lists
  Verdict verdict = Verdict::unknown;
  bool in_motion = false;         ///< a count towards the other verdict is under way
  base::Duration until_change{};  ///< if in motion: the earliest moment, from `Report::when`, of the other verdict
  base::Duration latency{};       ///< of the last successful probe; 0: none
  std::uint16_t failed = 0;       ///< share of the recent outcomes that failed, in thousandths
  /// How long before `Report::when` it came back from down, for slow start. None: it never was down, or is so now.
  std::optional<base::Duration> returned;
  friend bool operator==(const Opinion&, const Opinion&) = default;
};

/// Path-dependent state that all nodes should share (a latch of `failback`, a damped target, a site's pace).
struct SharedState {
  std::uint64_t key = 0;    ///< what it is about
  std::uint32_t value = 0;  ///< what it is; its meaning belongs to `key`
  base::Duration age{};     ///< how long before `Report::when` it began
  friend bool operator==(const SharedState&, const SharedState&) = default;
};

struct Report {
  std::string vantage;  ///< its name; the receiver compares it with the identity that sent it
  std::uint64_t incarnation =
      0;                       ///< when the vantage started, in milliseconds since 1970: a newer one replaces an older
  std::uint64_t sequence = 0;  ///< rises with each report of one incarnation
  std::uint64_t configuration = 0;  ///< hash of what it runs; 0: unknown
  bool settled = false;             ///< it has finished a full round: before that it has no vote
  unsigned references = 0;          ///< other vantages and given addresses that it tries to reach
  unsigned references_up = 0;
  std::vector<Opinion> opinions;  ///< ascending by `target`, each once
  std::vector<SharedState> shared;
  friend bool operator==(const Report&, const Report&) = default;
};

/// The most targets of one report.
inline constexpr std::size_t most_opinions = 20'000;

}  // namespace gslb::health
