// control/pack.hpp: a configuration on disk as a bundle that can be pushed.
#pragma once

#include <string>

#include "base/source.hpp"
#include "config/bundle.hpp"

namespace gslb::control {

/// Reads `file` and what it names by paths inside its folder: YAML, zone files with what they include, places files and
/// round-trip tables. Not databases, keys and certificates: those are each machine's own.
/// @return "" if `errors` got an entry
[[nodiscard]] std::string pack(const std::string& file, base::ErrorList& errors);

}  // namespace gslb::control
