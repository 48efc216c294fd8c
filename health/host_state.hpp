// health/host_state.hpp: the addresses of hosts as text, for the state file.
//
//   gslbd hosts 1 <checksum of what follows, 16 hexadecimal digits>
//   name address address …
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "health/host_addresses.hpp"

namespace gslb::health {

/// Hosts without addresses are left out.
std::string write_host_state(const HostAddresses& hosts);
/// An error if the text is of another version or damaged.
[[nodiscard]] base::Result<HostAddresses> read_host_state(std::string_view text);

}  // namespace gslb::health
