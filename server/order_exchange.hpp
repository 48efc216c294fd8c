// server/order_exchange.hpp: carries orders between nodes: straight to each, and through the shared store to those that
// are away.
//
//   order given ─spread─► POST /v1/orders to every other node ─► who obeys
//   another node's mark differs ─► the same, to that one
//   shared store ─listing─► merge; what it lacks or does not know ended ─put, fenced─► shared store
//
// A node sends all orders it has and gets all of the other's: whoever begins, both have the same afterwards.
// Threads: the control thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "health/sharing/shared_store.hpp"
#include "health/sharing/sharing_spec.hpp"
#include "net/http_client.hpp"
#include "server/order_keeper.hpp"

namespace gslb::server {

class OrderExchange {
 public:
  static constexpr std::string_view prefix = "/gslb/orders/";
  /// What another node made of the orders.
  struct Told {
    std::string node;
    bool obeys = false;
    std::string problem;  ///< "" if it obeys
  };

  OrderExchange(boost::asio::io_context& control, OrderKeeper& keeper) : keeper_(keeper), client_(control) {}

  /// Exchanges with those of `spec.vantages` that have an address, but for `self`, from now on.
  void follow(const health::SharingSpec& spec, const std::string& self);
  /// Tells all others. `done` is called once, within seconds; without others, at once.
  void spread(std::function<void(std::vector<Told>)> done);
  /// A report of another node said so (health::orders_key).
  void heard(const std::string& node, std::uint32_t mark);
  /// Takes what another node has. @return what this one has then; fails if they cannot be read
  [[nodiscard]] base::Result<std::string> take(const std::string& node, std::string_view orders);

  /// Brings this node and a store that is trusted together. @param listing  all that is in it
  void read(const health::Listing& listing, health::SharedStore& store);
  /// A person has accepted another store: it has nothing of this node yet.
  void forget_store();

 private:
  struct Peer {
    base::SocketAddress address;
    base::SteadyTime tried{};
  };
  void tell(const std::string& node, const std::function<void(Told)>& done);
  Told judge(const std::string& node, const net::HttpResponse& response);

  OrderKeeper& keeper_;
  health::SharingSpec spec_;
  std::map<std::string, Peer> peers_;
  std::string unreadable_;  ///< the key in the store that was warned of last
  net::HttpClient client_;  // the first to go: nothing calls back afterwards
};

}  // namespace gslb::server
