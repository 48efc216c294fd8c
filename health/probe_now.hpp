// health/probe_now.hpp: probes that somebody asks for: once, now, beside what is counted.
//
// Threads: the checker's.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "health/sharing/probe_asks.hpp"

namespace gslb::health {

class Checker;

/// Probes those of `asked` that the checker has; what only waits for pushes is left out. `done` is called once, when
/// the last probe has ended; at once if there is none.
/// @param ids  Target::id() of each of the checker's targets
void probe_now(Checker& checker, const std::vector<std::uint64_t>& ids, const std::vector<std::uint64_t>& asked,
               const std::function<void(std::vector<ProbeOutcome>)>& done);

}  // namespace gslb::health
