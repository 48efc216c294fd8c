// config/octodns.hpp: a zone file of OctoDNS's YAML provider as a configuration of ours.
//
//   text ──parse_yaml──► records ──► records:, services: ──► YAML
//                              └───► what has no counterpart, each with its place in the file
//
// Owns:    nothing. Threads: any.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/source.hpp"

namespace gslb::config {

struct OctodnsOptions {
  std::string zone;             ///< "example.org"; OctoDNS takes it from the name of the file
  std::vector<std::string> ns;  ///< the zone's name servers, absolute; empty: those of the NS record at its root
};

/// YAML that `gslbctl check` accepts and that answers as OctoDNS's providers would, but for what is named in the
/// warnings of `errors`. Pools become sites, their rules `serves` and `priority`, their health checks monitors.
/// @param path  for errors  @return nothing, and errors, if the file is no such zone
[[nodiscard]] std::optional<std::string> import_octodns(const std::string& path, std::string text,
                                                        const OctodnsOptions& options, base::ErrorList& errors);

}  // namespace gslb::config
