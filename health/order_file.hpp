// health/order_file.hpp: the orders of people as text for the state directory, and back. No I/O.
//
//   {"version":1,"checksum":"<16 hex digits>","orders":{"last":7,"list":[{"id":7,"kind":"drain",…},…]}}
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "health/orders.hpp"

namespace gslb::health {

inline constexpr std::size_t longest_orders = std::size_t{4} * 1024 * 1024;  ///< octets, between nodes

std::string to_text(const OrderBook& book);
/// Fails if the text is damaged in any way, or of a version that this release does not know.
[[nodiscard]] base::Result<OrderBook> parse_orders(std::string_view text);

/// One, for the shared store: without what is this node's alone.
std::string to_text(const Order& order);
[[nodiscard]] base::Result<Order> parse_order(std::string_view text);

}  // namespace gslb::health
