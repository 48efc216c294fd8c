// engine/pending.hpp: who asks, over what, and the query between the two steps of its answer.
#pragma once

#include <cstdint>
#include <span>

#include "base/address.hpp"
#include "dns/query.hpp"
#include "zones/zone.hpp"

namespace gslb::engine {

enum class Transport : std::uint8_t { datagram, stream, tls };

struct Client {
  base::IpAddress address;
  std::uint16_t port = 0;
};

/// When a batch of queries came: read from the clocks once for all of them.
struct Instant {
  std::uint32_t unix_time = 0;  ///< seconds modulo 2^32, for cookies
  std::uint32_t second = 0;     ///< of a steady clock, for rates
};

/// One query between its two steps; a caller keeps an array of them.
struct Pending {
  std::span<const std::uint8_t> message;  ///< must stay until finish()
  Client client;
  Transport transport = Transport::datagram;
  std::uint64_t limit_key = 0;  ///< of the rate limiter; only of a datagram
  dns::ParseOutcome parsed = dns::ParseOutcome::drop;
  zones::ZoneTable::Found found;
  dns::Query query;
};

}  // namespace gslb::engine
