// zones/https_record.hpp: the HTTPS record of one endpoint of a service (RFC 9460).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/address.hpp"
#include "policy/policy_spec.hpp"

namespace gslb::zones {

/// Appends C0 0C HTTPS IN TTL RDLENGTH, priority 1, the owner itself as target, and the parameters with the addresses
/// as hints, keys in the order of their numbers (section 2.2). The TTL is 0, for whoever copies to write.
void append_https_record(const policy::HttpsSpec& https, std::span<const base::IpAddress> addresses,
                         std::vector<std::uint8_t>& out);

}  // namespace gslb::zones
