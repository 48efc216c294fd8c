// control/reasons.hpp: the questions "why", "what if" and "what changes", asked of a running server or of a file.
//
//   request ──► engine: explain, prove, simulate, diff ──► one JSON object: the facts, and `text`, the same for people
//
// The server and gslbctl (with --config) answer through the same functions. Threads: any; all but explain are slow.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/config.hpp"
#include "engine/generation.hpp"
#include "health/order.hpp"

namespace gslb::control {

/// What answers now.
struct Present {
  engine::GenerationPtr generation;
  std::vector<health::TargetState> states;       ///< of the snapshot's targets; empty: they are supposed, not probed
  std::shared_ptr<const config::Config> config;  ///< that the snapshot was compiled from
  std::vector<health::Order> orders = {};        ///< of people
};

/// Parameters by name, as they stand in a query string or behind options.
using Parameters = std::map<std::string, std::string>;

/// Called with how many of how many services are done.
using Progress = std::function<void(std::size_t, std::size_t)>;

/// `name`, `type`, `client`, `resolver`, `why_not`: see docs/control-api.md. An error is a mistake in the parameters.
[[nodiscard]] base::Result<std::string> tell_why(const Present& present, const Parameters& parameters);
/// `failures`, `candidates`.
[[nodiscard]] base::Result<std::string> tell_proof(const Present& present, const Parameters& parameters,
                                                   const Progress& progress = {});
/// `down` (sites with commas between) or `all` (1: every failure of one or two sites). `traffic` is a traffic file's
/// text, or with `format` "queries" a list of queries; "" means every address alike.
[[nodiscard]] base::Result<std::string> tell_simulation(const Present& present, const Parameters& parameters,
                                                        const std::string& traffic, const Progress& progress = {});

/// What moves from one configuration to another, both all up.
struct MoveLimit {
  std::optional<double> most;  ///< the part of a service's clients that may move; none: any difference is not ok
};
[[nodiscard]] base::Result<std::string> tell_difference(const Present& before, const Present& after,
                                                        const MoveLimit& limit, const std::string& traffic);

/// "5%" or "0.05". 0 to 1.
[[nodiscard]] base::Result<double> parse_share(const std::string& text);

}  // namespace gslb::control
