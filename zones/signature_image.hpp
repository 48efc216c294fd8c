// zones/signature_image.hpp: the octets of a signed zone's second part. Little-endian, u32 offsets from the start, no
// pointers but into the zone's own image, by offset.
//
//   Header │ u32 body of each slot of the zone │ ChainEntry × names with an NSEC, canonical order
//          │ ServiceSets × services × 3 aspects │ KeyRrset × 3 │ bodies
//
//   body:  NameBody │ RRSIGs of each RRset of the slot │ NSEC record, its RRSIGs │ …
//          of a zone cut:  NameBody │ u32 RRSIGs of each RRset, 0: it has none │ the same
//
// All RRSIGs of a zone have one size, and every RRset but the keys' has one from each zone signer. Any thread.
#pragma once

#include <array>
#include <cstdint>

namespace gslb::zones::signature_image {

/// The sets of one service and aspect: RRSIGs of all sets, one group after another, by rank.
struct ServiceSets {
  std::uint32_t first;
  std::uint32_t count;
};

/// DNSKEY, CDS and CDNSKEY: they change with the keys and not with the zone.
struct KeyRrset {
  std::uint32_t records;  ///< ready to copy, as in the zone; followed by their RRSIGs
  std::uint32_t size;     ///< octets of the records
  std::uint32_t count;    ///< 0: there is no such RRset
};
enum KeyType : std::uint8_t { dnskey, cds, cdnskey };

struct Header {
  std::uint32_t slots;
  std::uint32_t chain;  ///< offset
  std::uint32_t chain_size;
  std::uint32_t services;      ///< offset
  std::uint32_t negative_soa;  ///< RRSIGs with the TTL of a negative answer
  std::uint32_t rrsig_size;    ///< octets of one RRSIG record
  std::uint32_t zone_signers;
  std::uint32_t key_signers;
  std::array<KeyRrset, 3> keys;
  std::uint32_t reserved;
};
static_assert(sizeof(Header) == 72);

struct ChainEntry {
  std::uint32_t name;  ///< in the zone's image: the owner without the apex's labels
  std::uint32_t name_size;
  std::uint32_t nsec;  ///< offset of the NSEC record, which its RRSIGs follow
};

struct NameBody {
  std::uint32_t chain;     ///< index of its own entry; of an empty non-terminal: of the entry before it
  std::uint32_t in_chain;  ///< 0: an empty non-terminal
};

}  // namespace gslb::zones::signature_image
