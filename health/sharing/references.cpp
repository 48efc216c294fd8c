#include "health/sharing/references.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "health/probes/stream.hpp"
#include "net/dialogue.hpp"

namespace gslb::health {

namespace {

constexpr std::chrono::seconds every{2};
constexpr std::chrono::milliseconds longest{1000};

}  // namespace

struct References::Impl {
  explicit Impl(boost::asio::io_context& c) : dialogues(c), timer(c) {}

  void try_all() {
    attempts.clear();
    for (std::size_t i = 0; i < states.size(); ++i) {
      net::DialogueRequest request;
      request.to = states[i].address;
      request.deadline = base::steady_now() + longest;
      attempts.push_back(dialogues.start(std::move(request), [this, i](const net::DialogueResult& result) {
        const bool accepted = result.reached == net::Phase::done;
        if (accepted) states[i].reached = base::steady_now();
        states[i].problem = accepted ? std::string() : stream_failure(result, false).detail;
      }));
    }
    timer.expires_after(every);
    timer.async_wait([this](const boost::system::error_code& error) {
      if (!error) try_all();
    });
  }

  net::DialogueClient dialogues;
  boost::asio::steady_timer timer;
  std::vector<State> states;
  std::vector<std::unique_ptr<net::DialogueClient::Running>> attempts;
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
