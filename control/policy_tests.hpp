// control/policy_tests.hpp: the questions under `tests:`, answered as the server would answer them.
#pragma once

#include <string>
#include <vector>

#include "base/source.hpp"
#include "control/reasons.hpp"

namespace gslb::control {

struct FailedTest {
  base::ConfigError error;  ///< what was expected, and what is answered
  std::string explanation;  ///< why, as `gslbctl explain` says it
};

/// @param present  all up
[[nodiscard]] std::vector<FailedTest> failed_tests(const Present& present);

}  // namespace gslb::control
