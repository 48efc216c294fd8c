// control/check.hpp: whether a configuration could be loaded, without a server; a shared store is asked how it is kept.
#pragma once

#include <string>
#include <vector>

#include "base/source.hpp"

namespace gslb::control {

struct CheckResult {
  std::vector<base::ConfigError> errors;  ///< empty: it could be loaded
  std::vector<base::ConfigError> warnings;
  std::string summary;       ///< if so: "1 zone, 1 service, 3 sites, 1 monitor, 1 policy"
  std::string explanations;  ///< of the tests among the errors
};

[[nodiscard]] CheckResult check(const std::string& file);

}  // namespace gslb::control
