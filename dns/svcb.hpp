// dns/svcb.hpp: what ldns does not check of SVCB and HTTPS records. Private to dns/.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace gslb::dns {

/// What is wrong with the parameters of SVCB or HTTPS data (RFC 9460 sections 2.2, 2.4.2, 7 and 8): order and
/// duplicates of keys, their lengths, `mandatory` and `no-default-alpn`, parameters in AliasMode. Nothing: all is well.
std::optional<std::string> svcb_fault(std::span<const std::uint8_t> rdata);

}  // namespace gslb::dns
