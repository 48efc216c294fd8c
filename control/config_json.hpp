// control/config_json.hpp: which configuration runs, and what became of a push, as JSON.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "control/config_views.hpp"

namespace gslb::control {

std::string to_json(const ConfigPushOutcome& outcome);
[[nodiscard]] base::Result<ConfigPushOutcome> push_outcome_from_json(std::string_view text);
std::string to_json(const ConfigView& view);
[[nodiscard]] base::Result<ConfigView> config_view_from_json(std::string_view text);

}  // namespace gslb::control
