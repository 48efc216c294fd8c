#include "engine/survey.hpp"

namespace gslb::engine {

namespace {

constexpr std::array families{base::Family::v4, base::Family::v6};

void add(PlaceExtent& extent, const geo::Block& block, base::Family family) {
  const auto f = static_cast<std::size_t>(family);
  extent.addresses[f] += geo::addresses(block, family);
  extent.networks[f] += geo::count_networks(block, family);
}

}  // namespace

Survey survey(const Snapshot& snapshot) {
  Survey out(snapshot.locator ? snapshot.locator->place_classes() : 1);
  for (const auto family : families) {
    const auto f = static_cast<std::size_t>(family);
    if (!snapshot.locator) {
      out[0].addresses[f] = family == base::Family::v4 ? 0x1p32 : 0x1p128;
      out[0].networks[f] = 1;
      out[0].example[f] = base::Prefix{{family, {}}, 0};
      continue;
    }
    std::vector<geo::Block> largest(out.size());
    std::vector<bool> seen(out.size(), false);
    geo::Walk walk(*snapshot.locator, family);
    while (const auto block = walk.next()) {
      add(out[block->place_class], *block, family);
      geo::Block& best = largest[block->place_class];
      if (!seen[block->place_class] || block->last - block->first > best.last - best.first) best = *block;
      seen[block->place_class] = true;
    }
    for (std::size_t place = 0; place < out.size(); ++place) {
      if (!seen[place]) continue;
      for (const base::Prefix& network : geo::networks(largest[place], family)) {
        auto& example = out[place].example[f];
        if (!example || network.length < example->length) example = network;
      }
    }
  }
  if (snapshot.locator) {
    for (std::size_t place = 0; place < out.size(); ++place)
      out[place].special = snapshot.locator->special(static_cast<std::uint16_t>(place));
  }
  return out;
}

std::vector<bool> known_places(const Snapshot& snapshot) {
  const std::size_t places = snapshot.locator ? snapshot.locator->place_classes() : 1;
  bool asked = false;
  std::vector<bool> out(places, false);
  for (unsigned signature = 0; signature < snapshot.classes.size(); ++signature) {
    const auto& classes = snapshot.classes[signature];
    if (!snapshot.locator || classes.empty() || classes[0].tiers.empty()) continue;
    asked = true;
    for (std::size_t place = 0; place < places; ++place) {
      const auto& client = classes[snapshot.locator->service_class(signature, static_cast<std::uint16_t>(place))];
      for (const auto& tiers : client.tiers) out[place] = out[place] || !tiers.empty();
    }
  }
  if (!asked) out.assign(places, true);
  return out;
}

}  // namespace gslb::engine
