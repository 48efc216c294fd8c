// server/store_followers.hpp: waits until the nodes that hear of orders through the shared store alone obey them.
//
// Threads: the control thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <list>
#include <string>
#include <vector>

#include "server/order_exchange.hpp"

namespace gslb::server {

class StoreFollowers {
 public:
  using Done = std::function<void(std::vector<OrderExchange::Told>)>;
  /// They read the store every five seconds.
  static constexpr std::chrono::milliseconds patience{7000}, every{250};

  struct Hooks {
    std::function<void()> refresh;                       ///< reads the store now
    std::function<bool(const std::string& node)> obeys;  ///< as of what was read last
  };
  StoreFollowers(boost::asio::io_context& control, Hooks hooks) : timer_(control), hooks_(std::move(hooks)) {}

  /// `done` is called once, when all obey or after `patience`; of nobody, at once.
  void wait(std::vector<std::string> nodes, Done done);

 private:
  struct Waiting {
    std::vector<std::string> nodes;
    base::SteadyTime until;
    Done done;
  };
  void look();

  boost::asio::steady_timer timer_;
  Hooks hooks_;
  std::list<Waiting> waiting_;
};

}  // namespace gslb::server
