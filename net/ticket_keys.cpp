#include "net/ticket_keys.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <span>

namespace gslb::net {

std::optional<TicketKey> TicketKeys::current(base::SteadyTime now) {
  const std::lock_guard lock(mutex_);
  forget(now);
  if (held_[0] && now - held_[0]->made < period) return held_[0]->key;
  Held fresh{{}, now};
  for (const std::span<std::uint8_t> part :
       {std::span<std::uint8_t>(fresh.key.name), std::span<std::uint8_t>(fresh.key.cipher),
        std::span<std::uint8_t>(fresh.key.mac)}) {
    if (RAND_bytes(part.data(), static_cast<int>(part.size())) != 1) return std::nullopt;
  }
  held_[1] = held_[0];
  held_[0] = fresh;
  return fresh.key;
}

std::optional<TicketKeys::Found> TicketKeys::find(const std::uint8_t* name, base::SteadyTime now) {
  const std::lock_guard lock(mutex_);
  forget(now);
  for (const auto& held : held_) {
    if (held && std::equal(held->key.name.begin(), held->key.name.end(), name))
      return Found{held->key, now - held->made >= period};
  }
  return std::nullopt;
}

void TicketKeys::forget(base::SteadyTime now) noexcept {
  for (auto& held : held_) {
    if (held && now - held->made >= 2 * period) held.reset();
  }
}

}  // namespace gslb::net
