// health/probes/stream.hpp: what probes over streams (http, https, tcp, tls) have in common. Pure.
#pragma once

#include <string>

#include "health/health_spec.hpp"
#include "health/observation.hpp"
#include "net/http_client.hpp"

namespace gslb::health {

net::TlsClientOptions tls_options(const MonitorSpec& monitor);

/// An observation of an exchange that failed in a phase of its own. A shortage on our own side, of file descriptors,
/// ports or memory, says nothing of the target: the observation is void.
Observation stream_failure(const net::StreamOutcome& outcome, bool tls);

/// The time that each phase took.
PhaseTimes phase_times(const net::StreamOutcome& outcome);

/// Whether `seen`, the observation so far, stands although the server's certificate ends at `end`; otherwise it becomes
/// a failure, or gets a warning, as the monitor says.
void judge_certificate(const MonitorSpec& monitor, std::optional<base::WallTime> end, base::WallTime now,
                       Observation& seen);

/// Whether `text` holds what the monitor expects; in words what is missing: `does not hold "ok"`, or "".
std::string missing(const MonitorSpec& monitor, std::string_view text);

}  // namespace gslb::health
