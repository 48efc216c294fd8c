// engine/suppose.hpp: the world as it would be: all up but for some sites.
//
// Pure. Threads: any.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/generation.hpp"

namespace gslb::engine {

/// For each site, whether all that is there is down.
using DownSites = std::vector<bool>;

/// @param names  of sites; an unknown one is an error that says which there are
[[nodiscard]] base::Result<DownSites> down_sites(const Snapshot& snapshot, const std::vector<std::string>& names);

/// Every endpoint up, but for those at sites that are down.
policy::ServiceStates states_when(const policy::Service& service, const DownSites& down);
/// The same, from what is known now instead of all up.
policy::ServiceStates states_when(const policy::Service& service, const DownSites& down, policy::ServiceStates now);

/// A generation of the snapshot in which these sites are down and all else is up.
GenerationPtr suppose(SnapshotPtr snapshot, const DownSites& down);
/// The generation with these sites down, all else as it is.
GenerationPtr suppose(const Generation& now, const DownSites& down);
/// The same, where these requests a second were measured at each site while none spilled.
GenerationPtr suppose(const Generation& now, const DownSites& down, const std::vector<double>& load);

}  // namespace gslb::engine
