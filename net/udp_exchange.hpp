// net/udp_exchange.hpp: many datagrams to one server, at a bounded rate, and what comes back. For tools; blocks.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/address.hpp"
#include "base/result.hpp"

namespace gslb::net {

struct ExchangeLimits {
  unsigned rate = 50;                       ///< most datagrams a second, 1 to 100,000
  unsigned outstanding = 64;                ///< most that wait for an answer at once
  std::chrono::milliseconds timeout{2000};  ///< for each answer
};

/// Sends each message once, in order. The first two octets are the message's own and stand in the answer, too: they are
/// set here.
/// @param done  called with the number of a message and its answer, or nothing if none came in time
/// @return an error if the server cannot be sent to
[[nodiscard]] base::Result<void> exchange(
    const base::SocketAddress& server, std::vector<std::vector<std::uint8_t>> messages, const ExchangeLimits& limits,
    const std::function<void(std::size_t, std::optional<std::span<const std::uint8_t>>)>& done);

}  // namespace gslb::net
