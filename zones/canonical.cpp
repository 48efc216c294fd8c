#include "zones/canonical.hpp"

#include <algorithm>
#include <cstring>

#include "zones/zone_image.hpp"

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

std::vector<std::uint32_t> names_in_order(const Zone& zone) {
  const std::uint8_t* octets = zone.octets_at(0);
  const image::Slot* slots = image::slots(octets);
  const auto count = reinterpret_cast<const image::Header*>(octets)->slots;
  std::vector<std::uint32_t> out;
  out.reserve(zone.names());
  for (std::uint32_t i = 0; i < count; ++i)
    if (slots[i].body != 0) out.push_back(i);
  const auto name = [&](std::uint32_t i) {
    return CanonicalName({image::name_of(octets, slots[i]), slots[i].name_size});
  };
  std::ranges::sort(out, [&](std::uint32_t a, std::uint32_t b) { return name(a) < name(b); });
  return out;
}

}  // namespace gslb::zones
