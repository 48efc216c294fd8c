// zones/export.hpp: a zone as a master file that any name server loads: a static copy.
//
//   Zone, ZoneSignatures ──names in canonical order──► "owner TTL IN TYPE data" lines, SOA first
//   services ──StaticAnswer──► their records, as somebody chose them
//
// Equal zones and answers give equal text. Threads: any; allocates.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "zones/zone.hpp"
#include "zones/zone_signatures.hpp"

namespace gslb::zones {

/// What a steered name is written as.
struct StaticAnswer {
  std::vector<std::uint8_t> records;  ///< with their RRSIGs in a signed zone: each C0 0C TYPE CLASS TTL RDLENGTH RDATA
  std::string comment;                ///< one line, why these
};

/// Asked for each service of the zone, by its index in the ZoneSpec.
using ChooseAnswer = std::function<StaticAnswer(std::uint32_t service)>;

/// Names are absolute and in canonical order (RFC 4034 section 6), the SOA first. Types that not every server knows by
/// name are written as RFC 3597 says. What no query can see is left out: below a zone cut, all but glue. build_zone()
/// on the text of an unsigned zone gives the same answers.
/// @param signatures  null: the zone is not signed; else its keys, NSEC chain and signatures are written too
/// @param head  comment lines at the top, without their semicolons
std::string export_zone(const Zone& zone, const ZoneSignatures* signatures, const std::vector<std::string>& head,
                        const ChooseAnswer& choose);

}  // namespace gslb::zones
