// control/order_preview.hpp: what an order would do, before it is given.
#pragma once

#include <string>

#include "control/reasons.hpp"

namespace gslb::control {

/// `kind` and `scope`, see docs/control-api.md. An error is a mistake in the parameters. Slow.
[[nodiscard]] base::Result<std::string> tell_order(const Present& present, const Parameters& parameters);

}  // namespace gslb::control
