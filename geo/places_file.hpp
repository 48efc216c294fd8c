// geo/places_file.hpp: the operator's places in a file, for those who have more of them than a configuration should
// hold.
//
//   prefix,lat,lon,country,continent,subdivision,asn,name
//   192.0.2.0/24,48.86,2.35,FR,,,,Paris office
//
// The first line names the columns, in any order; only `prefix` is needed. Empty fields say nothing. Lines that begin
// with # are comments. A field may stand in double quotes, "" inside is one (RFC 4180); none goes over a line's end.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/source.hpp"
#include "geo/geo_spec.hpp"

namespace gslb::geo {

constexpr std::size_t longest_places_file = std::size_t{1} << 26;
constexpr std::size_t most_places = 1'000'000;

/// All places of a file that was read. Mistakes go into `errors` with line and column, at most twenty of them.
/// @param path  the file's, for errors
[[nodiscard]] std::vector<PlaceSpec> parse_places(const std::string& path, std::string text, base::ErrorList& errors);

}  // namespace gslb::geo
