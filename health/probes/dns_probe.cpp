#include <sys/random.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "health/probes/dns_answer.hpp"
#include "health/probes/probe.hpp"
#include "health/probes/problem.hpp"

namespace gslb::health {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;
using boost::system::error_code;

udp::endpoint endpoint_of(const Target& target) {
  const auto bytes = target.address.bytes();
  const std::uint16_t port = effective_port(target.monitor);
  if (target.address.family == base::Family::v4) return {asio::ip::address_v4(target.address.as_v4()), port};
  asio::ip::address_v6::bytes_type v6;
  std::copy(bytes.begin(), bytes.end(), v6.begin());
  return {asio::ip::address_v6(v6), port};
}

/// One question over UDP. The socket is its own, so the kernel draws its port at random, and it is connected, so that
/// only the target can answer. Handlers keep it alive; `done_` is empty once it is over.
class Asking : public std::enable_shared_from_this<Asking> {
 public:
  Asking(asio::io_context& context, const Target& target, Probe::Done done)
      : target_(target), socket_(context), timer_(context), done_(std::move(done)), started_(base::steady_now()) {}

  void start() {
    timer_.expires_after(target_.monitor.timeout);
    timer_.async_wait([self = shared_from_this()](const error_code& error) {
      if (!error) self->finish({.phase = Phase::timeout, .detail = "timeout: no answer"});
    });
    if (::getrandom(&id_, sizeof id_, 0) != sizeof id_) return fail_later("no random number", true);
    const auto question = dns_question(target_.monitor.question, id_);
    const udp::endpoint to = endpoint_of(target_);
    error_code error;
    socket_.open(to.protocol(), error);
    if (!error) socket_.connect(to, error);
    if (error) return fail_later(in_words(error.value()), is_own_shortage(error.value()));
    socket_.send(asio::buffer(question), 0, error);
    if (error) return fail_later(in_words(error.value()), is_own_shortage(error.value()));
    receive();
  }

  void abandon() {
    done_ = nullptr;
    error_code ignored;
    socket_.close(ignored);
    timer_.cancel();
  }

 private:
  void fail_later(const std::string& problem, bool ours) {
    Observation seen{.voided = ours, .phase = Phase::send, .detail = "send: " + problem};
    asio::post(socket_.get_executor(), [self = shared_from_this(), seen] { self->finish(seen); });
  }

  void receive() {
    socket_.async_receive(
        asio::buffer(buffer_), [self = shared_from_this()](const error_code& error, std::size_t size) {
          if (!self->done_) return;
          // A closed port: the other side's ICMP comes back as this.
          if (error) return self->finish({.phase = Phase::connect, .detail = "connect: " + in_words(error.value())});
          auto seen = judge_dns_reply(self->target_.monitor.question, self->id_, std::span(self->buffer_).first(size));
          seen ? self->finish(std::move(*seen)) : self->receive();
        });
  }

  void finish(Observation seen) {
    if (!done_) return;
    const auto self = shared_from_this();
    const auto tell = std::move(done_);
    abandon();
    seen.when = base::steady_now();
    seen.latency = seen.when - started_;
    if (seen.ok) seen.times.status = seen.latency;
    tell(std::move(seen));
  }

  const Target& target_;  // not used once done_ is empty
  udp::socket socket_;
  asio::steady_timer timer_;
  Probe::Done done_;
  base::SteadyTime started_;
  std::uint16_t id_ = 0;
  std::array<std::uint8_t, 4096> buffer_{};
};

class DnsProbe final : public Probe {
 public:
  explicit DnsProbe(std::shared_ptr<Asking> asking) : asking_(std::move(asking)) {}
  ~DnsProbe() override { asking_->abandon(); }

 private:
  std::shared_ptr<Asking> asking_;
};

}  // namespace

std::unique_ptr<Probe> start_dns_probe(ProbeTools& tools, const Target& target, Probe::Done done) {
  auto asking = std::make_shared<Asking>(tools.context, target, std::move(done));
  asking->start();
  return std::make_unique<DnsProbe>(std::move(asking));
}

}  // namespace gslb::health
