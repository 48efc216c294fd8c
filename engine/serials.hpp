// engine/serials.hpp: whether a new configuration takes the serial of a zone backwards.
#pragma once

#include <string>
#include <vector>

#include "engine/generation.hpp"

namespace gslb::engine {

/// A sentence for each zone that is in both and whose serial in `next` is older than in `now` (RFC 1982): servers that
/// hold a copy of the zone would not take the change. Builder or control thread.
std::vector<std::string> serials_that_go_back(const Snapshot& now, const Snapshot& next);

}  // namespace gslb::engine
