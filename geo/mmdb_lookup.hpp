// geo/mmdb_lookup.hpp: one address asked of a MaxMind DB file itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/address.hpp"
#include "base/result.hpp"
#include "geo/record.hpp"

namespace gslb::geo {

struct DatabaseAnswer {
  base::Prefix network;  ///< that the record stands at
  Record record;
  std::string city;          ///< its English name; may be empty, may hold any octets
  std::string organization;  ///< of the AS number; the same
};

/// The record for an address, or nothing if the file has none. `address` is not IPv4-mapped.
/// @param content_hash  of a file that Database::open() found sound; fails if the file does not hold those octets now
[[nodiscard]] base::Result<std::optional<DatabaseAnswer>> look_up(const std::string& path, std::uint64_t content_hash,
                                                                  const base::IpAddress& address);

}  // namespace gslb::geo
