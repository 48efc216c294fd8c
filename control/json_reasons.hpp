// control/json_reasons.hpp: explanations, proofs, simulations and differences as JSON, with `text` for people.
#pragma once

#include <string>

#include "base/clock.hpp"
#include "control/change_view.hpp"
#include "control/shadow.hpp"
#include "engine/explain.hpp"
#include "engine/prove.hpp"

namespace gslb::control {

std::string to_json(const engine::Explanation& explanation);
std::string to_json(const engine::Proof& proof, base::Duration took);
std::string to_json(const engine::Simulation& simulation, const std::vector<policy::SiteSpec>& sites,
                    const std::vector<engine::Overload>& cascade);
std::string to_json(const std::vector<FailureRow>& rows, const std::string& unit);
/// `ok` says that no more than `most` of a service moves; or, without `most`, that nothing does.
std::string to_json(const engine::Difference& difference, std::optional<double> most);

/// `ok` says that no answer differs.
std::string to_json(const Shadow& shadow, const base::SocketAddress& server);

/// What every answer of this kind has: whether all is as it should be, and the text.
struct Told {
  bool ok = true;
  std::string text;
};
[[nodiscard]] base::Result<Told> told_from_json(std::string_view text);

}  // namespace gslb::control
