#include "health/order.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace gslb::health {

std::string_view to_string(OrderKind kind) {
  switch (kind) {
    case OrderKind::failback:
      return "failback";
    case OrderKind::hold:
      return "hold";
    case OrderKind::up:
      return "up";
    case OrderKind::drain:
      return "drain";
    case OrderKind::down:
      return "down";
  }
  return {};
}

std::optional<OrderKind> parse_order_kind(std::string_view text) {
  for (const OrderKind kind :
       {OrderKind::failback, OrderKind::hold, OrderKind::up, OrderKind::drain, OrderKind::down}) {
    if (text == to_string(kind)) return kind;
  }
  return std::nullopt;
}

/// Where the last "*" was is all that has to be remembered: an earlier one never has to take more.
bool matches(std::string_view pattern, std::string_view text) noexcept {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t taken = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++taken;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

namespace {

bool means_service(std::string_view pattern, std::string_view name) noexcept {
  if (pattern.empty() || matches(pattern, name)) return true;
  for (std::size_t dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.', dot + 1)) {
    if (matches(pattern, name.substr(0, dot))) return true;
  }
  return false;
}

std::string_view done_to(OrderKind kind) {
  switch (kind) {
    case OrderKind::failback:
      return "let back to its best tier";
    case OrderKind::hold:
      return "held as it was";
    case OrderKind::up:
      return "forced up";
    case OrderKind::drain:
      return "drained";
    case OrderKind::down:
      return "forced down";
  }
  return {};
}

}  // namespace

bool OrderScope::holds(std::string_view of_service, std::string_view at_site,
                       std::string_view of_address) const noexcept {
  return (site.empty() || matches(site, at_site)) && (address.empty() || matches(address, of_address)) &&
         means_service(service, of_service);
}

std::string to_string(const OrderScope& scope) {
  if (!scope.address.empty()) return scope.address;
  if (scope.service.empty()) return scope.site.empty() ? "*" : scope.site;
  return scope.site.empty() ? scope.service : scope.service + "/" + scope.site;
}

bool same_order(const Order& a, const Order& b) noexcept {
  return a.id == b.id && a.node == b.node && a.given == b.given;
}

std::string name_of(const Order& order, const std::vector<Order>& among) {
  const bool alone = std::ranges::none_of(
      among, [&order](const Order& other) { return other.id == order.id && !same_order(order, other); });
  return std::to_string(order.id) + (alone || order.node.empty() ? "" : "@" + order.node);
}

std::string held_key(std::string_view service, std::string_view address) {
  return std::string(service).append(" ").append(address);
}

const Order* effective(const std::vector<Order>& orders, std::string_view service, std::string_view site,
                       std::string_view address) noexcept {
  const Order* best = nullptr;
  for (const Order& order : orders) {
    if (order.ended || order.kind == OrderKind::failback || !order.scope.holds(service, site, address)) continue;
    if (best == nullptr || order.kind > best->kind || (order.kind == best->kind && order.id < best->id)) best = &order;
  }
  return best;
}

std::string describe(const Order& order, base::WallTime now) {
  std::string out(done_to(order.kind));
  out.append(" by ").append(order.author).append(": ").append(order.reason);
  if (!order.expires) return out.append(", until somebody ends it");
  return out.append(", ")
      .append(base::human_duration(std::max(base::Duration{}, *order.expires - now)))
      .append(" left");
}

}  // namespace gslb::health
