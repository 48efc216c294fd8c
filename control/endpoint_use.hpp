// control/endpoint_use.hpp: what an endpoint's state means to a balancer that is told of it. Pure.
#pragma once

#include "control/instance.hpp"

namespace gslb::control {

/// By its verdict, unless people said up or down.
bool counts_as_up(const EndpointView& endpoint) noexcept;

/// How much of the configured weight there is, in percent: 0 for none, and at least 1 for more than none.
int percent_of(double weight, double configured) noexcept;

}  // namespace gslb::control
