// engine/generation.hpp: everything a query reads. Built once, never changed, shared by all workers.
//
//   Config ──compile()──► Snapshot ──────────┐
//   EndpointStates ──Planner──► Plans ───────┴──► Generation ──posted──► workers
//
// A generation is a list of immutable parts shared by reference: a change of health makes new plans and no new
// snapshot; a reload keeps the geography if its inputs are the same.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "dns/cookie.hpp"
#include "dns/rate_limit.hpp"
#include "geo/facts.hpp"
#include "geo/locator.hpp"
#include "health/combination.hpp"
#include "health/feeds/feed_spec.hpp"
#include "health/target.hpp"
#include "policy/plan.hpp"
#include "zones/challenges.hpp"
#include "zones/steered_name.hpp"
#include "zones/zone.hpp"
#include "zones/zone_signatures.hpp"

namespace gslb::engine {

/// Where the state of a service's member is found among the snapshot's targets.
inline constexpr std::uint32_t not_probed = 0xffffffff;

/// What the server says of itself, and to whom it says how much.
struct Manners {
  dns::CookieSecrets cookies;  ///< none: cookies are neither read nor given
  bool own_cookies = false;    ///< the server made the secrets itself
  dns::RateLimits rate_limits;
  std::string nsid;     ///< RFC 5001; "" gives none
  std::string version;  ///< to version.bind and version.server in class CH; "" refuses
  std::string id;       ///< to id.server (RFC 4892) and hostname.bind; "" refuses
};

/// See engine/canary.hpp.
struct Canary {
  std::vector<base::Prefix> networks;
  double most = 1;  ///< share of them that may change sites with new databases
};

/// Several targets of one address that are one state together (health/combination.hpp).
struct Combination {
  std::uint32_t need;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> members;  ///< index in `targets`, weight
};

/// Of an endpoint that is a host: an address beyond the first of its family.
struct OtherTarget {
  std::uint32_t service;
  std::uint32_t endpoint;
  base::IpAddress address;
  std::uint32_t target;  ///< as in Snapshot::target_of
};

/// What one configuration became.
struct Snapshot {
  std::uint64_t configuration = 0;  ///< counts from 1
  std::uint64_t shared_hash = 0;    ///< of what is to be the same at all name servers
  base::WallTime loaded{};
  Manners manners;
  zones::ZoneTable zones;
  std::vector<zones::ZoneSignaturesPtr> signatures;  ///< for each zone; null: it is not signed
  /// For each zone: not 0: it is to be signed and its first key is still to come, so nothing of it is answered.
  std::vector<std::uint8_t> awaits_keys;
  std::vector<std::uint32_t> validity;           ///< for each zone: of its signatures, seconds
  std::vector<zones::ChallengesPtr> challenges;  ///< for each zone; null: none is set
  std::vector<std::uint32_t> first_service;      ///< for each zone: index in `services` of its service 0
  std::vector<zones::SteeredName> services;
  std::vector<std::vector<geo::ClassAnswers>> classes;  ///< for each signature, the answers of its classes
  std::shared_ptr<const geo::Locator> locator;          ///< null: no policy asks about places
  std::shared_ptr<const geo::GeoInputs> geo_inputs;     ///< what the geography is made from
  Canary canary;
  std::vector<policy::SiteSpec> sites;
  std::vector<std::uint16_t> site_counter;  ///< for each site: its number in the register of site names
  health::Judging judging;                  ///< of monitors that do not say otherwise
  std::vector<health::MonitorSpec> monitors;
  std::vector<health::CombinationSpec> combined_monitors;
  /// For each service, for each endpoint: index in `monitors`, or, behind those, in `combined_monitors`, or not_probed.
  std::vector<std::vector<std::uint32_t>> monitor_of;
  std::vector<health::Target> targets;  ///< each probed once, however many services use it
  std::vector<Combination> combinations;
  /// For each service and family, for each endpoint: index in `targets`, or, behind those, in `combinations`, or
  /// not_probed. TargetStates has the states.
  std::vector<std::array<std::vector<std::uint32_t>, 2>> target_of;
  std::vector<OtherTarget> other_targets;
  std::vector<health::FeedSpec> feeds;
  std::uint64_t host_changes = 0;  ///< counts the changes of addresses of hosts: others mean other targets
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

struct Generation {
  std::uint64_t epoch = 0;  ///< counts published generations, from 1; a worker never goes back
  SnapshotPtr snapshot;
  std::vector<std::shared_ptr<const policy::Plan>> plans;  ///< for each service
};

using GenerationPtr = std::shared_ptr<const Generation>;

}  // namespace gslb::engine
