// engine/whereabouts.hpp: what is known of an address, and what that means for each service: `gslbctl geo`.
//
// Threads: any, and slow (geo/facts.hpp); not the query path.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/result.hpp"
#include "engine/generation.hpp"
#include "geo/facts.hpp"

namespace gslb::engine {

struct SiteDistance {
  std::string site;
  std::optional<double> km;  ///< none: the site or the address has no coordinates
};

/// The sites of a service as this address would try them, were all of them up.
struct ServiceOrder {
  std::string service;                          ///< absolute owner name, without final dot
  std::vector<std::vector<std::string>> tiers;  ///< of site names, best first; none: a fence keeps all from it
  unsigned scope = 0;                           ///< the clients of this prefix length around the address are one class
  unsigned service_class = 0;                   ///< its number among the classes of the service's signature
};

struct Whereabouts {
  geo::Facts facts;
  std::vector<SiteDistance> sites;  ///< nearest first; those without a distance last
  std::vector<ServiceOrder> services;
};

/// Fails if a file of the geography cannot be read or has changed since the snapshot was made.
[[nodiscard]] base::Result<Whereabouts> whereabouts(const Snapshot& snapshot, const base::IpAddress& address);

}  // namespace gslb::engine
