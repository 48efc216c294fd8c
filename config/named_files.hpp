// config/named_files.hpp: which files beside YAML decide answers. Pure.
#pragma once

#include <string>
#include <vector>

#include "config/config.hpp"

namespace gslb::config {

/// Zone files, places and round-trip tables, as they are named. Databases, keys and what zone files include are not
/// among them.
std::vector<std::string> named_files(const Config& config);

}  // namespace gslb::config
