// health/observation.hpp: what one probe saw. No clock, no I/O.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.hpp"

namespace gslb::health {

/// Where a probe ended. There is no step before `connect`: a target is an address, nothing has to be resolved. Kinds
/// without a status line await their answer (an echo, a message, an exit code) in `status`.
enum class Phase : std::uint8_t { connect, tls, send, status, body, timeout, passed };
std::string_view to_string(Phase phase);

/// How long the phases took that a probe got to; of those that it did not, nothing.
struct PhaseTimes {
  base::Duration connect{};
  base::Duration tls{};
  base::Duration send{};
  base::Duration status{};
  base::Duration body{};
  bool operator==(const PhaseTimes&) const = default;
};
/// Each phase that takes time, with its name.
inline constexpr std::pair<const char*, base::Duration PhaseTimes::*> timed_phases[] = {
    {"connect", &PhaseTimes::connect}, {"tls", &PhaseTimes::tls},   {"send", &PhaseTimes::send},
    {"status", &PhaseTimes::status},   {"body", &PhaseTimes::body},
};
/// "connect 0.2ms, tls 3.1ms, status 12.0ms": those that took any time.
std::string to_string(const PhaseTimes& times);

struct Observation {
  bool ok = false;
  /// It says nothing about the target: the probe was cancelled, overtaken by our own lateness, or stopped by a shortage
  /// on our side.
  bool voided = false;
  Phase phase = Phase::connect;
  std::string detail;        ///< for people: "http 200", "connect: connection refused", "timeout after connect"
  std::string warning = {};  ///< of a success: what will soon be a failure, "certificate ends in 12 days"
  PhaseTimes times = {};
  base::Duration latency{};  ///< from the probe's start to its end
  base::SteadyTime when{};   ///< the probe's end
};

}  // namespace gslb::health
