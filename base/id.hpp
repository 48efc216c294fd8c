// base/id.hpp: indices that cannot be mistaken for one another.
#pragma once

#include <compare>
#include <cstdint>

namespace gslb::base {

template <class Tag, class Value = std::uint32_t>
struct Id {
  Value value{};
  constexpr auto operator<=>(const Id&) const = default;
};

/// Position of a site in the configuration's list of sites.
using SiteId = Id<struct SiteTag, std::uint16_t>;

}  // namespace gslb::base
