// engine/challenges.hpp: ACME challenges that people set, into a snapshot: ready TXT RRsets, signed before they are
// published.
//
// Threads: the builder's. Nothing here is on the query path.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/result.hpp"
#include "dns/name.hpp"
#include "engine/generation.hpp"
#include "zones/signature_store.hpp"
#include "zones/signing_clock.hpp"

namespace gslb::engine {

struct Challenge {
  dns::Name name;            ///< a place for challenges (zones/challenges.hpp)
  std::string value;         ///< what the CA looks for, at most 255 octets
  std::int64_t expires = 0;  ///< seconds of Unix time
  bool operator==(const Challenge&) const = default;
};

/// The zone that `name` is a place for challenges in; nothing if it is none.
std::optional<std::size_t> challenge_zone(const Snapshot& snapshot, const dns::Name& name);

/// From now on `snapshot` answers with these and no others, whatever their expiry. Those whose place is gone are left
/// out. Zones whose challenges are the same keep their part.
/// @return whether anything changed; an error if one cannot be signed, and the snapshot is as before
[[nodiscard]] base::Result<bool> set_challenges(Snapshot& snapshot, std::span<const Challenge> challenges,
                                                zones::SignatureStore& store, const zones::ClockReading& clock);

}  // namespace gslb::engine
