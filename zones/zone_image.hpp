// zones/zone_image.hpp: the octets of a compiled zone. Little-endian, u32 offsets from the start, no pointers.
//
//   Header │ slots: one per owner name, open addressing by name hash │ bodies, one per owner name │ additionals
//
//   body:  Rrset × Slot::rrsets, sorted by type │ owner name without the apex's labels │ records
//
// A look-up reads one slot and one body, which is about two cache lines. Any thread.
#pragma once

#include <cstdint>
#include <cstring>

#include "base/hash.hpp"
#include "dns/name.hpp"
#include "zones/zone.hpp"

namespace gslb::zones::image {

inline constexpr char magic[8] = {'g', 's', 'l', 'b', 'z', 'o', 'n', 'e'};
inline constexpr std::uint32_t format_version = 1;
inline constexpr std::uint32_t no_service = 0xffffffff;
inline constexpr std::uint32_t challenge_place = 0xfffffffe;  ///< no service, and its TXT is for ACME challenges

struct Header {
  char magic[8];
  std::uint64_t apex_hash;
  std::uint32_t version;
  std::uint32_t size;  ///< octets of the whole image
  std::uint32_t serial;
  std::uint32_t slots;  ///< slots that follow the header
  std::uint32_t names;  ///< slots in use
  std::uint32_t rrsets;
  std::uint32_t records;
  std::uint32_t negative_soa;  ///< offset of an Rrset
  std::uint32_t apex_name;     ///< offset of a wire name
  std::uint32_t longest_ttl;   ///< of all RRsets
  std::uint8_t apex_size;      ///< octets of that name
  std::uint8_t apex_labels;
  std::uint8_t depth;  ///< labels below the apex of the deepest name
  std::uint8_t reserved[5];
};
static_assert(sizeof(Header) == 64);

enum Flags : std::uint8_t {
  cut = 1,             ///< NS at a name that is not the apex
  occluded = 2,        ///< below a cut: only glue
  wildcard_child = 4,  ///< the name "*" below this one exists
  dname = 8,
  cname = 16,  ///< a CNAME record, or a service that answers with one
  service_a = 32,
  service_aaaa = 64,
  service_https = 128,
};

inline constexpr std::uint8_t service_types = service_a | service_aaaa | service_https;

/// A name that exists, empty non-terminals included. Unused slots are all zero.
struct Slot {
  std::uint32_t tag;   ///< low half of the name's hash; the high half says where the search starts
  std::uint32_t body;  ///< offset; 0: the slot is unused
  std::uint32_t service;
  std::uint16_t rrsets;
  std::uint8_t name_size;  ///< octets of the name without the apex's labels; 0 for the apex
  std::uint8_t flags;
};
static_assert(sizeof(Slot) == 16);

inline bool has_service(const Slot& slot) noexcept { return slot.service < challenge_place; }

inline std::uint32_t first_slot(std::uint64_t hash, std::uint32_t slots) noexcept { return base::reduce(hash, slots); }
inline std::uint32_t next_slot(std::uint32_t slot, std::uint32_t slots) noexcept {
  return slot + 1 == slots ? 0 : slot + 1;
}

inline const Slot* slots(const std::uint8_t* image) noexcept {
  return reinterpret_cast<const Slot*>(image + sizeof(Header));
}

/// The owner's name, without the apex's labels.
inline const std::uint8_t* name_of(const std::uint8_t* image, const Slot& slot) noexcept {
  return image + slot.body + slot.rrsets * sizeof(Rrset);
}

/// The slot of the name `hash`, for which `same(octets of a name of `size` octets)` decides; nullptr if it is not
/// there.
template <class Same>
const Slot* find(const std::uint8_t* image, std::uint64_t hash, std::size_t size, Same&& same) noexcept {
  const auto count = reinterpret_cast<const Header*>(image)->slots;
  const Slot* all = slots(image);
  for (std::uint32_t at = first_slot(hash, count); all[at].body != 0; at = next_slot(at, count)) {
    const Slot& slot = all[at];
    if (slot.tag == static_cast<std::uint32_t>(hash) && slot.name_size == size && same(name_of(image, slot)))
      return &slot;
  }
  return nullptr;
}

inline const Slot* find(const std::uint8_t* image, std::uint64_t hash, dns::NameView name) noexcept {
  return find(image, hash, name.size(),
              [name](const std::uint8_t* other) { return std::memcmp(other, name.data(), name.size()) == 0; });
}

inline const Rrset* rrset_of(const std::uint8_t* image, const Slot& slot, std::uint16_t type) noexcept {
  const auto* rrsets = reinterpret_cast<const Rrset*>(image + slot.body);
  for (unsigned i = 0; i < slot.rrsets; ++i)
    if (rrsets[i].type == type) return &rrsets[i];
  return nullptr;
}

}  // namespace gslb::zones::image
