// geo/canary.hpp: networks by which a new database is judged before it is used.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/source.hpp"
#include "geo/geo_spec.hpp"

namespace gslb::geo {

/// The operator's networks, from the list and from the file; if there are none, canary_sample(). Mistakes in the file
/// go into `errors` with line and column.
[[nodiscard]] std::vector<base::Prefix> canary_networks(const CanarySpec& spec, base::ErrorList& errors);

/// Networks of a file with one a line; what stands behind # is a comment.
/// @param path  the file's, for errors
[[nodiscard]] std::vector<base::Prefix> parse_networks(const std::string& path, std::string text,
                                                       base::ErrorList& errors);

/// Always the same: a /24 from each 2^20 IPv4 addresses and as many /48 out of the blocks of IPv6 that registries give
/// out. None is special-purpose.
[[nodiscard]] std::vector<base::Prefix> canary_sample();

}  // namespace gslb::geo
