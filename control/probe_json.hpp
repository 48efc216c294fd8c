// control/probe_json.hpp: a probe that a person asked for, as the control API shows it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace gslb::control {

/// What one vantage saw of one target.
struct ProbeView {
  std::string vantage;  ///< "here": the server itself
  std::string address;
  std::string monitor;  ///< how it was probed: Target::key()
  bool ok = false;
  bool voided = false;  ///< it says nothing about the target
  std::string phase;    ///< where it ended
  std::string detail;
  base::Duration latency{};
};

std::string to_json(const std::vector<ProbeView>& probes);
[[nodiscard]] base::Result<std::vector<ProbeView>> probes_from_json(std::string_view text);

}  // namespace gslb::control
