// zones/zone_spec.hpp: what the operator wrote about one zone. Filled by config/, compiled by zones/zone_builder.hpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/source.hpp"
#include "dns/name.hpp"
#include "policy/policy_spec.hpp"
#include "zones/dnssec_spec.hpp"

namespace gslb::zones {

struct SoaSpec {
  dns::Name mname;  ///< default: the first of `ns`
  dns::Name rname;  ///< default: hostmaster.<apex>
  std::uint32_t refresh = 3600;
  std::uint32_t retry = 600;
  std::uint32_t expire = 604800;
  std::uint32_t minimum = 30;
  std::uint32_t ttl = 3600;
  /// Absent: the newest modification time of the zone's input files, in seconds.
  std::optional<std::uint32_t> serial;
};

struct RecordSpec {
  std::string owner;                 ///< relative to the zone, "@" for the apex
  std::string type;                  ///< "MX", "TYPE65280"
  std::optional<std::uint32_t> ttl;  ///< absent: the zone's default
  std::string rdata;                 ///< presentation form
  base::SourcePosition where;
};

struct ZoneSpec {
  base::Sourced<dns::Name> apex;
  SoaSpec soa;
  std::vector<base::Sourced<dns::Name>> ns;
  std::uint32_t default_ttl = 3600;
  std::uint32_t ns_ttl = 3600;
  std::vector<policy::ServiceSpec> services;
  std::vector<RecordSpec> records;
  /// Master files; paths relative to the working directory. They give SOA and apex NS too where `ns` is empty.
  std::vector<base::Sourced<std::string>> files;
  bool files_are_whole = false;      ///< an SOA must be in one of them: none is made from `soa`
  std::optional<DnssecSpec> dnssec;  ///< absent: the zone is not signed
  std::int64_t modified = 0;  ///< newest modification time of the YAML files that speak of this zone, Unix seconds
};

}  // namespace gslb::zones
