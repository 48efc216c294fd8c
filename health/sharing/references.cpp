#include "health/sharing/references.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "health/probes/probe.hpp"

namespace gslb::health {

namespace {

constexpr std::chrono::seconds every{2};
constexpr std::chrono::milliseconds longest{1000};

}  // namespace

struct References::Impl {
  explicit Impl(boost::asio::io_context& c) : context(c), timer(c) {}

  void try_all() {
    attempts.clear();
    for (std::size_t i = 0; i < states.size(); ++i) {
      Target target;
      target.address = states[i].address.address;
      target.monitor.port = states[i].address.port;
      target.monitor.timeout = longest;
      attempts.push_back(start_tcp_probe(context, target, [this, i](const Observation& seen) {
        if (seen.ok) states[i].reached = base::steady_now();
        states[i].problem = seen.ok ? std::string() : seen.detail;
      }));
    }
    timer.expires_after(every);
    timer.async_wait([this](const boost::system::error_code& error) {
      if (!error) try_all();
    });
  }

  boost::asio::io_context& context;
  boost::asio::steady_timer timer;
  std::vector<State> states;
  std::vector<std::unique_ptr<Probe>> attempts;
};

References::References(boost::asio::io_context& context) : impl_(std::make_unique<Impl>(context)) {}
References::~References() = default;

void References::follow(const std::vector<base::SocketAddress>& addresses) {
  impl_->attempts.clear();
  std::vector<State> next;
  for (const base::SocketAddress& address : addresses) {
    const auto before = std::ranges::find(impl_->states, address, &State::address);
    next.push_back(before != impl_->states.end() ? *before : State{address, {}, {}});
  }
  impl_->states = std::move(next);
  if (!impl_->states.empty()) impl_->try_all();
}

const std::vector<References::State>& References::states() const noexcept { return impl_->states; }

}  // namespace gslb::health
