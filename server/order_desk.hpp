// server/order_desk.hpp: where people give orders: what they wrote becomes a scope, safety rules are asked, and what
// they are told is made of what the threads know.
//
//   control API ─► OrderDesk ─scope, rules─► OrderKeeper
//
// Threads: the control thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <string>
#include <vector>

#include "control/order_views.hpp"
#include "control/probe_json.hpp"
#include "server/drain_tail.hpp"
#include "server/health_service.hpp"
#include "server/order_keeper.hpp"
#include "server/workers.hpp"

namespace gslb::server {

class OrderDesk {
 public:
  OrderDesk(boost::asio::io_context& control, HealthService& health, const Workers& workers, OrderKeeper::Tell tell);

  OrderKeeper& keeper() noexcept { return keeper_; }
  std::vector<control::OrderView> orders();
  /// A reading of a site's balancer. @return how long clients went on coming after the site was drained, once that is
  /// seen
  std::optional<base::Duration> fed(const std::string& feed, const std::string& site,
                                    const health::FeedReading& reading, base::SteadyTime when);
  /// Here; the other nodes are the caller's to tell.
  control::OrderOutcome order(const control::OrderRequest& request);

 private:
  control::OrderOutcome give(const control::OrderRequest& request, const engine::Generation& now);
  control::OrderOutcome end(const control::OrderRequest& request, const engine::Generation& now);
  control::OrderView view(const health::Order& order, const engine::Snapshot& snapshot) const;

  HealthService& health_;
  const Workers& workers_;
  OrderKeeper keeper_;
  DrainTail tails_;
};

}  // namespace gslb::server
