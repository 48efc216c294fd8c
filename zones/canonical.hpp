// zones/canonical.hpp: the canonical order of names (RFC 4034 section 6.1), below one apex, which none of them carries.
//
// Threads: any.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <vector>

#include "dns/name.hpp"
#include "dns/query.hpp"
#include "zones/zone.hpp"

namespace gslb::zones {

/// A lower-case name below an apex, ready to be compared with many: its labels from the apex downwards. Never
/// allocates.
class CanonicalName {
 public:
  /// @param relative  the name without the apex's labels
  explicit CanonicalName(dns::NameView relative) noexcept {
    for (std::size_t at = 0; at < relative.size(); at += relative[at] + 1U) labels_[count_++] = &relative[at];
  }
  /// The query's suffix from `label` on; with `star`, the wildcard below it.
  CanonicalName(const dns::Query& query, unsigned label, unsigned apex_label, bool star) noexcept {
    static constexpr std::uint8_t asterisk[] = {1, '*'};
    if (star) labels_[count_++] = asterisk;
    for (; label < apex_label; ++label) labels_[count_++] = &query.name[query.offset[label]];
  }

  /// Work is linear in the size of the names.
  std::strong_ordering operator<=>(const CanonicalName& other) const noexcept;

 private:
  std::array<const std::uint8_t*, dns::max_labels + 1> labels_;  ///< in the order of the wire; the first count_ are set
  unsigned count_ = 0;
};

/// The slots of all names of a zone, empty non-terminals and glue included, in canonical order. Allocates.
std::vector<std::uint32_t> names_in_order(const Zone& zone);

}  // namespace gslb::zones
