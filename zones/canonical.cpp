#include "zones/canonical.hpp"

#include <algorithm>
#include <cstring>

namespace gslb::zones {

std::strong_ordering CanonicalName::operator<=>(const CanonicalName& other) const noexcept {
  const unsigned common = std::min(count_, other.count_);
  for (unsigned up = 1; up <= common; ++up) {
    const std::uint8_t* mine = labels_[count_ - up];
    const std::uint8_t* theirs = other.labels_[other.count_ - up];
    const int order = std::memcmp(mine + 1, theirs + 1, std::min(*mine, *theirs));
    if (order != 0) return order <=> 0;
    if (*mine != *theirs) return *mine <=> *theirs;
  }
  return count_ <=> other.count_;
}

}  // namespace gslb::zones
