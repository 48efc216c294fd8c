// health/shared_keys.hpp: the keys of SharedState, by which servers tell each other what cannot be probed. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/hash.hpp"

namespace gslb::health {

/// The site left within its `pace.window`; the age says when.
inline std::uint64_t pace_key(std::string_view site) { return base::hash_bytes(site, 0x9ace); }
/// The target has this penalty now, in hundredths.
constexpr std::uint64_t damping_key(std::uint64_t target) { return base::combine(0xda3b, target); }
/// The low half of the hash of the effective weights of all that is answered (engine::weights_hash).
constexpr std::uint64_t weights_key() { return 0x3e1647; }
/// The low half of how many generations its sender has published.
constexpr std::uint64_t generation_key() { return 0x6e4e7; }
/// What orders of people its sender obeys (mark_of).
constexpr std::uint64_t orders_key() { return 0x04de45; }
/// A latch of `failback` (engine/latch_vote.hpp): the value is its floor, the age says since when.
inline std::uint64_t latch_key(std::string_view service_family_and_tiers) {
  return base::hash_bytes(service_family_and_tiers, 0x1a7c4);
}
/// The last reading of a feed; the value is as feeds/feed_board.hpp packs it.
inline std::uint64_t feed_key(std::string_view name) { return base::hash_bytes(name, 0xfeed); }

}  // namespace gslb::health
