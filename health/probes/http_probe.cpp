#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "health/probes/probe.hpp"
#include "health/probes/redirect.hpp"
#include "health/probes/stream.hpp"

namespace gslb::health {
namespace {

constexpr unsigned most_redirects = 3;

bool is_redirect(unsigned status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::optional<std::string_view> header(const net::HttpResponse& response, std::string_view name) {
  for (const auto& [n, value] : response.headers) {
    if (n == name) return value;
  }
  return std::nullopt;
}

class HttpProbe final : public Probe {
 public:
  HttpProbe(net::HttpClient& http, const Target& target, Done done)
      : http_(http),
        target_(target),
        done_(std::move(done)),
        place_{monitor().kind == ProbeKind::https, effective_port(monitor()), monitor().path},
        started_(base::steady_now()) {
    send();
  }
  ~HttpProbe() override { http_.cancel(request_); }

 private:
  const MonitorSpec& monitor() const noexcept { return target_.monitor; }

  void send() {
    net::HttpRequest request;
    request.to = {target_.address, place_.port};
    request.tls = place_.tls;
    if (place_.tls) request.tls_options = tls_options(monitor());
    request.version = monitor().version;
    request.method = monitor().method;
    request.target = place_.path;
    request.host = monitor().host;
    request.headers = monitor().headers;
    request.headers.emplace_back("User-Agent", "gslbd/" GSLB_VERSION);
    request.headers.emplace_back("Accept", "*/*");
    const bool reuse = monitor().reuse > 1;
    request.read_body = reuse || !monitor().expect.empty() || monitor().expect_pattern;
    request.body_limit = monitor().expect_limit;
    request.body_limit_is_error = false;
    request.reset_on_close = true;
    request.deadline = started_ + monitor().timeout;
    if (monitor().connect_timeout) request.connect_deadline = base::steady_now() + *monitor().connect_timeout;
    if (reuse) {
      request.reuse = monitor().reuse;
      request.reuse_name = target_.probe_key();
      request.keep = 2 * std::max(monitor().interval, monitor().downinter.value_or(monitor().interval));
    }
    request_ = http_.send(std::move(request), [this](const net::HttpResponse& response) { received(response); });
  }

  void received(const net::HttpResponse& response) {
    Observation seen = response.reached == net::Phase::done ? judge(response) : stream_failure(response, place_.tls);
    if (response.reached == net::Phase::done && monitor().follow_redirects && is_redirect(response.status)) {
      if (const auto location = header(response, "location")) {
        const auto problem = follow(*location);
        if (problem.empty()) return;
        seen = {.phase = Phase::status, .detail = "http " + std::to_string(response.status) + ": " + problem};
      }
    }
    seen.times = phase_times(response);
    judge_certificate(monitor(), response.certificate_end, base::wall_now(), seen);
    finish(std::move(seen));
  }

  /// @return why not, or "" if the next request is under way
  std::string follow(std::string_view location) {
    if (++redirects_ > most_redirects) return "more than 3 redirects";
    auto next = follow_location(location, place_, monitor().host, target_.address);
    if (!next) return next.error().what;
    place_ = std::move(*next);
    send();
    return "";
  }

  Observation judge(const net::HttpResponse& response) const {
    const auto accepts = [&](const auto& range) {
      return range.first <= response.status && response.status <= range.second;
    };
    std::string answer = "http " + std::to_string(response.status);
    if (std::none_of(monitor().status.begin(), monitor().status.end(), accepts))
      return {.phase = Phase::status, .detail = std::move(answer)};
    if (std::string lack = missing(monitor(), response.body); !lack.empty())
      return {.phase = Phase::body, .detail = "body " + lack};
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
  const Target& target_;
  Done done_;
  Place place_;
  base::SteadyTime started_;
  unsigned redirects_ = 0;
  std::uint64_t request_ = 0;
};

}  // namespace

std::unique_ptr<Probe> start_http_probe(ProbeTools& tools, const Target& target, Probe::Done done) {
  return std::make_unique<HttpProbe>(tools.http, target, std::move(done));
}

}  // namespace gslb::health
