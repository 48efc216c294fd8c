// zones/sign.hpp: the signing pass: a compiled zone, its services and its keys into ZoneSignatures. No query ever
// signs.
//
//   names ─► canonical order ─► NSEC records ─► places for all RRSIGs ─► found in the SignatureStore, or made now
//
// Signed are the zone's own RRsets, DS at zone cuts, every NSEC, DNSKEY, CDS and CDNSKEY, and every set of endpoints
// that any health state can choose. Not signed: glue, and NS of zone cuts (RFC 4035 section 2.2). Threads: the caller's
// and, for a large zone, helpers that live as long as the call and inherit its priority.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "zones/signature_store.hpp"
#include "zones/steered_name.hpp"
#include "zones/zone.hpp"
#include "zones/zone_keys.hpp"
#include "zones/zone_signatures.hpp"

namespace gslb::zones {

/// A signature begins this long before it is made, for clocks that are slow.
inline constexpr std::uint32_t signature_head_start = 3600;
inline constexpr std::uint32_t default_validity = 14 * 86400;  ///< seconds

/// When signatures are made, and which stored ones still serve.
struct SigningMoment {
  std::uint32_t now = 0;  ///< seconds of Unix time
  /// Seconds from `now` to the end of a new signature, less up to a quarter of it, so that not all end at once.
  std::uint32_t validity = default_validity;
  std::uint32_t keep_above = default_validity / 3;  ///< a stored one serves while more seconds than this are left
  bool hold = false;                                ///< the clock is not to be trusted: every stored one serves
};

/// @param services  of this zone, as its names number them
/// @return an error if a service has more sets than SetRanks::limit or OpenSSL fails
[[nodiscard]] base::Result<ZoneSignaturesPtr> sign_zone(const std::shared_ptr<const Zone>& zone,
                                                        std::span<const SteeredName> services, const ZoneKeysPtr& keys,
                                                        SignatureStore& store, const SigningMoment& moment);

/// The RRSIG records of one RRset of the zone `apex`, one for each zone signer, ready to copy.
/// @param rdatas  in canonical form, at least one
[[nodiscard]] base::Result<std::vector<std::uint8_t>> sign_rrset(dns::NameView apex, dns::NameView owner,
                                                                 std::uint16_t type, std::uint32_t ttl,
                                                                 std::span<const std::vector<std::uint8_t>> rdatas,
                                                                 const ZoneKeys& keys, SignatureStore& store,
                                                                 const SigningMoment& moment);

}  // namespace gslb::zones
