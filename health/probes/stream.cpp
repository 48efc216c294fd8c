#include "health/probes/stream.hpp"

#include "base/text.hpp"
#include "health/pattern.hpp"
#include "health/probes/problem.hpp"

namespace gslb::health {
namespace {

Phase phase_of(net::Phase reached) {
  switch (reached) {
    case net::Phase::connect:
      return Phase::connect;
    case net::Phase::tls:
      return Phase::tls;
    case net::Phase::send:
      return Phase::send;
    case net::Phase::status:
      return Phase::status;
    case net::Phase::body:
      return Phase::body;
    case net::Phase::done:
      break;
  }
  return Phase::passed;
}

/// What is the last thing that worked is what a person needs to know of a timeout.
std::string_view timeout_text(net::Phase waiting_in, bool tls) {
  switch (waiting_in) {
    case net::Phase::connect:
      return "timeout before connect";
    case net::Phase::tls:
      return "timeout after connect";
    case net::Phase::body:
      return "timeout after status";
    default:
      return tls ? "timeout after tls" : "timeout after connect";
  }
}

/// `host` without a port: what a certificate can name.
std::string host_name(const std::string& host) {
  const auto colon = host.rfind(':');
  const bool has_port = colon != std::string::npos && host.find(':') == colon;
  return has_port ? host.substr(0, colon) : host;
}

std::string ends_in(base::Duration left) {
  const auto hours = std::chrono::floor<std::chrono::hours>(left).count();
  if (hours < 0) return "certificate has expired";
  const auto number = hours >= 48 ? hours / 24 : hours;
  return "certificate ends in " + std::to_string(number) + (hours >= 48 ? " days" : " h");
}

}  // namespace

net::TlsClientOptions tls_options(const MonitorSpec& monitor) {
  return {.sni = monitor.sni.empty() ? host_name(monitor.host) : monitor.sni,
          .verify = monitor.verify,
          .ca_file = monitor.ca_file,
          .certificate = monitor.certificate_file,
          .key = monitor.key_file};
}

Observation stream_failure(const net::StreamOutcome& outcome, bool tls) {
  if (outcome.timed_out) return {.phase = Phase::timeout, .detail = std::string(timeout_text(outcome.reached, tls))};
  return {.voided = outcome.reached == net::Phase::connect && is_own_shortage(outcome.problem),
          .phase = phase_of(outcome.reached),
          .detail = std::string(net::to_string(outcome.reached)) + ": " + outcome.problem};
}

PhaseTimes phase_times(const net::StreamOutcome& outcome) {
  return {outcome.time(net::Phase::connect), outcome.time(net::Phase::tls), outcome.time(net::Phase::send),
          outcome.time(net::Phase::status), outcome.time(net::Phase::body)};
}

void judge_certificate(const MonitorSpec& monitor, std::optional<base::WallTime> end, base::WallTime now,
                       Observation& seen) {
  if (!seen.ok || !end) return;
  const base::Duration left = *end - now;
  if (monitor.certificate_fail && left < *monitor.certificate_fail) {
    seen.ok = false;
    seen.phase = Phase::tls;
    seen.detail = "tls: " + ends_in(left);
  } else if (monitor.certificate_warn && left < *monitor.certificate_warn) {
    seen.warning = ends_in(left);
  }
}

std::string missing(const MonitorSpec& monitor, std::string_view text) {
  if (text.find(monitor.expect) == std::string_view::npos)
    return "does not hold \"" + base::printable(monitor.expect) + "\"";
  if (monitor.expect_pattern && !monitor.expect_pattern->found_in(text))
    return "does not match \"" + base::printable(monitor.expect_pattern->text()) + "\"";
  return "";
}

}  // namespace gslb::health
