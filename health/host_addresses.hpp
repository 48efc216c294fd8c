// health/host_addresses.hpp: what is known of the addresses of hosts.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/address.hpp"

namespace gslb::health {

/// For each host, in lower case without final dot: its addresses, sorted; none: nobody has said any yet.
using HostAddresses = std::map<std::string, std::vector<base::IpAddress>>;

}  // namespace gslb::health
