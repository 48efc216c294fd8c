// health/orders.hpp: the orders of people that hold, and those that ended not long ago.
//
//   give(), end() ──► OrderBook ──step(now)──► what expired, what is about to, when to look again
//
// Orders of several nodes are merged. In whatever order, how often and how late that is done, all nodes come to the
// same: what one has is added, and what ended at one has ended. So an old message brings nothing back.
//
// At any scope `down` beats `drain` beats `up` beats `hold`; an order ends only by its id, by the word against its kind
// and scope, or when it expires. Ended ones stay for a day: what comes back after one does so slowly. One that would
// hold longer than that stays until it would have expired, else a node that was away all the time would bring it back.
// Pure: no clock, no I/O. Threads: one object, one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "health/order.hpp"

namespace gslb::health {

class OrderBook {
 public:
  static constexpr std::size_t most = 1000;  ///< that hold
  static constexpr std::chrono::hours kept_after{24};
  static constexpr std::chrono::minutes warned_before{15};
  static constexpr std::chrono::hours longest{24 * 366};

  OrderBook() = default;
  /// @param orders  as all() told them
  OrderBook(std::vector<Order> orders, std::uint64_t last_id) : orders_(std::move(orders)), last_id_(last_id) {}

  /// Takes an order; its `id` and `ended` are set here. Fails, with what is wrong, if it has no reason or author, is
  /// too long, would expire before it begins, or if too many hold.
  [[nodiscard]] base::Result<Order> give(Order order, base::WallTime now);
  /// @param name  "7", or "7@fra-1"
  /// @return the order, ended; fails if none of this name holds, or two of this number
  [[nodiscard]] base::Result<Order> end(std::string_view name, const std::string& by, base::WallTime now);
  /// Ends those of one of these kinds that were given for exactly this scope. @return them; none if none holds
  std::vector<Order> end(const std::vector<OrderKind>& kinds, const OrderScope& scope, const std::string& by,
                         base::WallTime now);

  struct Merged {
    std::vector<Order> begun;
    std::vector<Order> ended;
    std::size_t refused = 0;  ///< that no give() would have taken
    bool changed() const noexcept { return !begun.empty() || !ended.empty(); }
  };
  /// Takes what another node has.
  Merged merge(const std::vector<Order>& others, base::WallTime now);
  /// The shared store has it, as of this revision.
  void stored(const Order& order, std::uint64_t revision);

  struct Step {
    std::vector<Order> expired;
    std::vector<Order> expiring;         ///< in `warned_before` or less; each is told once by one object
    std::optional<base::WallTime> next;  ///< when to look again
  };
  Step step(base::WallTime now);

  /// Those that hold and those that ended, by id, then by node.
  const std::vector<Order>& all() const noexcept { return orders_; }
  std::uint64_t last_id() const noexcept { return last_id_; }

 private:
  std::vector<Order> orders_;
  std::uint64_t last_id_ = 0;
  std::vector<Order> warned_;
};

/// Of the orders that hold: equal where the same ones do.
std::uint32_t mark_of(const std::vector<Order>& orders) noexcept;

}  // namespace gslb::health
