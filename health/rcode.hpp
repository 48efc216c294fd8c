// health/rcode.hpp: DNS response codes by name. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gslb::health {

/// "NXDOMAIN"; "RCODE11" for one without a name (RFC 6895 section 2.3).
std::string rcode_text(std::uint16_t rcode);
/// From a name, in any case.
std::optional<std::uint16_t> parse_rcode(std::string_view text);

}  // namespace gslb::health
