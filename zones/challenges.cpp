#include "zones/challenges.hpp"

#include <algorithm>

namespace gslb::zones {

std::vector<std::uint8_t> challenge_name(dns::NameView name) {
  if (name.size() >= 2 && name[0] == 1 && name[1] == '*') name = name.subspan(2);
  std::vector<std::uint8_t> out;
  out.reserve(1 + challenge_label.size() + name.size());
  out.push_back(static_cast<std::uint8_t>(challenge_label.size()));
  out.insert(out.end(), challenge_label.begin(), challenge_label.end());
  out.insert(out.end(), name.begin(), name.end());
  return out;
}

const Challenges::Rrset* Challenges::find(std::uint32_t slot) const noexcept {
  const auto found = std::ranges::lower_bound(rrsets, slot, {}, &Rrset::slot);
  return found != rrsets.end() && found->slot == slot ? &*found : nullptr;
}

}  // namespace gslb::zones
