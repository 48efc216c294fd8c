#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "health/probes/probe.hpp"
#include "health/probes/redirect.hpp"
#include "net/http_client.hpp"

namespace gslb::health {
namespace {

constexpr unsigned most_redirects = 3;

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

bool is_redirect(unsigned status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::optional<std::string_view> header(const net::HttpResponse& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return std::nullopt;
}

class HttpProbe final : public Probe {
 public:
  HttpProbe(net::HttpClient& http, const Target& target, Done done)
      : http_(http),
        address_(target.address),
        monitor_(target.monitor),
        done_(std::move(done)),
        place_{monitor_.kind == ProbeKind::https, effective_port(monitor_), monitor_.path},
        started_(base::steady_now()) {
    send();
  }
  ~HttpProbe() override { http_.cancel(request_); }

 private:
  void send() {
    net::HttpRequest request;
    request.to = {address_, place_.port};
    request.tls = place_.tls;
    request.tls_options = {monitor_.sni.empty() ? host_name() : monitor_.sni, monitor_.verify, monitor_.ca_file};
    request.target = place_.path;
    request.host = monitor_.host;
    request.headers = {{"User-Agent", "gslbd/" GSLB_VERSION}, {"Accept", "*/*"}};
    request.read_body = !monitor_.body_contains.empty();
    request.body_limit = monitor_.body_limit;
    request.body_limit_is_error = false;
    request.deadline = started_ + monitor_.timeout;
    request_ = http_.send(std::move(request), [this](const net::HttpResponse& response) { received(response); });
  }

  /// `host` without a port: what a certificate can name.
  std::string host_name() const {
    const auto colon = monitor_.host.rfind(':');
    const bool has_port = colon != std::string::npos && monitor_.host.find(':') == colon;
    return has_port ? monitor_.host.substr(0, colon) : monitor_.host;
  }

  void received(const net::HttpResponse& response) {
    if (response.reached != net::Phase::done) return finish(failure(response));
    if (monitor_.follow_redirects && is_redirect(response.status)) {
      if (const auto location = header(response, "location")) return follow(response.status, *location);
    }
    finish(judge(response));
  }

  Observation failure(const net::HttpResponse& response) const {
    if (response.timed_out)
      return {.phase = Phase::timeout, .detail = std::string(timeout_text(response.reached, place_.tls))};
    if (response.reached == net::Phase::connect) return connect_failure(response.problem);
    return {.phase = phase_of(response.reached),
            .detail = std::string(net::to_string(response.reached)) + ": " + response.problem};
  }

  void follow(unsigned status, std::string_view location) {
    const std::string answer = "http " + std::to_string(status) + ": ";
    if (++redirects_ > most_redirects)
      return finish({.phase = Phase::status, .detail = answer + "more than 3 redirects"});
    auto next = follow_location(location, place_, monitor_.host, address_);
    if (!next) return finish({.phase = Phase::status, .detail = answer + next.error().what});
    place_ = std::move(*next);
    send();
  }

  Observation judge(const net::HttpResponse& response) const {
    const auto accepts = [&](const auto& range) {
      return range.first <= response.status && response.status <= range.second;
    };
    std::string answer = "http " + std::to_string(response.status);
    if (std::none_of(monitor_.status.begin(), monitor_.status.end(), accepts))
      return {.phase = Phase::status, .detail = std::move(answer)};
    if (response.body.find(monitor_.body_contains) == std::string::npos)
      return {.phase = Phase::body, .detail = "body does not hold \"" + monitor_.body_contains + "\""};
    return {.ok = true, .phase = Phase::passed, .detail = std::move(answer)};
  }

  /// The last thing to happen: the callback may destroy the probe.
  void finish(Observation seen) {
    seen.when = base::steady_now();
    seen.latency = seen.when - started_;
    const auto done = std::exchange(done_, nullptr);
    done(std::move(seen));
  }

  net::HttpClient& http_;
  base::IpAddress address_;
  MonitorSpec monitor_;
  Done done_;
  Place place_;
  base::SteadyTime started_;
  unsigned redirects_ = 0;
  std::uint64_t request_ = 0;
};

}  // namespace

std::unique_ptr<Probe> start_http_probe(net::HttpClient& http, const Target& target, Probe::Done done) {
  return std::make_unique<HttpProbe>(http, target, std::move(done));
}

}  // namespace gslb::health
