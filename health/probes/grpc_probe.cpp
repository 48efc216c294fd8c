#include <charconv>
#include <utility>

#include "health/probes/grpc_health.hpp"
#include "health/probes/probe.hpp"
#include "health/probes/stream.hpp"

namespace gslb::health {
namespace {

constexpr std::size_t longest_answer = 4096;

/// The last of a name: trailers come after headers.
std::string_view last_of(const net::HttpResponse& response, std::string_view name) {
  std::string_view out;
  for (const auto& [n, value] : response.headers) {
    if (n == name) out = value;
  }
  return out;
}

/// grpc and grpcs: asks grpc.health.v1.Health whether it serves.
class GrpcProbe final : public Probe {
 public:
  GrpcProbe(net::HttpClient& http, const Target& target, Done done)
      : http_(http), target_(target), done_(std::move(done)), started_(base::steady_now()) {
    const MonitorSpec& monitor = target.monitor;
    net::HttpRequest request;
    request.version = 2;
    request.to = {target.address, monitor.port};
    request.tls = speaks_tls(monitor);
    if (request.tls) request.tls_options = tls_options(monitor);
    request.method = "POST";
    request.target = grpc_check;
    request.host = monitor.host;
    request.headers = {{"content-type", "application/grpc"},
                       {"te", "trailers"},
                       {"grpc-timeout", std::to_string(monitor.timeout.count()) + "m"},
                       {"user-agent", "gslbd/" GSLB_VERSION}};
    request.body = grpc_request(monitor.grpc_service);
    request.body_limit = longest_answer;
    request.reset_on_close = true;
    request.deadline = started_ + monitor.timeout;
    if (monitor.connect_timeout) request.connect_deadline = started_ + *monitor.connect_timeout;
    request_ = http_.send(std::move(request), [this](const net::HttpResponse& response) { received(response); });
  }
  ~GrpcProbe() override { http_.cancel(request_); }

 private:
  void received(const net::HttpResponse& response) {
    const bool answered = response.reached == net::Phase::done;
    Observation seen = answered ? judge(response) : stream_failure(response, speaks_tls(target_.monitor));
    seen.times = phase_times(response);
    judge_certificate(target_.monitor, response.certificate_end, base::wall_now(), seen);
    seen.when = base::steady_now();
    seen.latency = seen.when - started_;
    const auto done = std::exchange(done_, nullptr);
    done(std::move(seen));
  }

  static Observation judge(const net::HttpResponse& response) {
    if (response.status != 200) return {.phase = Phase::status, .detail = "http " + std::to_string(response.status)};
    const std::string_view text = last_of(response, "grpc-status");
    unsigned status = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), status);
    if (text.empty() || read.ec != std::errc{} || read.ptr != text.data() + text.size())
      return {.phase = Phase::status, .detail = "no gRPC: the answer has no grpc-status"};
    if (status != 0) {
      std::string detail = "grpc " + grpc_status_name(status);
      if (const auto message = last_of(response, "grpc-message"); !message.empty())
        detail.append(": ").append(message.substr(0, 200));
      return {.phase = Phase::status, .detail = std::move(detail)};
    }
    const auto serving = read_grpc_answer(response.body);
    if (!serving) return {.phase = Phase::body, .detail = serving.error().what};
    switch (*serving) {
      case Serving::serving:
        return {.ok = true, .phase = Phase::passed, .detail = "grpc serving"};
      case Serving::not_serving:
        return {.phase = Phase::body, .detail = "grpc not serving"};
      case Serving::service_unknown:
        return {.phase = Phase::body, .detail = "grpc service unknown"};
      case Serving::unknown:
        break;
    }
    return {.phase = Phase::body, .detail = "grpc unknown"};
  }

  net::HttpClient& http_;
  const Target& target_;
  Done done_;
  base::SteadyTime started_;
  std::uint64_t request_ = 0;
};

}  // namespace

std::unique_ptr<Probe> start_grpc_probe(ProbeTools& tools, const Target& target, Probe::Done done) {
  return std::make_unique<GrpcProbe>(tools.http, target, std::move(done));
}

}  // namespace gslb::health
