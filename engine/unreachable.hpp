// engine/unreachable.hpp: what an operator wrote and nobody can ever reach: policies that no service uses, places that
// longer ones cover whole.
#pragma once

#include <vector>

#include "engine/prove.hpp"

namespace gslb::engine {

std::vector<Finding> unreachable_entries(const config::Config& config, const Snapshot& snapshot);

/// How many such entries there are, reachable or not.
std::size_t entries(const config::Config& config);

}  // namespace gslb::engine
