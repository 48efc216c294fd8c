// zones/dnssec_spec.hpp: what the operator wrote about signing one zone. Filled by config/; keys are kept by
// server/key_keeper.hpp along dns/key_schedule.hpp.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/source.hpp"
#include "dns/signing_key.hpp"

namespace gslb::zones {

struct DnssecSpec {
  base::SourcePosition where;
  dns::DnssecAlgorithm algorithm = dns::DnssecAlgorithm::ecdsap256sha256;
  bool maker = true;    ///< this node makes and replaces keys; false: it obeys the key files
  bool split = false;   ///< a KSK and ZSKs; false: one key for both, a CSK
  bool unsign = false;  ///< take the zone back to unsigned, step by step (RFC 8078 section 4)
  std::chrono::seconds validity{std::chrono::days{14}};      ///< of signatures; renewed when a third of it is left
  base::Sourced<std::string> keys;                           ///< folder of the key files
  std::chrono::seconds ksk_lifetime{0};                      ///< of a KSK or CSK; 0: replaced on demand only
  std::chrono::seconds zsk_lifetime{std::chrono::days{90}};  ///< 0: replaced on demand only
  std::chrono::seconds dnskey_ttl{3600};                     ///< of DNSKEY, CDS and CDNSKEY
  /// RFC 7583 Dprp: added to every wait, for name servers that lag and clocks that differ.
  std::chrono::seconds propagation{300};
  std::vector<base::Sourced<base::SocketAddress>> servers;  ///< the zone's other name servers
  std::vector<base::Sourced<base::SocketAddress>> parent;   ///< every name server of the parent zone
  std::chrono::seconds ds_ttl{std::chrono::days{1}};        ///< of the DS at the parent, at least
};

}  // namespace gslb::zones
