// net/ticket_keys.hpp: the keys under which TLS sessions are handed to clients as tickets (RFC 5077, RFC 8446 section
// 4.6.1). They live in memory only and are replaced every hour, so that a key that leaks opens little.
//
// Threads: any. The lock is taken in handshakes only.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>

#include "base/clock.hpp"

namespace gslb::net {

struct TicketKey {
  std::array<std::uint8_t, 16> name;
  std::array<std::uint8_t, 32> cipher;  ///< AES-256-CBC
  std::array<std::uint8_t, 32> mac;     ///< HMAC-SHA-256
};

class TicketKeys {
 public:
  static constexpr std::chrono::hours period{1};  ///< a key makes tickets so long, then opens them so long again

  /// The key for new tickets; nothing if the system has no randomness.
  std::optional<TicketKey> current(base::SteadyTime now);
  struct Found {
    TicketKey key;
    bool old = false;  ///< the client should get a new ticket
  };
  /// The key of a ticket, if it is still held.
  std::optional<Found> find(const std::uint8_t* name, base::SteadyTime now);

 private:
  void forget(base::SteadyTime now) noexcept;

  struct Held {
    TicketKey key;
    base::SteadyTime made;
  };
  std::mutex mutex_;
  std::array<std::optional<Held>, 2> held_;  ///< the newest first
};

}  // namespace gslb::net
