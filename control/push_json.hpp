// control/push_json.hpp: what a service pushes of itself, and what it is answered, as JSON.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "health/push.hpp"

namespace gslb::control {

/// `{"status": "warn", "note": "disk nearly full"}`. An empty body is a pass. Fails without a status, and if the note
/// is longer than 256 octets; control characters in it become spaces.
[[nodiscard]] base::Result<health::Push> push_from_json(std::string_view text);
std::string to_json(const health::Push& push);

/// The answer: the keys of the targets that it counts for.
std::string pushed_to_json(const std::vector<std::string>& targets);
[[nodiscard]] base::Result<std::vector<std::string>> pushed_from_json(std::string_view text);

}  // namespace gslb::control
