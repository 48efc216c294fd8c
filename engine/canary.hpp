// engine/canary.hpp: whether new databases send too many clients elsewhere: a database can be sound and wrong.
//
//   running Snapshot ─┐
//   next Snapshot ────┴─► for each canary network, old and new sites with everything up ─► share that moves
//
// Pure. Threads: the builder's.
#pragma once

#include <optional>
#include <string>

#include "engine/generation.hpp"

namespace gslb::engine {

/// Why the databases of `next` should not be used: for some service and address family, a larger share of the canary
/// networks than `next.canary.most` would go to another site than with the databases of `running`. Nothing if the
/// databases are the same, or no service asks what one asked before. What else changed in the configuration does not
/// count: both sides are judged by the services of `next`. Networks that neither side knows do not count either.
[[nodiscard]] std::optional<std::string> canary_refusal(const Snapshot& running, const Snapshot& next);

}  // namespace gslb::engine
