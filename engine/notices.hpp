// engine/notices.hpp: what an operator wrote that changes nothing: no mistake, but perhaps not what was meant. Monitors
// that nothing is probed by, filters that leave the tiers of every client as they were.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"

namespace gslb::engine {

struct Notice {
  std::string subject;                       ///< "monitors.web", "policies.near"
  std::optional<policy::FilterKind> filter;  ///< of that policy, which changes nothing; nothing: a monitor
  base::SourcePosition where;
};

/// Of a service: for each of its steps, in their order, whether it changes the tiers of some client.
using StepEffects = std::vector<bool>;

/// @param effects  of each service, in the order of the configuration; empty for one that was not looked at
std::vector<Notice> notices(const config::Config& config, const std::vector<StepEffects>& effects);

}  // namespace gslb::engine
