// policy/policy_spec.hpp: what the operator wrote about sites, policies and services. Filled by config/.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/source.hpp"
#include "geo/geo_spec.hpp"
#include "health/guard_spec.hpp"

namespace gslb::policy {

struct SiteSpec {
  std::string name;
  std::optional<geo::Coordinates> at;
  std::string region;                     ///< "": none; vantages of a region decide among themselves first
  std::optional<std::uint64_t> capacity;  ///< requests a second of the whole site; endpoint weights default to it
  base::SourcePosition where;
};

enum class FilterKind : std::uint8_t { fence, nearest, fastest, priority, weighted, rotate, all, take };

/// What clients get whom no endpoint serves.
enum class Outside : std::uint8_t {
  fallback,  ///< the fallback addresses of the service, else SERVFAIL (the default)
  none,      ///< SERVFAIL
  anywhere,  ///< what the rest of the chain finds among all endpoints
  sites,     ///< what the rest of the chain finds among the endpoints of some sites
};

struct FilterSpec {
  FilterKind kind = FilterKind::all;
  bool strict = true;  ///< fence: drop endpoints that do not serve the client (else only put them last)
  Outside outside = Outside::fallback;     ///< fence, if strict
  std::vector<std::string> outside_sites;  ///< for Outside::sites
  double within_km = 0;                    ///< nearest: sites no farther than this beyond the nearest stay equal
  double within_ms = 0;                    ///< fastest: sites no slower than this beyond the fastest stay equal
  base::Sourced<std::string> table;        ///< fastest: file of measured round trips
  std::map<std::string, double> bias_km;   ///< nearest: subtracted from the distance to that site
  std::vector<std::vector<std::string>>
      sites;              ///< priority: tiers of site names; empty: endpoints in the order written
  bool by_query = false;  ///< weighted: draw for each query instead of by client
  unsigned count = 1;     ///< take: 1 to 64
  base::SourcePosition where;
};

struct PolicySpec {
  std::string name;
  std::vector<FilterSpec> filters;
  base::SourcePosition where;
};

struct EndpointSpec {
  base::Sourced<std::string> service;  ///< another service of the zone that stands in this place, or ""
  base::Sourced<std::string> site;     ///< "" with `service`
  std::optional<base::Sourced<base::IpAddress>> v4;
  std::optional<base::Sourced<base::IpAddress>> v6;
  std::optional<base::Sourced<std::string>> host;  ///< instead of addresses; absolute, lower case, no final dot
  std::optional<std::uint32_t> weight;             ///< 0 to 10^9; absent: the site's capacity, else 1
  geo::RegionSpec serves;                          ///< for `fence`
  base::SourcePosition where;
};

/// When clients go back to a better tier of `priority` that is up again.
struct Failback {
  enum class Mode : std::uint8_t {
    automatic,  ///< at once
    manual,     ///< when a person says so
    after,      ///< when it has been up for `wait`
  };
  Mode mode = Mode::automatic;
  std::chrono::seconds wait{0};
  bool operator==(const Failback&) const = default;
};

/// A part of the clients that goes to endpoints of its own.
struct CanarySpec {
  double share = 0;                     ///< of all clients, 0 to 1
  std::vector<base::Prefix> networks;   ///< whose clients all go there
  std::vector<EndpointSpec> endpoints;  ///< at least one
  base::SourcePosition where;
};

/// What a service answers when no member is up.
enum class AllDown : std::uint8_t {
  as_if_up,  ///< as if every member that automation judged down were up (the default)
  none,      ///< no member: the fallback addresses, else SERVFAIL
};

/// A service without endpoints that answers with what it sees of who asks.
enum class Reflect : std::uint8_t {
  nothing,   ///< an ordinary service
  resolver,  ///< the address that sent the query
  subnet,    ///< the network of its client subnet option, else the address that sent it
  both,      ///< the address, and the network where there is one
};

/// What clients are told of how to speak HTTPS with any endpoint of a service (RFC 9460), beside its addresses.
struct HttpsSpec {
  std::vector<std::string> alpn;      ///< protocols beside the default one, 1 to 255 octets each; empty: only that
  bool no_default_alpn = false;       ///< not even http/1.1; needs `alpn`
  std::optional<std::uint16_t> port;  ///< absent: the one of the URL
  std::vector<std::uint8_t> ech;      ///< ECHConfigList (RFC 9460 section 14.3.2); empty: none
  bool operator==(const HttpsSpec&) const = default;
};

/// What has to hold after people take endpoints out (`assert`).
struct SafetyRule {
  unsigned at_least = 1;  ///< sites of the service that the order does not touch
  bool fully = false;     ///< all of their addresses are up and carry their whole weight; else one of them is up
  bool operator==(const SafetyRule&) const = default;
};
/// "at least 1 other site is fully up"
std::string to_string(const SafetyRule& rule);

struct ServiceSpec {
  base::Sourced<std::string> name;       ///< owner relative to the zone, "@" for the apex
  base::Sourced<std::string> policy;     ///< name of a policy; "" means the default policy
  std::optional<PolicySpec> own_policy;  ///< written in place
  base::Sourced<std::string> monitor;  ///< name of a monitor, or of an in-place one that config/ added; "": not probed
  Reflect reflect = Reflect::nothing;
  std::vector<EndpointSpec> endpoints;  ///< at least one, unless it reflects
  std::chrono::seconds ttl{30};
  std::chrono::seconds ttl_min{5};
  std::chrono::seconds slowstart{60};  ///< ramp of a returning endpoint; 0 for none
  double spill_below = 0.5;  ///< share of a tier's weight that must be up for it to keep all its clients, 0 to 1
  std::optional<double> spill_above;  ///< share of its capacity above which a site gives clients away, above 0 to 1
  unsigned keep = 0;                  ///< so many members are never withdrawn, whatever the probes say
  health::GuardSpec guards;
  Failback failback;
  std::optional<CanarySpec> canary;
  double panic_below = 0;  ///< share of all weight under which the service counts as all down; 0: none is up
  AllDown all_down = AllDown::as_if_up;
  std::vector<SafetyRule> rules;
  bool observe = false;                   ///< verdicts are made and shown, and change no answer
  std::vector<base::IpAddress> fallback;  ///< answered when nothing else is left
  std::optional<HttpsSpec> https;         ///< absent: the name has no HTTPS record
  unsigned hash_prefix_v4 = 24;
  unsigned hash_prefix_v6 = 56;
  base::SourcePosition where;
};

/// Whether a service can be a CNAME to the host that is chosen, for every type: only hosts, and nothing that needs an
/// address of our own. It is one where, besides, nothing else is at its name and the name is no apex.
bool may_be_alias(const ServiceSpec& service) noexcept;

/// [nearest: {within: 300km}, weighted, take: 1]
PolicySpec default_policy();

}  // namespace gslb::policy
