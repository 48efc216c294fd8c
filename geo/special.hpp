// geo/special.hpp: addresses that are nowhere, whatever a database says about them.
#pragma once

#include <optional>
#include <span>

#include "base/address.hpp"

namespace gslb::geo {

/// Blocks of the IANA special-purpose address registries that are not globally reachable, or that stand for addresses
/// of another family (RFC 6890 and its updates), and multicast. No block contains another.
std::span<const base::Prefix> special_blocks(base::Family family) noexcept;

/// Length of the special-purpose block that contains `address`, if any. Any thread; does not allocate.
std::optional<unsigned> special_block_length(const base::IpAddress& address) noexcept;

/// Quick and sometimes wrong: false only if no special-purpose block contains `address`.
bool may_be_special(const base::IpAddress& address) noexcept;

}  // namespace gslb::geo
