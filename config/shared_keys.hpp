// config/shared_hash.hpp: what is to be the same at all name servers, as a number. Pure.
#pragma once

#include <cstdint>

#include "config/yaml.hpp"

namespace gslb::config {

/// A hash of a whole tree, but for the keys at its top that are of one machine: addresses, files, limits and names of
/// its own. Comments, layout, quotes and the division into files make no difference; the order of keys does.
std::uint64_t shared_hash(const Value& root);

/// `own` with what `pushed` says instead of it, but for the keys of one machine.
Value with_shared(Value own, Value pushed);

}  // namespace gslb::config
