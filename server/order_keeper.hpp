// server/order_keeper.hpp: the orders of people over the life of the server: obeyed at once, on disk before anybody is
// told, ended when they expire, also across a restart.
//
//   control API ─► OrderKeeper ─► OrderBook ─┬─► state/orders.json (write, fsync, rename)
//                     ▲── timer: expiry      ├─► Obey ─► health thread ─► plans
//                                            └─► Tell ─► events
//
// Threads: the control thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "health/event_log.hpp"
#include "health/orders.hpp"

namespace gslb::server {

class OrderKeeper {
 public:
  using Obey = std::function<void(const std::vector<health::Order>&)>;
  using Tell = std::function<void(health::Event)>;

  /// @param obey  told all orders whenever one begins or ends
  OrderKeeper(boost::asio::io_context& control, Obey obey, Tell tell)
      : timer_(control), obey_(std::move(obey)), tell_(std::move(tell)) {}

  /// Takes up what an earlier run kept; one that cannot be read is set aside, and said. @param directory  "": keeps
  /// nothing
  void open(const std::string& directory);
  /// Obeys what holds, and from now on ends what expires.
  void start();
  /// What the node is called at which orders are given from now on; "" if it has no others.
  void name(const std::string& node) { node_ = node; }

  [[nodiscard]] base::Result<health::Order> give(health::Order order);
  /// @param name  "7", or "7@fra-1"
  [[nodiscard]] base::Result<health::Order> end(std::string_view name, const std::string& by);
  std::vector<health::Order> end(const std::vector<health::OrderKind>& kinds, const health::OrderScope& scope,
                                 const std::string& by);

  /// Takes what another node has. @param whose  "fra-1", "the shared store"
  void merge(const std::vector<health::Order>& others, const std::string& whose);
  /// The shared store has these as of that revision; 0: it has not.
  void stored(const std::vector<std::pair<health::Order, std::uint64_t>>& orders);

  /// Those that hold, and those that ended within a day.
  const std::vector<health::Order>& all() const noexcept { return book_.all(); }
  const health::OrderBook& book() const noexcept { return book_; }
  /// What the operator should know: orders that could not be read, or not be written.
  const std::vector<std::string>& warnings() const noexcept { return warnings_; }

 private:
  void look();
  void changed();
  void write();
  std::string named(const health::Order& order) const;
  void say(const health::Order& order, const std::string& what);

  boost::asio::steady_timer timer_;
  Obey obey_;
  Tell tell_;
  std::string path_;
  std::string node_;
  health::OrderBook book_;
  std::map<std::string, std::size_t> refused_;  ///< of whom how many, last time: said once
  std::vector<std::string> warnings_;
};

}  // namespace gslb::server
