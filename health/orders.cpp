#include "health/orders.hpp"

#include <algorithm>
#include <tuple>

#include "base/hash.hpp"
#include "base/text.hpp"

namespace gslb::health {

namespace {

constexpr std::size_t longest_text = 500;
/// By which another node's number may be ahead: numbers must not run out.
constexpr std::uint64_t longest_leap = 1'000'000;

/// What no order may be, whenever it was given.
std::optional<base::Error> fault_of(const Order& order) {
  if (order.reason.empty()) return base::Error{"an order needs a reason"};
  if (order.author.empty()) return base::Error{"an order needs an author"};
  for (const std::string* text : {&order.reason, &order.author, &order.node, &order.ended_by, &order.scope.service,
                                  &order.scope.site, &order.scope.address}) {
    if (text->size() > longest_text)
      return base::Error{"a text of an order has at most " + std::to_string(longest_text) + " octets"};
  }
  if (order.expires && *order.expires <= order.given) return base::Error{"an order ends after it begins"};
  if (order.expires && *order.expires - order.given > OrderBook::longest)
    return base::Error{"an order lasts at most a year; without an end, say so"};
  return std::nullopt;
}

bool before(const Order& a, const Order& b) noexcept {
  return std::tie(a.id, a.node, a.given) < std::tie(b.id, b.node, b.given);
}

/// When nobody can have an ended order still holding, however long it was away: by then it has expired everywhere.
base::WallTime forgotten_at(const Order& order) {
  return std::max(*order.ended + OrderBook::kept_after, order.expires.value_or(*order.ended + OrderBook::longest));
}

auto holding(const std::vector<Order>& orders) {
  return std::ranges::count_if(orders, [](const Order& order) { return !order.ended; });
}

}  // namespace

base::Result<Order> OrderBook::give(Order order, base::WallTime now) {
  order.given = std::chrono::floor<std::chrono::milliseconds>(now);  // as it is written
  if (order.expires) order.expires = std::chrono::floor<std::chrono::milliseconds>(*order.expires);
  order.ended.reset();
  order.ended_by.clear();
  order.stored = 0;
  if (auto fault = fault_of(order)) return *std::move(fault);
  if (holding(orders_) >= static_cast<std::ptrdiff_t>(most))
    return base::Error{std::to_string(most) + " orders hold already: end some first"};
  order.id = ++last_id_;
  std::ranges::sort(order.not_up);
  return orders_.emplace_back(std::move(order));
}

base::Result<Order> OrderBook::end(std::string_view name, const std::string& by, base::WallTime now) {
  const std::string_view number = name.substr(0, name.find('@'));
  const std::string_view node = number.size() == name.size() ? "" : name.substr(number.size() + 1);
  Order* found = nullptr;
  bool ended = false;
  std::string several;
  for (Order& order : orders_) {
    if (std::to_string(order.id) != number || (!node.empty() && order.node != node)) continue;
    ended = ended || order.ended;
    if (order.ended) continue;
    found = &order;
    several.append(several.empty() ? "" : ", ").append(number).append("@").append(order.node);
  }
  const std::string said = "order " + std::string(name);
  if (found == nullptr) return base::Error{ended ? said + " has ended already" : "there is no " + said};
  if (node.empty() && several.find(',') != std::string::npos)
    return base::Error{said + " could be one of several: " + several};
  found->ended = std::chrono::floor<std::chrono::milliseconds>(now);
  found->ended_by = by;
  return *found;
}

std::vector<Order> OrderBook::end(const std::vector<OrderKind>& kinds, const OrderScope& scope, const std::string& by,
                                  base::WallTime now) {
  std::vector<Order> out;
  for (Order& order : orders_) {
    if (order.ended || order.scope != scope || std::ranges::find(kinds, order.kind) == kinds.end()) continue;
    order.ended = std::chrono::floor<std::chrono::milliseconds>(now);
    order.ended_by = by;
    out.push_back(order);
  }
  return out;
}

OrderBook::Merged OrderBook::merge(const std::vector<Order>& others, base::WallTime now) {
  Merged out;
  for (const Order& other : others) {
    const auto known = std::ranges::find_if(orders_, [&other](const Order& own) { return same_order(own, other); });
    if (known == orders_.end()) {
      if (other.ended && forgotten_at(other) <= now) continue;
      const bool leaps = other.id > last_id_ + longest_leap;
      if (fault_of(other) || leaps || (!other.ended && holding(orders_) >= static_cast<std::ptrdiff_t>(most))) {
        ++out.refused;
        continue;
      }
      Order added = other;
      added.stored = 0;
      if (!added.ended) out.begun.push_back(added);
      last_id_ = std::max(last_id_, added.id);
      orders_.insert(std::ranges::upper_bound(orders_, added, before), std::move(added));
    } else if (other.ended &&
               (!known->ended || std::tie(*other.ended, other.ended_by) < std::tie(*known->ended, known->ended_by))) {
      if (!known->ended) out.ended.push_back(other);
      known->ended = other.ended;
      known->ended_by = other.ended_by;
    }
  }
  return out;
}

void OrderBook::stored(const Order& order, std::uint64_t revision) {
  for (Order& own : orders_) {
    if (same_order(own, order)) own.stored = revision;
  }
}

OrderBook::Step OrderBook::step(base::WallTime now) {
  Step out;
  const auto look_again = [&out](base::WallTime when) { out.next = std::min(out.next.value_or(when), when); };
  std::erase_if(orders_, [&](const Order& order) { return order.ended && forgotten_at(order) <= now; });
  for (Order& order : orders_) {
    if (order.ended) {
      look_again(forgotten_at(order));
      continue;
    }
    if (!order.expires) continue;
    if (*order.expires <= now) {
      order.ended = *order.expires;  // also if nobody was there to see it
      out.expired.push_back(order);
      look_again(forgotten_at(order));
      continue;
    }
    const base::WallTime warning = *order.expires - warned_before;
    const bool told = std::ranges::any_of(warned_, [&](const Order& one) { return same_order(one, order); });
    if (warning > order.given && !told && warning <= now) {
      warned_.push_back(order);
      out.expiring.push_back(order);
    }
    look_again(warning > now && warning > order.given ? warning : *order.expires);
  }
  std::erase_if(warned_, [&](const Order& one) {
    return std::ranges::none_of(orders_, [&](const Order& order) { return same_order(order, one) && !order.ended; });
  });
  return out;
}

std::uint32_t mark_of(const std::vector<Order>& orders) noexcept {
  std::uint64_t out = 0;
  for (const Order& order : orders) {
    if (order.ended) continue;
    const auto given = static_cast<std::uint64_t>(order.given.time_since_epoch().count());
    out ^= base::combine(base::combine(base::hash_bytes(order.node), order.id), given);  // whatever their order
  }
  return static_cast<std::uint32_t>(out ^ (out >> 32));
}

}  // namespace gslb::health
