#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "health/probes/probe.hpp"

namespace gslb::health {
namespace {

namespace asio = boost::asio;

/// What is posted may outlive the probe: it looks at `done` of this.
struct Ping : std::enable_shared_from_this<Ping> {
  Ping(ProbeTools& t, Probe::Done d) : tools(t), timer(t.context), done(std::move(d)), started(base::steady_now()) {}

  void start(const Target& target) {
    auto sent = tools.pinger.send(target.address, [this] {
      id = 0;
      finish({.ok = true, .phase = Phase::passed, .detail = "icmp echo"});
    });
    if (sent.failure) {
      asio::post(tools.context, [self = shared_from_this(), failure = std::move(*sent.failure)] {
        self->finish({.voided = failure.ours, .phase = Phase::send, .detail = "icmp: " + failure.what});
      });
      return;
    }
    id = sent.id;
    timer.expires_after(target.monitor.timeout);
    timer.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (!error) self->finish({.phase = Phase::timeout, .detail = "timeout: no icmp echo"});
    });
  }

  void abandon() {
    done = nullptr;
    tools.pinger.cancel(std::exchange(id, 0));
    timer.cancel();
  }

  void finish(Observation seen) {
    if (!done) return;
    const auto self = shared_from_this();
    const auto tell = std::move(done);
    abandon();
    seen.when = base::steady_now();
    seen.latency = seen.when - started;
    if (seen.ok) seen.times.status = seen.latency;
    tell(std::move(seen));
  }

  ProbeTools& tools;
  asio::steady_timer timer;
  Probe::Done done;
  base::SteadyTime started;
  std::uint64_t id = 0;
};

class IcmpProbe final : public Probe {
 public:
  explicit IcmpProbe(std::shared_ptr<Ping> ping) : ping_(std::move(ping)) {}
  ~IcmpProbe() override { ping_->abandon(); }

 private:
  std::shared_ptr<Ping> ping_;
};

}  // namespace

std::unique_ptr<Probe> start_icmp_probe(ProbeTools& tools, const Target& target, Probe::Done done) {
  auto ping = std::make_shared<Ping>(tools, std::move(done));
  ping->start(target);
  return std::make_unique<IcmpProbe>(std::move(ping));
}

}  // namespace gslb::health
