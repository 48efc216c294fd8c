// zones/relative_labels.hpp: a name below the apex, label by label, with the hashes of its ancestors.
#pragma once

#include <array>
#include <cstdint>

#include "dns/name.hpp"
#include "dns/name_hash.hpp"

namespace gslb::zones {

/// Where the labels of a relative name start, and the hash of each suffix down to the apex.
struct RelativeLabels {
  std::array<std::uint8_t, dns::max_labels + 1> at;
  std::array<std::uint64_t, dns::max_labels + 1> hash;
  unsigned count = 0;
  dns::NameView name;

  RelativeLabels(dns::NameView relative, std::uint64_t apex_hash) noexcept : name(relative) {
    std::size_t position = 0;
    for (; position < name.size(); position += name[position] + 1U) at[count++] = static_cast<std::uint8_t>(position);
    at[count] = static_cast<std::uint8_t>(position);
    hash[count] = apex_hash;
    for (unsigned label = count; label-- > 0;)
      hash[label] = dns::child_hash(hash[label + 1], &name[at[label] + 1U], name[at[label]]);
  }
  dns::NameView suffix(unsigned label) const noexcept { return name.subspan(at[label]); }
  bool is_star(unsigned label) const noexcept { return name[at[label]] == 1 && name[at[label] + 1U] == '*'; }
};

}  // namespace gslb::zones
