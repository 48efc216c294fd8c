// control/key_json.hpp: what the control API says of keys, as JSON and back, in the manner of control/json.hpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "control/key_views.hpp"

namespace gslb::control {

std::string to_json(const std::vector<ZoneKeysView>& zones);
/// Of an order that was carried out.
std::string to_json(const KeyOutcome& outcome);

[[nodiscard]] base::Result<std::vector<ZoneKeysView>> zone_keys_from_json(std::string_view text);
[[nodiscard]] base::Result<KeyOutcome> key_outcome_from_json(std::string_view text);

}  // namespace gslb::control
