// engine/signing.hpp: the zones of a snapshot signed: when it is made, when keys change, and when signatures come due.
//
// Threads: the builder's. Nothing here is on the query path.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.hpp"
#include "base/source.hpp"
#include "engine/generation.hpp"
#include "zones/signature_store.hpp"
#include "zones/zone_keys.hpp"
#include "zones/zone_spec.hpp"

namespace gslb::engine {

/// What a zone that has `dnssec:` is signed with now; null: nothing yet, it is served unsigned. Errors in its keys go
/// into the list.
using KeysOf = std::function<zones::ZoneKeysPtr(const zones::ZoneSpec& zone, base::ErrorList& errors)>;

/// Signs a zone of `snapshot` with `keys`, or serves it unsigned if they are null. What the store has is not made
/// again.
/// @param zone  index in the snapshot's table  @param now  seconds of Unix time
/// @return what the operator should know, or ""; an error if it cannot be signed, and the snapshot is as before
[[nodiscard]] base::Result<std::string> sign(Snapshot& snapshot, std::size_t zone, const zones::ZoneKeysPtr& keys,
                                             zones::SignatureStore& store, std::int64_t now);

struct Renewal {
  bool renewed = false;    ///< some zone was signed again
  std::uint32_t next = 0;  ///< seconds until renew() should be called again
  std::string warning;     ///< what the operator should know, or ""
};

/// Signs those zones again in which a signature has come due. The warning also names the zone in which one ends within
/// three days.
[[nodiscard]] Renewal renew(Snapshot& snapshot, zones::SignatureStore& store, std::int64_t now);

}  // namespace gslb::engine
