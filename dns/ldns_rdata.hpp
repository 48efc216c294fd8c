// dns/ldns_rdata.hpp: record data of the less common types, through ldns. Private to dns/.
//
// ldns never sees octets from the network: only text that an operator wrote, and data that we made from such text.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "dns/name.hpp"
#include "dns/types.hpp"

namespace gslb::dns {

/// True if ldns has a format for the data of this type. The other functions want such a type.
bool ldns_knows(Rtype type) noexcept;

/// Record data from one line of text without comments, in canonical form (RFC 4034 section 6.2).
base::Result<std::vector<std::uint8_t>> parse_with_ldns(Rtype type, std::string_view text, const Name& origin);

/// The same data in canonical form; nothing unless `rdata` is well formed and without compression.
std::optional<std::vector<std::uint8_t>> check_with_ldns(Rtype type, std::span<const std::uint8_t> rdata);

/// Presentation form; nothing unless `rdata` is well formed and without compression.
std::optional<std::string> print_with_ldns(Rtype type, std::span<const std::uint8_t> rdata);

}  // namespace gslb::dns
