// server/zone_key_ring.hpp: from key files and the schedule's step to what a zone is signed with. No state, no network.
//
// Threads: the builder's.
#pragma once

#include <string>
#include <vector>

#include "base/source.hpp"
#include "dns/key_file.hpp"
#include "dns/key_schedule.hpp"
#include "zones/zone_keys.hpp"
#include "zones/zone_spec.hpp"

namespace gslb::server {

/// A zone of a configuration that was loaded, as far as its keys are concerned.
struct SignedZone {
  dns::Name apex;
  zones::DnssecSpec dnssec;
  std::chrono::seconds longest_ttl{};  ///< of all its RRsets
  std::size_t name_servers = 1;        ///< in its NS RRset
  zones::ZoneKeysPtr keys;             ///< what it is signed with; null: nothing
  bool awaits_keys = false;            ///< nothing of it is answered until it is signed
};

/// The schedule's view of what the operator wrote.
dns::KeyPolicy key_policy(const zones::DnssecSpec& spec, std::chrono::seconds longest_ttl);

std::vector<dns::ScheduledKey> scheduled(const std::vector<dns::KeyFile>& files);

/// What a step says, with the keys themselves; null: the zone is unsigned.
zones::ZoneKeysPtr zone_keys(const dns::Name& apex, const std::vector<dns::KeyFile>& files, const dns::KeyStep& step,
                             std::chrono::seconds dnskey_ttl);

/// Whether a zone signed with either looks the same to everybody.
bool same_keys(const zones::ZoneKeysPtr& a, const zones::ZoneKeysPtr& b);

/// What a zone that was just loaded is signed with, by its key files alone; null: by nothing, since it has left that
/// behind, or its maker makes the next key as soon as others were asked. A file that cannot be used is an error, since
/// going on without its key could make the zone bogus; so is no key where others may serve the zone signed.
zones::ZoneKeysPtr load_zone_keys(const zones::ZoneSpec& zone, dns::UnixTime now, base::ErrorList& errors);

}  // namespace gslb::server
