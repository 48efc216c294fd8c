// health/order_kind.hpp: what people order of an endpoint. No clock, no I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gslb::health {

/// The later wins wherever several hold.
enum class OrderKind : std::uint8_t {
  failback,  ///< clients go back to the best tier from wherever `failback` kept them when this was ordered
  hold,      ///< verdicts stay as they were when this was ordered: automation is off
  up,        ///< it is answered, whatever the probes say
  drain,     ///< no new answers; the last resort if nothing else exists
  down,      ///< as if it were dead; comes after all that is drained
};
/// "failback", "hold", "up", "drain", "down"
std::string_view to_string(OrderKind kind);
std::optional<OrderKind> parse_order_kind(std::string_view text);

}  // namespace gslb::health
