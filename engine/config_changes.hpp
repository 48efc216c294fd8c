// engine/config_changes.hpp: what an operator changed that can move the clients of a service.
#pragma once

#include <string>
#include <vector>

#include "config/config.hpp"

namespace gslb::engine {

/// Sentences such as "endpoint at lon added", for a service that both configurations have, by its absolute name.
std::vector<std::string> changes_of(const config::Config& before, const config::Config& after,
                                    const std::string& service);

}  // namespace gslb::engine
