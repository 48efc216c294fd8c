#include "health/orders.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace gslb::health {

namespace {

constexpr std::size_t longest_text = 500;

std::optional<base::Error> fault_of(const Order& order, base::WallTime now) {
  if (order.reason.empty()) return base::Error{"an order needs a reason"};
  if (order.author.empty()) return base::Error{"an order needs an author"};
  for (const std::string* text :
       {&order.reason, &order.author, &order.scope.service, &order.scope.site, &order.scope.address}) {
    if (text->size() > longest_text)
      return base::Error{"a text of an order has at most " + std::to_string(longest_text) + " octets"};
  }
  if (order.expires && *order.expires <= now) return base::Error{"an order ends after it begins"};
  if (order.expires && *order.expires - now > OrderBook::longest)
    return base::Error{"an order lasts at most a year; without an end, say so"};
  return std::nullopt;
}

}  // namespace

base::Result<Order> OrderBook::give(Order order, base::WallTime now) {
  if (auto fault = fault_of(order, now)) return *std::move(fault);
  if (std::count_if(orders_.begin(), orders_.end(), [](const Order& o) { return !o.ended; }) >=
      static_cast<std::ptrdiff_t>(most))
    return base::Error{std::to_string(most) + " orders hold already: end some first"};
  order.id = ++last_id_;
  order.given = now;
  order.ended.reset();
  order.ended_by.clear();
  std::ranges::sort(order.not_up);
  return orders_.emplace_back(std::move(order));
}

base::Result<Order> OrderBook::end(std::uint64_t id, const std::string& by, base::WallTime now) {
  const auto found = std::ranges::find(orders_, id, &Order::id);
  if (found == orders_.end()) return base::Error{"there is no order " + std::to_string(id)};
  if (found->ended) return base::Error{"order " + std::to_string(id) + " has ended already"};
  found->ended = now;
  found->ended_by = by;
  return *found;
}

std::vector<Order> OrderBook::end(const std::vector<OrderKind>& kinds, const OrderScope& scope, const std::string& by,
                                  base::WallTime now) {
  std::vector<Order> out;
  for (Order& order : orders_) {
    if (order.ended || order.scope != scope || std::ranges::find(kinds, order.kind) == kinds.end()) continue;
    order.ended = now;
    order.ended_by = by;
    out.push_back(order);
  }
  return out;
}

OrderBook::Step OrderBook::step(base::WallTime now) {
  Step out;
  const auto look_again = [&out](base::WallTime when) { out.next = std::min(out.next.value_or(when), when); };
  std::erase_if(orders_, [&](const Order& order) { return order.ended && now - *order.ended >= kept_after; });
  for (Order& order : orders_) {
    if (order.ended) {
      look_again(*order.ended + kept_after);
      continue;
    }
    if (!order.expires) continue;
    if (*order.expires <= now) {
      order.ended = *order.expires;  // also if nobody was there to see it
      out.expired.push_back(order);
      look_again(*order.ended + kept_after);
      continue;
    }
    const base::WallTime warning = *order.expires - warned_before;
    const bool told = std::ranges::find(warned_, order.id) != warned_.end();
    if (warning > order.given && !told && warning <= now) {
      warned_.push_back(order.id);
      out.expiring.push_back(order);
    }
    look_again(warning > now && warning > order.given ? warning : *order.expires);
  }
  std::erase_if(warned_, [&](std::uint64_t id) {
    return std::ranges::none_of(orders_, [&](const Order& order) { return order.id == id && !order.ended; });
  });
  return out;
}

}  // namespace gslb::health
