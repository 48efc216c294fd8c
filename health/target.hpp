// health/target.hpp: what is probed, and what is thought of it. No clock, no I/O.
//
// Two keys tell targets apart:
//
//   key()        what is asked of whom                  what is known survives reloads and restarts by it
//   probe_key()  key(), and how often and how strictly  targets that share it share one probe and one state
//
// So two services that use the same monitor cost one probe; two monitors that differ only in timing are two probes; and
// a reload that changes only timing starts from what was known.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/clock.hpp"
#include "health/health_spec.hpp"

namespace gslb::health {

/// One address probed in one way; however many services use it, it is probed once.
struct Target {
  base::IpAddress address;
  MonitorSpec monitor;
  /// Equal for targets whose probes are the same in every setting but timing, name and place in the file: what is known
  /// of a target survives reloads and restarts by it. "192.0.2.10 https 443 /healthz host=www.example.org
  /// status=200-299"
  std::string key() const;
  /// The number by which vantages speak of it: a hash of key().
  std::uint64_t id() const;
  /// Equal if, besides, interval, timeout, jitter, fall and rise are.
  std::string probe_key() const;
};

/// The monitor's port, or the default of its kind.
std::uint16_t effective_port(const MonitorSpec& monitor) noexcept;

enum class Verdict : std::uint8_t { unknown, up, down };
std::string_view to_string(Verdict verdict);
std::optional<Verdict> parse_verdict(std::string_view text);

/// What a reader (planner, states page) sees of a target.
struct TargetState {
  Verdict verdict = Verdict::unknown;
  bool restored = false;          ///< verdict is from the state file; no probe has confirmed it yet
  bool in_motion = false;         ///< a count towards the other verdict is under way
  base::Duration until_change{};  ///< if in motion: the earliest moment, from the last probe's end, at which the
                                  ///< verdict can change
  unsigned streak = 0;            ///< consecutive outcomes against the verdict (or towards a first one)
  base::WallTime since{};         ///< when the verdict was reached, for people
  std::optional<base::SteadyTime> returned_at;  ///< when it last went from down to up, for slow start
  base::Duration latency{};                     ///< of the last successful probe
  std::uint16_t failed = 0;    ///< share of the recent probes that failed, in thousandths; the last 16 or so count
  std::uint16_t grade = 1000;  ///< share of its weight that it is worth, in thousandths
  std::string warning;         ///< of the last outcome, if it passed: "certificate ends in 12 days"
  std::string reason;  ///< of the last outcome: "http 200", "connect: connection refused", "timeout after connect"
  std::uint64_t probes = 0;
  std::uint64_t failures = 0;
};

}  // namespace gslb::health
