// server/descriptor_limit.hpp: as many connections as the system has descriptors for.
#pragma once

namespace gslb::server {

/// How many connections fit into `limit` descriptors when `others` are needed for everything else; at least 1, at most
/// `wanted`.
unsigned connections_within(unsigned long limit, unsigned wanted, unsigned others) noexcept;

/// Raises this process' limit of open files (RLIMIT_NOFILE) to what `wanted` connections and `others` need. If the
/// system does not grant it, a warning says what to do. Control thread.
/// @return how many connections there may be
unsigned raise_descriptor_limit(unsigned wanted, unsigned others);

}  // namespace gslb::server
