#include <utility>

#include "health/probes/probe.hpp"
#include "health/probes/stream.hpp"

namespace gslb::health {
namespace {

/// tcp and tls: connects, shakes hands, says something and awaits an answer, as far as the monitor asks for it.
class DialogueProbe final : public Probe {
 public:
  DialogueProbe(net::DialogueClient& dialogues, const Target& target, Done done)
      : target_(target), done_(std::move(done)), started_(base::steady_now()) {
    const MonitorSpec& monitor = target.monitor;
    net::DialogueRequest request;
    request.to = {target.address, monitor.port};
    request.tls = speaks_tls(monitor);
    if (request.tls) request.tls_options = tls_options(monitor);
    request.say = monitor.send;
    if (awaits_answer())
      request.enough = [this](std::string_view heard) { return missing(target_.monitor, heard).empty(); };
    request.limit = monitor.expect_limit;
    request.deadline = started_ + monitor.timeout;
    if (monitor.connect_timeout) request.connect_deadline = started_ + *monitor.connect_timeout;
    running_ = dialogues.start(std::move(request), [this](const net::DialogueResult& result) { ended(result); });
  }

 private:
  bool awaits_answer() const { return !target_.monitor.expect.empty() || target_.monitor.expect_pattern; }

  void ended(const net::DialogueResult& result) {
    Observation seen = judge(result);
    seen.times = phase_times(result);
    judge_certificate(target_.monitor, result.certificate_end, base::wall_now(), seen);
    seen.when = base::steady_now();
    seen.latency = seen.when - started_;
    const auto done = std::exchange(done_, nullptr);
    done(std::move(seen));
  }

  Observation judge(const net::DialogueResult& result) const {
    const bool tls = speaks_tls(target_.monitor);
    if (result.reached == net::Phase::done)
      return {.ok = true,
              .phase = Phase::passed,
              .detail = awaits_answer() ? "expected answer"
                        : tls           ? "tls handshake done"
                                        : "tcp connected"};
    Observation seen = stream_failure(result, tls);
    if (result.reached == net::Phase::status && !result.heard.empty())
      seen.detail += ": answer " + missing(target_.monitor, result.heard);
    return seen;
  }

  const Target& target_;
  Done done_;
  base::SteadyTime started_;
  std::unique_ptr<net::DialogueClient::Running> running_;
};

}  // namespace

std::unique_ptr<Probe> start_dialogue_probe(ProbeTools& tools, const Target& target, Probe::Done done) {
  return std::make_unique<DialogueProbe>(tools.dialogues, target, std::move(done));
}

}  // namespace gslb::health
