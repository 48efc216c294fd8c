// dns/dnskey.hpp: what is derived from the RDATA of a DNSKEY: its tag, and the DS that a parent publishes for it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "dns/name.hpp"

namespace gslb::dns {

/// RFC 4034 section 5.1.3, RFC 6605 section 2.
enum class DigestType : std::uint8_t { sha256 = 2, sha384 = 4 };

/// RFC 4034 appendix B. Of RDATA shorter than four octets: 0.
std::uint16_t key_tag(std::span<const std::uint8_t> dnskey) noexcept;

/// The RDATA of the DS (and CDS) for a DNSKEY of the zone `owner` (RFC 4034 section 5.1.4).
/// @param owner  lower case
std::vector<std::uint8_t> ds_rdata(NameView owner, std::span<const std::uint8_t> dnskey, DigestType digest);

/// Whether `ds`, which anybody may have written, is the DS of this DNSKEY. Digests other than those above never match.
bool is_ds_of(std::span<const std::uint8_t> ds, NameView owner, std::span<const std::uint8_t> dnskey);

/// RDATA of the CDS and of the CDNSKEY that ask a parent to remove every DS (RFC 8078 section 4).
inline constexpr std::array<std::uint8_t, 5> cds_delete{0, 0, 0, 0, 0};
inline constexpr std::array<std::uint8_t, 5> cdnskey_delete{0, 0, 3, 0, 0};

}  // namespace gslb::dns
