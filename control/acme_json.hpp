// control/acme_json.hpp: what the control API says of ACME challenges and exported zones, as JSON and back, in the
// manner of control/json.hpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "control/acme_views.hpp"

namespace gslb::control {

std::string to_json(const std::vector<ChallengeView>& challenges);
std::string to_json(const ChallengeOutcome& outcome);
std::string to_json(const std::vector<NameServerView>& servers);
/// What `gslbctl acme set|clear` writes.
std::string to_json(const ChallengeOutcome& outcome, const std::vector<NameServerView>& servers);
/// What `gslbctl zone export` writes.
std::string zone_to_json(const std::string& zone, const std::string& text);

[[nodiscard]] base::Result<std::vector<ChallengeView>> challenges_from_json(std::string_view text);
[[nodiscard]] base::Result<ChallengeOutcome> challenge_outcome_from_json(std::string_view text);
[[nodiscard]] base::Result<std::vector<NameServerView>> name_servers_from_json(std::string_view text);

}  // namespace gslb::control
