// zones/zone.hpp: one compiled zone, and the look-up of RFC 1034 section 4.3.2 in it.
//
//   ZoneSpec + master files ──► ZoneBuilder::build ──► Zone (one flat image) ──lookup()──► Answer
//
// Owns:    one contiguous block of octets; u32 offsets inside, no pointers.
// Threads: immutable after build; lookup() from any thread, without allocation.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "dns/name.hpp"
#include "dns/query.hpp"

namespace gslb::zones {

namespace image {
struct Header;
}

/// The records of one owner and type, ready to copy: each is C0 0C TYPE CLASS TTL RDLENGTH RDATA, where C0 0C points to
/// the question's name; a writer patches these two octets where the owner is not the question's name.
struct Rrset {
  std::uint16_t type;
  std::uint16_t count;
  std::uint32_t ttl;
  std::uint32_t records;      ///< offset of the first record in the image
  std::uint32_t size;         ///< octets of all records
  std::uint32_t additionals;  ///< offset of the list of Additional that belong to it
  std::uint32_t additional_count;
};

/// An address RRset to add for the targets of an NS, MX or SRV RRset.
struct Additional {
  std::uint32_t owner;  ///< offset of the owner's wire name
  std::uint32_t rrset;  ///< offset of its Rrset
};

enum class Outcome : std::uint8_t {
  answer,    ///< `rrset` answers
  service,   ///< a steered name and a type that it has: ask the plan of `service`
  cname,     ///< `rrset` is the CNAME to follow
  dname,     ///< `rrset` is the DNAME of an ancestor: `owner_label` says which
  referral,  ///< `rrset` is the NS RRset of the zone cut at `owner_label`, with glue as its additionals
  nodata,    ///< the name exists, the type does not
  nxdomain,
};

struct Answer {
  Outcome outcome = Outcome::nxdomain;
  bool wildcard = false;            ///< synthesized from a wildcard (RFC 4592); the owner is the qname all the same
  std::uint8_t owner_label = 0;     ///< index into Query::offset of the owner of `rrset`
  std::uint8_t encloser_label = 0;  ///< of the closest encloser, where `wildcard` or nxdomain
  std::uint16_t type = 0;           ///< of a service: A, AAAA, HTTPS or CNAME, which of them to answer with
  std::uint32_t service = 0;        ///< index of the service in the zone's ZoneSpec
  std::uint32_t slot = 0;           ///< of the name that answers; of nxdomain: of the closest encloser
  const Rrset* rrset = nullptr;
};

class Zone {
 public:
  /// `query` is in or below the zone; `apex_label` is the index of the apex in Query::offset. ANY (RFC 8482
  /// section 4.1) gives one RRset that exists. A DS query at a zone cut is answered by this, the parent's, side (RFC
  /// 3658 section 2.2.1.1).
  [[nodiscard]] Answer lookup(const dns::Query& query, unsigned apex_label) const noexcept;
  /// Starts to fetch what lookup() will read first.
  void prefetch(const dns::Query& query) const noexcept;
  /// A little later: starts to fetch what it will read then.
  void prefetch_body(const dns::Query& query) const noexcept;

  dns::NameView apex() const noexcept;
  std::uint64_t apex_hash() const noexcept;
  unsigned apex_labels() const noexcept;
  std::uint32_t serial() const noexcept;
  std::uint32_t longest_ttl() const noexcept;  ///< of all its static RRsets, seconds
  /// The SOA as a negative answer carries it: TTL is min(SOA TTL, minimum) (RFC 2308 section 3).
  const Rrset& negative_soa() const noexcept;

  std::span<const std::uint8_t> records(const Rrset& rrset) const noexcept {
    return {image_.data() + rrset.records, rrset.size};
  }
  std::span<const Additional> additionals(const Rrset& rrset) const noexcept {
    return {reinterpret_cast<const Additional*>(image_.data() + rrset.additionals), rrset.additional_count};
  }
  dns::NameView name_at(std::uint32_t offset) const noexcept;
  const std::uint8_t* octets_at(std::uint32_t offset) const noexcept { return image_.data() + offset; }
  /// An RRset of a slot; null if it has none of this type.
  const Rrset* rrset_of(std::uint32_t slot, std::uint16_t type) const noexcept;
  /// Which RRset of its slot this is.
  std::uint32_t rrset_index(std::uint32_t slot, const Rrset& rrset) const noexcept;
  /// image::Flags of a slot.
  std::uint8_t flags_of(std::uint32_t slot) const noexcept;
  /// Whether a service at this absolute name, which exists, answers with a CNAME.
  bool is_alias(dns::NameView name) const noexcept;
  /// The slot of an absolute name that exists.
  std::uint32_t slot_of(dns::NameView name) const noexcept;
  /// The slot of a name in or below the zone, lower case, if it is a place for ACME challenges (challenges.hpp).
  std::optional<std::uint32_t> challenge_slot(dns::NameView name) const noexcept;
  /// All places for ACME challenges, in no order. Allocates.
  std::vector<dns::Name> challenge_names() const;
  const Rrset& rrset_at(std::uint32_t offset) const noexcept {
    return *reinterpret_cast<const Rrset*>(image_.data() + offset);
  }

  std::size_t names() const noexcept;  ///< owner names, empty non-terminals included
  std::size_t octets() const noexcept { return image_.size(); }

 private:
  friend class ZoneCompiler;
  explicit Zone(std::vector<std::uint8_t> octets) noexcept : image_(std::move(octets)) {}
  const image::Header& header() const noexcept;
  std::vector<std::uint8_t> image_;
};

/// Finds the zone that a name is in: the one with the longest apex; for DS at an apex, the zone above it if it is here.
/// Immutable; any thread. Apexes must differ.
class ZoneTable {
 public:
  struct Found {
    std::uint32_t zone = none;
    unsigned apex_label = 0;  ///< index of the apex in Query::offset
  };
  static constexpr std::uint32_t none = 0xffffffff;

  ZoneTable() = default;
  explicit ZoneTable(std::vector<std::shared_ptr<const Zone>> zones);

  [[nodiscard]] Found find(const dns::Query& query) const noexcept;
  const Zone& operator[](std::uint32_t zone) const noexcept { return *zones_[zone]; }
  const std::vector<std::shared_ptr<const Zone>>& all() const noexcept { return zones_; }

 private:
  std::vector<std::shared_ptr<const Zone>> zones_;
  std::vector<std::uint32_t> slots_;  ///< open addressing by apex hash; none where empty
  std::uint64_t depths_[2] = {0, 0};  ///< bit n: some apex has n labels
};

}  // namespace gslb::zones
