// dns/rdata.hpp: record data between text and wire. ldns does the text; our own code does the common types fast.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "dns/name.hpp"
#include "dns/types.hpp"

namespace gslb::dns {

/// Record data from its presentation form, appended to `out` as uncompressed wire octets in canonical form (RFC 4034
/// section 6.2). `text` is one line without comments and parentheses. A, AAAA, NS, CNAME, DNAME, PTR, MX, SRV, TXT, SOA
/// and RFC 3597 "\# n hex" by our own scanner; every other type by ldns. Names without a final dot are completed with
/// `origin`. In TXT, blanks outside quotes part strings: `v=spf1 -all` is two, `"v=spf1 -all"` one.
/// @return nothing, or an error that says what is wrong with the text. `out` is unchanged on error.
[[nodiscard]] base::Result<void> parse_rdata(Rtype type, std::string_view text, const Name& origin,
                                             std::vector<std::uint8_t>& out);

/// Presentation form of wire record data; RFC 3597 form for types that ldns does not know or cannot print.
std::string rdata_to_string(Rtype type, std::span<const std::uint8_t> rdata);
/// "\# length hexadecimal" (RFC 3597 section 5), which every server reads for every type.
std::string rdata_to_generic(std::span<const std::uint8_t> rdata);

}  // namespace gslb::dns
