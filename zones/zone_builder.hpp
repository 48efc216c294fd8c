// zones/zone_builder.hpp: records and services of one zone into a Zone.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "base/source.hpp"
#include "zones/zone.hpp"
#include "zones/zone_spec.hpp"

namespace gslb::zones {

inline constexpr std::size_t most_files = 60'000;  ///< of one zone, included ones too

/// Compiles a zone: its SOA and NS, YAML records, master files and the owner names of its services. All problems found
/// are reported, with their place: unreadable or malformed file, record outside the zone, CNAME beside other data (RFC
/// 2181 section 10.1), two CNAMEs, DNAME beside CNAME, data below a DNAME, a second SOA, no NS, a static A, AAAA or
/// CNAME at a service's name, two services at one name, a service below a zone cut, TTL over 2^31-1, an NS that points
/// to a CNAME or below a DNAME. Warned of: an NS, MX or SRV that points to a name of the zone without addresses, an MX
/// or SRV to a CNAME, RRs of an RRset with unequal TTLs (all get the lowest), duplicates (they count once), records
/// below a zone cut that are no glue, a * that is no wildcard, odd times in the SOA. SOA and apex NS come from
/// `soa` and `ns`; where `ns` is empty and `soa` names nobody, from a file or `records`. Reads files; not for the query
/// path. Where there are services, they and the apex get places for ACME challenges (challenges.hpp).
/// @return the zone, or nothing if `errors` got an entry
[[nodiscard]] std::shared_ptr<const Zone> build_zone(const ZoneSpec& spec, base::ErrorList& errors);

}  // namespace gslb::zones
