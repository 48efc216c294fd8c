// config/gdnsd_zone.hpp: a zone file of gdnsd as a master file of ours and the names in it that are steered.
//
//   text ──► DYNA, DYNC ──► dynamic names      @Z, @F and what $INCLUDE names are written out
//    └─────► all else ────► master file
//
// Records themselves are not looked at: the master file is read, and checked, by those who serve it. Threads: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/vscf.hpp"

namespace gslb::config {

struct DynamicName {
  std::string owner;  ///< absolute, with its final dot
  std::string plugin;
  std::string resource;  ///< "" if the record names only the plugin
  std::string ttl;       ///< seconds, "" for the zone's
  std::string ttl_min;   ///< seconds, "" for half of that
  base::SourcePosition where;
};

struct GdnsdZone {
  std::string text;
  std::vector<DynamicName> dynamic;
};

/// @param zone  its name with the final dot  @param ttl  of records before the first $TTL, seconds
/// @return nothing after an error was added
[[nodiscard]] std::optional<GdnsdZone> read_gdnsd_zone(const std::string& path, const std::string& zone,
                                                       const std::string& ttl, const FileSource& files,
                                                       base::ErrorList& errors);

}  // namespace gslb::config
