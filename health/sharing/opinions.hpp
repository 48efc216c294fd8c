// health/sharing/opinions.hpp: what a vantage thinks, made from the states of its targets. Pure.
#pragma once

#include <span>
#include <vector>

#include "base/clock.hpp"
#include "health/report.hpp"
#include "health/target.hpp"

namespace gslb::health {

/// The opinions, and whether every target has been probed; who reports, and which report it is, is left to the caller.
/// Of targets with one number, which differ in timing alone, the first speaks.
/// @param ids  Target::id() of each state
Report report_of(std::span<const std::uint64_t> ids, const std::vector<TargetState>& states, base::SteadyTime now);

}  // namespace gslb::health
