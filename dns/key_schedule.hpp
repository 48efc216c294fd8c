// dns/key_schedule.hpp: the life of a zone's keys, as a pure function of time, key times and what others were seen to
// do.
//
//   keys, now, observations ──► step() ──► what to publish and to sign with now
//                                      ──► times to write, keys to make and to remove      (the maker only)
//                                      ──► what each key waits for; when to look again
//
// A key that replaces another goes through these waits (RFC 7583 sections 3.2 and 3.3, RFC 6781 section 4.1):
//
//   published ─ every name server shows it, then TTLkey + Dprp ─► signs ─ no server signs with the old one,
//     │                                                                    then TTLsig + Dprp ─► the old one leaves
//     └─ (SEP) the same wait ─► CDS ─ every parent server shows its DS, then TTLds + Dprp ─┘
//
// The DNSKEY RRset is signed by every SEP key in it (Double-KSK), everything else by one key (Pre-Publication), so that
// a CSK's rollover, which is both at once, never doubles the signatures of answers. A follower takes the same step but
// changes nothing: it obeys the times that the maker wrote.
//
// Threads: none of its own; step() is a pure function.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dns/key_times.hpp"
#include "dns/signing_key.hpp"

namespace gslb::dns {

inline constexpr std::size_t most_keys = 4;  ///< published at once: a DNSKEY RRset that fits a UDP reply

/// A key without its secret.
struct ScheduledKey {
  std::uint16_t tag = 0;
  DnssecAlgorithm algorithm{};
  bool sep = false;
  KeyTimes times;
};

struct KeyPolicy {
  DnssecAlgorithm algorithm = DnssecAlgorithm::ecdsap256sha256;  ///< of the first key
  bool maker = true;
  bool split = false;  ///< KSK and ZSK rather than a CSK
  bool unsign = false;
  seconds ksk_lifetime{0};  ///< 0: never by itself
  seconds zsk_lifetime{0};
  seconds dnskey_ttl{3600};  ///< TTLkey
  seconds zone_ttl{3600};    ///< TTLsig: the longest TTL of the zone, negative answers included
  seconds ds_ttl{86400};     ///< TTLds, at least
  seconds propagation{300};  ///< Dprp
};

/// What one server of the zone, this node included, was last seen to do. A server that never answered is all empty.
struct ServerObservation {
  std::string name;  ///< for people: "192.0.2.2:53"
  bool answered = false;
  std::vector<std::uint16_t> publishes;   ///< tags of our keys in its DNSKEY RRset
  std::vector<std::uint16_t> signs_with;  ///< tags in the RRSIGs of its SOA
  bool publishes_foreign = false;         ///< a key that is none of ours
};

/// What one server of the parent was last seen to say.
struct ParentObservation {
  std::string name;
  bool answered = false;
  std::vector<std::uint16_t> ds;  ///< tags of our keys that its DS are for
  bool any_ds = false;            ///< it has a DS RRset at all
  seconds ttl{0};
};

struct Observations {
  std::vector<ServerObservation> servers;  ///< the first is this node
  std::vector<ParentObservation> parents;
};

struct KeyStatus {
  std::uint16_t tag = 0;
  std::string does;               ///< "signs everything"; what it does now, in words
  std::string waits;              ///< "waits for ..."; "" if for nothing
  std::optional<UnixTime> until;  ///< when that ends, where time alone decides
};

struct KeyStep {
  // What to publish and to sign with, by tag.
  std::vector<std::uint16_t> publish;
  std::vector<std::uint16_t> key_signers;    ///< of DNSKEY, CDS and CDNSKEY
  std::optional<std::uint16_t> zone_signer;  ///< of everything else; nothing: the zone is unsigned
  std::optional<std::uint16_t> cds;          ///< the key whose DS the parent should have, and no other
  bool cds_delete = false;                   ///< the parent should have no DS (RFC 8078 section 4)

  // What the maker has to do; of a follower always empty.
  std::vector<ScheduledKey> changed;  ///< keys with new times
  enum class Make { nothing, sep, zsk } make = Make::nothing;
  DnssecAlgorithm make_algorithm{};
  KeyTimes make_times;
  std::vector<std::uint16_t> forget;  ///< keys whose files may go

  bool watch_servers = false;         ///< something waits for the zone's servers
  bool watch_parents = false;         ///< something waits for the parent's
  std::optional<UnixTime> next;       ///< when time alone changes something
  std::vector<KeyStatus> status;      ///< of each key, in the order given
  std::vector<std::string> warnings;  ///< sentences for the operator
};

/// What is to happen at `now`. Apply it and step again until nothing is changed or made.
[[nodiscard]] KeyStep step(UnixTime now, const KeyPolicy& policy, const std::vector<ScheduledKey>& keys,
                           const Observations& seen);

/// Times of a key that is to replace another, or to be the first of its kind.
/// @param first  the zone has no key yet: nobody can have cached anything that it would break
KeyTimes times_of_new_key(UnixTime now, bool first) noexcept;

}  // namespace gslb::dns
