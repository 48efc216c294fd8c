// control/change_view.hpp: simulations and differences as a person reads them.
#pragma once

#include <string>
#include <vector>

#include "engine/diff.hpp"
#include "engine/simulate.hpp"

namespace gslb::control {

/// One failure: each site now and then, who moves, and what fails next.
std::string render_simulation(const engine::Simulation& simulation, const std::vector<policy::SiteSpec>& sites,
                              const std::vector<engine::Overload>& cascade);

/// A line of the tables for all failures of one or two sites.
struct FailureRow {
  std::vector<std::string> down;
  double moved = 0;   ///< of the first measure, 0 to 1
  double nobody = 0;  ///< left without an answer, 0 to 1
  std::optional<engine::Overload> fullest;
};
std::string render_failures(const std::vector<FailureRow>& rows, const std::string& unit);

/// @param most  the share that may move, for the last line; nothing: any difference counts
std::string render_difference(const engine::Difference& difference, std::optional<double> most);

}  // namespace gslb::control
