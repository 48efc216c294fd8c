// control/order_json.hpp: what the control API says of orders and events, as JSON and back, in the manner of
// control/json.hpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "control/order_views.hpp"
#include "health/event_log.hpp"

namespace gslb::control {

/// The orders that hold and those that ended, by id.
std::string to_json(const std::vector<OrderView>& orders);
/// Of what was carried out.
std::string to_json(const OrderOutcome& outcome);
/// What one server said: what came of a request, or why it was not reached or did not do it.
struct NodeOutcome {
  std::string node;  ///< its control socket; of one that another told, its name
  bool ok = false;
  OrderOutcome outcome;
  std::string error;  ///< "" if ok
  std::string hint;
};
std::string to_json(const std::vector<NodeOutcome>& nodes);
/// @param last  the id of the newest event that there is
std::string events_to_json(const std::vector<health::Event>& events, std::uint64_t last);

[[nodiscard]] base::Result<std::vector<OrderView>> orders_from_json(std::string_view text);
[[nodiscard]] base::Result<OrderOutcome> order_outcome_from_json(std::string_view text);
/// What an order would do, see control/order_preview.hpp.
struct Preview {
  bool ok = false;  ///< no safety rule is against it
  std::string text;
};
[[nodiscard]] base::Result<Preview> preview_from_json(std::string_view text);
struct Events {
  std::vector<health::Event> events;
  std::uint64_t last = 0;
};
[[nodiscard]] base::Result<Events> events_from_json(std::string_view text);

}  // namespace gslb::control
