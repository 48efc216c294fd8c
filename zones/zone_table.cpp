#include <algorithm>
#include <utility>

#include "base/hash.hpp"
#include "zones/zone.hpp"

namespace gslb::zones {

ZoneTable::ZoneTable(std::vector<std::shared_ptr<const Zone>> zones)
    : zones_(std::move(zones)), slots_(zones_.size() * 2 + 1, none) {
  const auto count = static_cast<std::uint32_t>(slots_.size());
  for (std::uint32_t zone = 0; zone < zones_.size(); ++zone) {
    std::uint32_t slot = base::reduce(zones_[zone]->apex_hash(), count);
    while (slots_[slot] != none) slot = slot + 1 == count ? 0 : slot + 1;
    slots_[slot] = zone;
    const unsigned depth = zones_[zone]->apex_labels();
    depths_[depth / 64] |= std::uint64_t{1} << depth % 64;
  }
}

ZoneTable::Found ZoneTable::find(const dns::Query& query) const noexcept {
  const auto count = static_cast<std::uint32_t>(slots_.size());
  Found at_qname;
  for (unsigned label = 0; label <= query.labels; ++label) {
    const unsigned depth = query.labels - label;
    if ((depths_[depth / 64] >> depth % 64 & 1) == 0) continue;
    const dns::NameView suffix = query.suffix(label);
    for (std::uint32_t slot = base::reduce(query.hash[label], count); slots_[slot] != none;
         slot = slot + 1 == count ? 0 : slot + 1) {
      const Zone& zone = *zones_[slots_[slot]];
      if (zone.apex_hash() != query.hash[label] || !std::ranges::equal(zone.apex(), suffix)) continue;
      const Found found{slots_[slot], label};
      // The DS of a zone stands in its parent, if that is here too (RFC 4035 section 3.1.4.1).
      if (label != 0 || query.qtype != static_cast<std::uint16_t>(dns::Rtype::DS)) return found;
      at_qname = found;
      break;
    }
  }
  return at_qname;
}

}  // namespace gslb::zones
