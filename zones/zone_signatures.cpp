#include "zones/zone_signatures.hpp"

#include <cstring>

#include "zones/canonical.hpp"
#include "zones/zone_image.hpp"

namespace gslb::zones {

namespace layout = signature_image;

const layout::NameBody* ZoneSignatures::body(std::uint32_t slot) const noexcept {
  std::uint32_t offset;
  std::memcpy(&offset, image_.data() + sizeof(layout::Header) + slot * sizeof offset, sizeof offset);
  return offset == 0 ? nullptr : reinterpret_cast<const layout::NameBody*>(image_.data() + offset);
}

const layout::ChainEntry& ZoneSignatures::entry(std::uint32_t chain) const noexcept {
  return reinterpret_cast<const layout::ChainEntry*>(image_.data() + header().chain)[chain];
}

void ZoneSignatures::prefetch(const dns::Query& query) const noexcept {
  __builtin_prefetch(image_.data() + sizeof(layout::Header) +
                     image::first_slot(query.hash[0], header().slots) * sizeof(std::uint32_t));
}

void ZoneSignatures::prefetch_body(const dns::Query& query) const noexcept {
  const auto* at = reinterpret_cast<const std::uint8_t*>(body(image::first_slot(query.hash[0], header().slots)));
  __builtin_prefetch(at);
  __builtin_prefetch(at + 64);
}

Records ZoneSignatures::rrsigs(std::uint32_t slot, std::uint32_t rrset) const noexcept {
  const layout::NameBody* at = body(slot);
  if (at == nullptr) return {};
  const auto first = static_cast<std::uint32_t>(reinterpret_cast<const std::uint8_t*>(at + 1) - image_.data());
  if ((zone_->flags_of(slot) & image::cut) == 0)
    return zone_group(first + rrset * header().rrsig_size * header().zone_signers);
  const std::uint32_t offset = reinterpret_cast<const std::uint32_t*>(at + 1)[rrset];
  return offset == 0 ? Records{} : zone_group(offset);
}

Records ZoneSignatures::steered_rrsigs(std::uint32_t service, policy::Aspect aspect,
                                       std::uint32_t rank) const noexcept {
  const auto* sets = reinterpret_cast<const layout::ServiceSets*>(image_.data() + header().services) +
                     (std::size_t{service} * policy::aspects.size() + aspect.index());
  if (rank >= sets->count) return {};
  return zone_group(sets->first + rank * header().rrsig_size * header().zone_signers);
}

std::pair<Records, Records> ZoneSignatures::key_rrset(std::uint16_t type) const noexcept {
  layout::KeyType which = layout::dnskey;
  switch (static_cast<dns::Rtype>(type)) {
    case dns::Rtype::DNSKEY:
      break;
    case dns::Rtype::CDS:
      which = layout::cds;
      break;
    case dns::Rtype::CDNSKEY:
      which = layout::cdnskey;
      break;
    default:
      return {};
  }
  const layout::KeyRrset& rrset = header().keys[which];
  if (rrset.count == 0) return {};
  const std::uint8_t* records = image_.data() + rrset.records;
  return {{{records, rrset.size}, rrset.count},
          {{records + rrset.size, std::size_t{header().rrsig_size} * header().key_signers}, header().key_signers}};
}

std::uint32_t ZoneSignatures::chain_at(std::uint32_t slot) const noexcept { return body(slot)->chain; }

bool ZoneSignatures::in_chain(std::uint32_t slot) const noexcept { return body(slot)->in_chain != 0; }

std::uint32_t ZoneSignatures::covering(const dns::Query& query, unsigned label, unsigned apex_label,
                                       bool star) const noexcept {
  const CanonicalName name(query, label, apex_label, star);
  const std::uint8_t* names = zone_->octets_at(0);
  std::uint32_t first = 0;  // the apex, which is before every name below it
  std::uint32_t last = header().chain_size;
  while (last - first > 1) {
    const std::uint32_t middle = first + (last - first) / 2;
    const layout::ChainEntry& at = entry(middle);
    if (CanonicalName({names + at.name, at.name_size}) <= name) {
      first = middle;
    } else {
      last = middle;
    }
  }
  return first;
}

ZoneSignatures::Nsec ZoneSignatures::nsec(std::uint32_t chain) const noexcept {
  const layout::ChainEntry& at = entry(chain);
  const std::uint8_t* record = image_.data() + at.nsec;
  const std::size_t size = 12U + (static_cast<std::size_t>(record[10]) << 8 | record[11]);
  return {{zone_->octets_at(at.name), at.name_size},
          {{record, size}, 1},
          zone_group(static_cast<std::uint32_t>(at.nsec + size))};
}

}  // namespace gslb::zones
