// engine/probe_targets.hpp: what a configuration has probed, without compiling it: no zone, no database, no key is
// read.
#pragma once

#include <string>
#include <vector>

#include "config/config.hpp"
#include "health/host_addresses.hpp"
#include "health/target.hpp"

namespace gslb::engine {

/// The targets that a server with this configuration probes, in any order, each once.
/// @param hosts  the addresses of endpoints that are hosts
std::vector<health::Target> probe_targets(const config::Config& config, const health::HostAddresses& hosts);

/// Every host that an endpoint is, once.
std::vector<std::string> probed_hosts(const config::Config& config);

}  // namespace gslb::engine
