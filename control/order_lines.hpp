// control/order_lines.hpp: orders, events and probes as an operator reads them.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "control/order_json.hpp"
#include "control/probe_json.hpp"

namespace gslb::control {

/// "order 7: fra drained by anna: kernel update, 2h 00m left, on 1 of 1 nodes", and how long old answers live.
std::string render_outcomes(const std::vector<NodeOutcome>& nodes, base::WallTime now);
/// The nodes on which it did not take effect, and why; "" if there are none.
std::string render_failures(const std::vector<NodeOutcome>& nodes);
std::string render_orders(const std::vector<OrderView>& orders, base::WallTime now, bool color);
std::string render_events(const std::vector<health::Event>& events, bool color);
std::string render_probes(const std::vector<ProbeView>& probes, bool color);

/// Watches one server after a drain: when clients should have no old answer any more.
class DrainWatch {
 public:
  DrainWatch(std::string node, const OrderView& order, base::SteadyTime now)
      : node_(std::move(node)), id_(order.order.id), answers_(order.answers), last_(now) {
    see(order, now);
  }

  const std::string& node() const noexcept { return node_; }
  std::uint64_t id() const noexcept { return id_; }
  void see(const OrderView& order, base::SteadyTime now);
  /// When no client should come any more: TTLs have passed, and as long as clients went on coming after an earlier
  /// drain. Not positive: now.
  base::Duration safe_in(base::SteadyTime now) const noexcept { return last_ + std::max(ttl_, tail_) - now; }
  /// "fra.sock: answers to it 12/s; 310 connections at its balancer; safe in 28 s at the earliest"
  std::string line(base::SteadyTime now) const;

 private:
  std::string node_;
  std::uint64_t id_;
  base::Duration ttl_{}, tail_{};
  std::optional<double> connections_, requests_;  ///< at the site's balancer
  std::optional<std::uint64_t> answers_;
  base::SteadyTime last_;  ///< the last answer that may have named it
  std::optional<base::SteadyTime> seen_;
  double rate_ = 0;  ///< answers a second
};

}  // namespace gslb::control
