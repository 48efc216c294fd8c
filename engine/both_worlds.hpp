// engine/both_worlds.hpp: two geographies walked at once: blocks of addresses that are one place class in each.
#pragma once

#include <algorithm>

#include "geo/walk.hpp"

namespace gslb::engine {

struct PairBlock {
  geo::Block block;          ///< place_class: in the first geography
  std::uint16_t second = 0;  ///< its place class in the second
};

/// Calls `visit(PairBlock)` for the whole of a family, in order. A null geography is one class 0.
template <class Visit>
void walk_both(const geo::Locator* first, const geo::Locator* second, base::Family family, Visit visit) {
  const geo::Block all{0, ~geo::AddressNumber{0}, 0};
  std::optional<geo::Walk> a_walk;
  std::optional<geo::Walk> b_walk;
  if (first != nullptr) a_walk.emplace(*first, family);
  if (second != nullptr) b_walk.emplace(*second, family);
  geo::Block a = a_walk ? *a_walk->next() : all;
  geo::Block b = b_walk ? *b_walk->next() : all;
  for (geo::AddressNumber at = 0;;) {
    const geo::AddressNumber last = std::min(a.last, b.last);
    visit(PairBlock{{at, last, a.place_class}, b.place_class});
    if (last == all.last) return;
    at = last + 1;
    if (a.last == last) a = *a_walk->next();
    if (b.last == last) b = *b_walk->next();
  }
}

}  // namespace gslb::engine
