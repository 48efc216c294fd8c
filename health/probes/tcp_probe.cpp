#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "health/probes/probe.hpp"

namespace gslb::health {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

asio::ip::tcp::endpoint endpoint_of(const Target& target) {
  const auto bytes = target.address.bytes();
  if (target.address.family == base::Family::v4)
    return {asio::ip::address_v4(target.address.as_v4()), target.monitor.port};
  asio::ip::address_v6::bytes_type v6;
  std::copy(bytes.begin(), bytes.end(), v6.begin());
  return {asio::ip::address_v6(v6), target.monitor.port};
}

/// Connects and hangs up. Handlers keep it alive; `done_` is empty once it is over.
class Attempt : public std::enable_shared_from_this<Attempt> {
 public:
  Attempt(asio::io_context& context, Probe::Done done)
      : socket_(context), deadline_(context), done_(std::move(done)), started_(base::steady_now()) {}

  void start(const Target& target) {
    deadline_.expires_after(target.monitor.timeout);
    deadline_.async_wait([self = shared_from_this()](const error_code& error) {
      if (!error) self->finish({.phase = Phase::timeout, .detail = "timeout before connect"});
    });
    const auto endpoint = endpoint_of(target);
    error_code failure;
    socket_.open(endpoint.protocol(), failure);
    if (failure) {
      asio::post(socket_.get_executor(), [self = shared_from_this(), failure] { self->connected(failure); });
      return;
    }
    // Closing with a reset leaves no TIME_WAIT behind: ten thousand probes would use up the ports.
    socket_.set_option(asio::socket_base::linger(true, 0), failure);
    socket_.async_connect(endpoint, [self = shared_from_this()](const error_code& error) { self->connected(error); });
  }

  void abandon() {
    done_ = nullptr;
    close();
  }

 private:
  void connected(const error_code& error) {
    if (!error) return finish({.ok = true, .phase = Phase::passed, .detail = "tcp connected"});
    std::string problem = error.message();
    if (!problem.empty() && problem[0] >= 'A' && problem[0] <= 'Z')
      problem[0] = static_cast<char>(problem[0] - 'A' + 'a');
    finish(connect_failure(problem));
  }

  void finish(Observation seen) {
    const auto done = std::exchange(done_, nullptr);
    if (!done) return;
    close();
    seen.when = base::steady_now();
    seen.latency = seen.when - started_;
    done(std::move(seen));
  }

  void close() {
    error_code ignored;
    socket_.close(ignored);
    deadline_.cancel();
  }

  asio::ip::tcp::socket socket_;
  asio::steady_timer deadline_;
  Probe::Done done_;
  base::SteadyTime started_;
};

class TcpProbe final : public Probe {
 public:
  explicit TcpProbe(std::shared_ptr<Attempt> attempt) : attempt_(std::move(attempt)) {}
  ~TcpProbe() override { attempt_->abandon(); }

 private:
  std::shared_ptr<Attempt> attempt_;
};

}  // namespace

std::unique_ptr<Probe> start_tcp_probe(asio::io_context& context, const Target& target, Probe::Done done) {
  auto attempt = std::make_shared<Attempt>(context, std::move(done));
  attempt->start(target);
  return std::make_unique<TcpProbe>(std::move(attempt));
}

}  // namespace gslb::health
