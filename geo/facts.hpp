// geo/facts.hpp: what is known about one address, and from which file and network each fact comes.
//
//   address ──► the files themselves, one look-up each ──► Facts
//
// The compiled geography keeps classes, not facts, so this opens the files again for the one question. They must still
// hold the octets that were compiled. Slow (a city database is read whole: 0.1 s). Threads: any; not the query path.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/result.hpp"
#include "geo/geo_spec.hpp"

namespace gslb::geo {

/// What a geography was compiled from: enough to ask its files again.
struct GeoInputs {
  GeoSpec spec;
  /// Of each file's octets, in the order of the specification; empty where they were not read because no policy asks
  /// about places.
  std::vector<std::uint64_t> location, asn, places_files;
  std::optional<std::uint64_t> country_points;
};

/// Where a fact was found.
struct FactSource {
  enum class Kind : std::uint8_t {
    database,       ///< `file` and `network`
    place,          ///< the operator's; `file` and `line` are where it is written
    country_table,  ///< the table of countries; `file` is "" for the one that is built in
    unknown_at,     ///< the configuration's `geo.unknown_at`
  };
  Kind kind = Kind::database;
  std::string file;
  int line = 0;
  std::optional<base::Prefix> network;  ///< the whole network that the file says it of
};

template <class T>
struct Known {
  T value{};
  FactSource from;
};

/// What policies go by, and two names for people. What nothing is known of is absent.
struct Facts {
  base::IpAddress address;  ///< an IPv4-mapped one unmapped
  /// A block of the special-purpose registries around the address: no database is asked. `believed` where a place of
  /// the operator's is around it too; else it is nowhere, and policies look at the resolver instead.
  std::optional<base::Prefix> special;
  bool believed = true;
  std::optional<Known<std::string>> place;  ///< the name of the operator's place; its network even where it has none
  std::optional<Known<Coordinates>> at;
  std::optional<Known<std::string>> country, continent, subdivision;  ///< "FR", "EU", "US-CA"
  std::optional<Known<std::uint32_t>> asn;
  std::optional<Known<std::string>> city, organization;  ///< not looked at by any policy
};

/// Fails, naming the file, if one cannot be read or has changed since it was compiled.
[[nodiscard]] base::Result<Facts> facts_about(const GeoInputs& inputs, const base::IpAddress& address);

}  // namespace gslb::geo
