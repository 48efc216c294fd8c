// zones/zone_keys.hpp: what a zone is signed with now, and what it says of its keys. Made by whoever follows the keys'
// schedule; null where a zone is unsigned.
//
// Threads: immutable once shared.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "dns/signing_key.hpp"

namespace gslb::zones {

struct ZoneKeys {
  std::vector<dns::SigningKeyPtr> zone_signers;     ///< sign every RRset but those of the next; at least one
  std::vector<dns::SigningKeyPtr> key_signers;      ///< sign DNSKEY, CDS and CDNSKEY; at least one
  std::vector<std::vector<std::uint8_t>> dnskeys;   ///< RDATA; at least one
  std::vector<std::vector<std::uint8_t>> cds;       ///< RDATA; empty where nothing is asked of the parent (RFC 7344)
  std::vector<std::vector<std::uint8_t>> cdnskeys;  ///< RDATA
  std::uint32_t ttl = 3600;                         ///< of DNSKEY, CDS and CDNSKEY, seconds
};

using ZoneKeysPtr = std::shared_ptr<const ZoneKeys>;

}  // namespace gslb::zones
