// engine/signing.hpp: the zones of a snapshot signed: when it is made, when keys change, and when signatures come due.
//
// Threads: the builder's. Nothing here is on the query path.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/source.hpp"
#include "engine/generation.hpp"
#include "zones/signature_store.hpp"
#include "zones/signing_clock.hpp"
#include "zones/zone_keys.hpp"
#include "zones/zone_spec.hpp"

namespace gslb::engine {

/// What a zone that has `dnssec:` is signed with now; null: nothing yet, or nothing any more. Errors in its keys go
/// into the list.
using KeysOf = std::function<zones::ZoneKeysPtr(const zones::ZoneSpec& zone, base::ErrorList& errors)>;

/// Signs a zone of `snapshot` with `keys`, or serves it unsigned if they are null. What the store has is not made
/// again.
/// @param zone  index in the snapshot's table
/// @return an error if it cannot be signed; the snapshot is then as before
[[nodiscard]] base::Result<void> sign(Snapshot& snapshot, std::size_t zone, const zones::ZoneKeysPtr& keys,
                                      zones::SignatureStore& store, const zones::ClockReading& clock);

/// The RRSIG records of an RRset in a signed zone that its signing pass does not know, ready to copy.
/// @param rdatas  in canonical form, at least one
[[nodiscard]] base::Result<std::vector<std::uint8_t>> sign_rrset(
    const Snapshot& snapshot, std::size_t zone, dns::NameView owner, dns::Rtype type, std::uint32_t ttl,
    std::span<const std::vector<std::uint8_t>> rdatas, zones::SignatureStore& store, const zones::ClockReading& clock);

/// `challenges` with signatures, or without where the zone has none; null if there are none. sign() and renew() see to
/// those that are in the snapshot.
[[nodiscard]] base::Result<zones::ChallengesPtr> sign_challenges(const Snapshot& snapshot, std::size_t zone,
                                                                 zones::Challenges challenges,
                                                                 zones::SignatureStore& store,
                                                                 const zones::ClockReading& clock);

struct Renewal {
  bool renewed = false;               ///< some zone was signed again
  bool held = false;                  ///< the clock was not believed for some zone
  std::uint32_t next = 0;             ///< seconds until renew() should be called again
  std::vector<std::string> warnings;  ///< what the operator should know now: no sentence twice
};

/// Signs those zones again in which a signature has come due, and forgets what has ended. Warned is of a clock that is
/// not believed, of each zone that cannot be signed, and of each in which a signature ends within three days (a quarter
/// of the validity, if that is less).
[[nodiscard]] Renewal renew(Snapshot& snapshot, zones::SignatureStore& store, const zones::ClockReading& clock);

}  // namespace gslb::engine
