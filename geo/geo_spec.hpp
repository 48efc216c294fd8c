// geo/geo_spec.hpp: what the operator wrote under `geo:`. Filled by config/, compiled by geo/compiler.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/source.hpp"

namespace gslb::geo {

/// Degrees; latitude -90 to 90, longitude -180 to 180, both finite.
struct Coordinates {
  double latitude = 0;
  double longitude = 0;
  auto operator<=>(const Coordinates&) const = default;
};

/// What the operator knows better than any database. Absent fields fall through to the databases.
struct PlaceSpec {
  base::Prefix prefix;
  std::optional<Coordinates> at;
  std::string country;      ///< ISO 3166-1 alpha-2 in capitals, or ""
  std::string continent;    ///< AF AN AS EU NA OC SA, or ""; "" with a country means that country's continent
  std::string subdivision;  ///< ISO 3166-2 ("US-CA"), or ""; its country is `country`
  std::uint32_t asn = 0;    ///< 0: not given
  std::string name;         ///< for people: "Paris office"; may be empty
  base::SourcePosition where;

  bool says_nothing() const noexcept {
    return !at && country.empty() && continent.empty() && subdivision.empty() && asn == 0;
  }
};

/// A set of clients. Of all prefixes in `prefixes` and `except_prefixes` the longest around a client decides. Where
/// none is, a client is in the region if `anyone` is set or any list names it, unless an exception names it too.
struct RegionSpec {
  bool anyone = true;    ///< also those whom no list names
  bool unknown = false;  ///< clients without a known continent
  std::vector<std::string> continents;
  std::vector<std::string> countries;
  std::vector<std::string> subdivisions;  ///< "US-CA"; only where the database has ISO codes
  std::vector<std::uint32_t> asns;
  std::vector<base::Prefix> prefixes;
  std::vector<std::string> except_continents;
  std::vector<std::string> except_countries;
  std::vector<std::string> except_subdivisions;
  std::vector<std::uint32_t> except_asns;
  std::vector<base::Prefix> except_prefixes;

  bool excepts() const noexcept {
    return !except_continents.empty() || !except_countries.empty() || !except_subdivisions.empty() ||
           !except_asns.empty() || !except_prefixes.empty();
  }
  /// Whether some client may be outside.
  bool restricts() const noexcept { return !anyone || excepts(); }
  bool operator==(const RegionSpec&) const = default;
};

/// Networks by which new databases are judged, see engine/canary.hpp.
struct CanarySpec {
  std::vector<base::Prefix> networks;
  base::Sourced<std::string> file;  ///< with more of them, one a line; "" for none
  double most = 0.05;               ///< share of them that may change sites, 0 to 1; 1 judges nothing
};

struct GeoSpec {
  /// Databases with places, city or country level, nested (GeoIP2) or flat schema; each covers IPv4, IPv6 or both.
  /// Where two know an address the earlier one wins. Paths are already relative to the working directory.
  std::vector<base::Sourced<std::string>> location;
  /// Databases with autonomous system numbers.
  std::vector<base::Sourced<std::string>> asn;
  std::vector<PlaceSpec> places;
  /// CSV files with more places, see geo/places_file.hpp.
  std::vector<base::Sourced<std::string>> places_files;
  /// CSV "country,lat,lon,continent,place" with one point for each country; "" means the shipped table.
  base::Sourced<std::string> country_points;
  CanarySpec canary;
  /// Where a client is taken to be whom nobody knows; absent: such clients have no place.
  std::optional<Coordinates> unknown_at;
};

}  // namespace gslb::geo
