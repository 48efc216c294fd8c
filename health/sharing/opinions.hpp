// health/sharing/opinions.hpp: what a vantage thinks, made from the states of its targets. Pure.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "health/report.hpp"
#include "health/target.hpp"

namespace gslb::health {

/// The targets a report speaks of, in its order: their numbers, ascending, and where their states are. Of targets with
/// one number, which differ in timing alone, the first speaks.
using ReportOrder = std::vector<std::pair<std::uint64_t, std::uint32_t>>;
ReportOrder report_order(const std::vector<Target>& targets);

/// The opinions, and whether every target has been probed; who reports, and which report it is, is left to the caller.
/// @param states  of the targets that `order` was made from
Report report_of(const ReportOrder& order, const std::vector<TargetState>& states, base::SteadyTime now);

}  // namespace gslb::health
