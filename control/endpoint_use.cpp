#include "control/endpoint_use.hpp"

#include <algorithm>
#include <cmath>

namespace gslb::control {

bool counts_as_up(const EndpointView& endpoint) noexcept {
  if (endpoint.ordered == "up" || endpoint.ordered == "down") return endpoint.ordered == "up";
  return endpoint.state.verdict == health::Verdict::up;
}

int percent_of(double weight, double configured) noexcept {
  if (!(weight > 0) || !(configured > 0)) return 0;
  return static_cast<int>(std::lround(std::clamp(100 * weight / configured, 1.0, 100.0)));
}

}  // namespace gslb::control
