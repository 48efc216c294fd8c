// engine/hosts.hpp: endpoints that are hosts: their addresses come from outside, while the server runs.
//
//   HostAddresses ──use_addresses()──► endpoints, records and targets of a snapshot that nobody reads yet
//
// Builder thread.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/generation.hpp"
#include "health/host_addresses.hpp"
#include "zones/signature_store.hpp"
#include "zones/signing_clock.hpp"

namespace gslb::engine {

/// Every host of the snapshot, once.
std::vector<std::string> hosts_of(const Snapshot& snapshot);

/// Gives endpoints the addresses that their hosts have now, and renders their services anew; then number_targets().
/// @return the zones with a service whose records are others now, ascending: if signed, they have to be signed again
std::vector<std::size_t> use_addresses(Snapshot& snapshot, const health::HostAddresses& hosts);

/// use_addresses() for a snapshot that goes out instead of the present one, whose signed zones are signed again where
/// need be: what is unchanged is found in the store.
/// @param store  null: no zone is signed
/// @return an error, and a snapshot that must not go out, if a zone cannot be signed
[[nodiscard]] base::Result<void> follow_hosts(Snapshot& snapshot, const health::HostAddresses& hosts,
                                              zones::SignatureStore* store, const zones::ClockReading& clock);

/// Lists what is to be probed, from the services and their monitors. A host's addresses are probed by its name, where
/// the monitor gives none.
void number_targets(Snapshot& snapshot);

}  // namespace gslb::engine
