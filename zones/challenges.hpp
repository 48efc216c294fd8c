// zones/challenges.hpp: ACME DNS-01 (RFC 8555 section 8.4): the names at which a CA looks for a proof, and what is set
// there now.
//
//   every service, and the apex ──build_zone()──► _acme-challenge.NAME TXT "no challenge is set", always in the chain
//   values that people set ──make_challenges()──► Challenges: what is answered instead while they last
//
// Threads: immutable once made; find() from any, without allocation.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "dns/name.hpp"

namespace gslb::zones {

inline constexpr std::string_view challenge_label = "_acme-challenge";
/// What stands there while nothing is set: no CA takes it for a digest, which has no blanks.
inline constexpr std::string_view no_challenge = "no challenge is set";
/// Seconds. Short, so that a resolver that looked too early soon looks again.
inline constexpr std::uint32_t challenge_ttl = 1;

/// The name at which a CA looks for a proof of `name`: without the "*" of a wildcard, under challenge_label.
/// @param name  in wire form, absolute or relative; so is the result, which may be too long for a name
std::vector<std::uint8_t> challenge_name(dns::NameView name);

/// The challenges of one zone.
struct Challenges {
  struct Rrset {
    std::uint32_t slot;                             ///< of its owner in the zone
    dns::Name owner;                                ///< absolute
    std::vector<std::vector<std::uint8_t>> rdatas;  ///< of TXT
    std::vector<std::uint8_t> records;              ///< ready to copy, as in the zone
    std::vector<std::uint8_t> rrsigs;               ///< the same; empty where the zone is not signed
    unsigned rrsig_count = 0;
  };
  std::vector<Rrset> rrsets;  ///< ascending slots

  const Rrset* find(std::uint32_t slot) const noexcept;
};

using ChallengesPtr = std::shared_ptr<const Challenges>;

}  // namespace gslb::zones
