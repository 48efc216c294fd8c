// health/observation.hpp: what one probe saw. No clock, no I/O.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace gslb::health {

/// Where a probe ended. There is no step before `connect`: a target is an address, nothing has to be resolved.
enum class Phase : std::uint8_t { connect, tls, send, status, body, timeout, passed };
std::string_view to_string(Phase phase);

struct Observation {
  bool ok = false;
  /// It says nothing about the target: the probe was cancelled, overtaken by our own lateness, or stopped by a shortage
  /// on our side.
  bool voided = false;
  Phase phase = Phase::connect;
  std::string detail;        ///< for people: "http 200", "connect: connection refused", "timeout after connect"
  base::Duration latency{};  ///< from the probe's start to its end
  base::SteadyTime when{};   ///< the probe's end
};

}  // namespace gslb::health
