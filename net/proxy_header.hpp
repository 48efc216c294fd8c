// net/proxy_header.hpp: the header that a proxy puts in front of a connection or a datagram to say who its client is
// (PROXY protocol version 2, https://www.haproxy.org/download/2.8/doc/proxy-protocol.txt).
//
//   signature (12) | version, command (1) | family, transport (1) | length (2) | addresses and ports | TLVs
//
// Pure and bounded; does not allocate. Whether the sender may be believed is the caller's to know.
#pragma once

#include <cstdint>
#include <span>

#include "base/address.hpp"

namespace gslb::net {

struct ProxyHeader {
  enum class Outcome : std::uint8_t {
    incomplete,  ///< `size` octets are needed to say more
    malformed,   ///< not a header of version 2, over the limit, or of something that is not IP
    local,       ///< the proxy speaks for itself: the peer is the client
    proxied,     ///< `client` speaks
  };
  /// Headers are no longer, with all TLVs, which are skipped.
  static constexpr std::size_t longest = 2048;
  /// So much has to be there to know how long a header is.
  static constexpr std::size_t fixed = 16;

  Outcome outcome = Outcome::malformed;
  std::size_t size = 0;  ///< of the header; 0 if malformed
  base::SocketAddress client;
};

/// The header at the front of `octets`.
[[nodiscard]] ProxyHeader parse_proxy_header(std::span<const std::uint8_t> octets) noexcept;

}  // namespace gslb::net
