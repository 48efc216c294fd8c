// zones/zone_signatures.hpp: the second part of a signed zone: the NSEC chain, and a signature for everything that can
// be answered.
//
//   Zone, its services, ZoneKeys ──sign_zone()──► ZoneSignatures ──► what goes beside an RRset or instead of one
//
// Owns:    one contiguous block of octets; u32 offsets inside. Refers to the image of the Zone it was made from.
// Threads: immutable; any, without allocation.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "dns/query.hpp"
#include "policy/service.hpp"
#include "zones/signature_image.hpp"
#include "zones/zone.hpp"
#include "zones/zone_keys.hpp"

namespace gslb::zones {

/// Records of one owner, ready to copy: each is C0 0C TYPE CLASS TTL RDLENGTH RDATA. None: there are no such.
struct Records {
  std::span<const std::uint8_t> octets;
  unsigned count = 0;
};

class ZoneSignatures {
 public:
  /// An NSEC record and the signatures on it.
  struct Nsec {
    dns::NameView owner;  ///< without the apex's labels
    Records record;
    Records rrsigs;
  };

  /// The signatures on a static RRset; none on what is not the zone's own (glue, NS of a zone cut).
  /// @param slot  of the RRset's owner  @param rrset  which of the slot's RRsets
  Records rrsigs(std::uint32_t slot, std::uint32_t rrset) const noexcept;
  /// Starts to fetch the signatures of the name that is asked for, if it stands where most do.
  void prefetch(const dns::Query& query) const noexcept;
  void prefetch_body(const dns::Query& query) const noexcept;
  Records negative_soa_rrsigs() const noexcept { return zone_group(header().negative_soa); }
  /// The signatures on a set of a service's endpoints. @param rank  policy::SetRanks
  Records steered_rrsigs(std::uint32_t service, policy::Aspect aspect, std::uint32_t rank) const noexcept;

  /// The RRset of DNSKEY, CDS or CDNSKEY at the apex, and its signatures; none of other types.
  std::pair<Records, Records> key_rrset(std::uint16_t type) const noexcept;

  /// The NSEC that speaks of an existing name: its own, or that before it if it is an empty non-terminal.
  std::uint32_t chain_at(std::uint32_t slot) const noexcept;
  bool in_chain(std::uint32_t slot) const noexcept;
  /// The NSEC that covers a name that does not exist: a bounded binary search.
  /// @param label  where in the query the name starts  @param star  the name is the wildcard below that
  std::uint32_t covering(const dns::Query& query, unsigned label, unsigned apex_label, bool star) const noexcept;
  Nsec nsec(std::uint32_t chain) const noexcept;

  std::size_t chain_size() const noexcept { return header().chain_size; }
  std::size_t octets() const noexcept { return image_.size(); }
  const ZoneKeysPtr& keys() const noexcept { return keys_; }
  /// When the first of all signatures here ends, seconds of Unix time modulo 2^32 (RFC 4034 section 3.1.5).
  std::uint32_t first_expiration() const noexcept { return first_expiration_; }

 private:
  friend class ZoneSigner;
  ZoneSignatures(std::shared_ptr<const Zone> zone, ZoneKeysPtr keys) : zone_(std::move(zone)), keys_(std::move(keys)) {}

  const signature_image::Header& header() const noexcept {
    return *reinterpret_cast<const signature_image::Header*>(image_.data());
  }
  const signature_image::NameBody* body(std::uint32_t slot) const noexcept;
  const signature_image::ChainEntry& entry(std::uint32_t chain) const noexcept;
  Records zone_group(std::uint32_t offset) const noexcept {
    return {{image_.data() + offset, std::size_t{header().rrsig_size} * header().zone_signers}, header().zone_signers};
  }

  std::shared_ptr<const Zone> zone_;
  ZoneKeysPtr keys_;
  std::vector<std::uint8_t> image_;
  std::uint32_t first_expiration_ = 0;
};

using ZoneSignaturesPtr = std::shared_ptr<const ZoneSignatures>;

}  // namespace gslb::zones
