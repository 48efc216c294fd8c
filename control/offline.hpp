// control/offline.hpp: a configuration file as if it ran, without a server: all up, or with some sites down.
#pragma once

#include <string>
#include <vector>

#include "base/source.hpp"
#include "control/reasons.hpp"

namespace gslb::control {

struct Offline {
  Present present;  ///< without a generation if there are errors
  std::vector<base::ConfigError> errors;
  std::vector<base::ConfigError> warnings;
};

/// Reads and compiles a file.
[[nodiscard]] Offline load_offline(const std::string& file);

/// The same with these sites down. Fails if one is unknown.
[[nodiscard]] base::Result<Present> with_down(Present present, const std::vector<std::string>& sites);

}  // namespace gslb::control
