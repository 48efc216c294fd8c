// dns/rate_limit.hpp: how many replies a network gets each second over UDP, where a source address can be forged.
//
//   client's network (/24, /56) ─hash─► set of 4 entries (one cache line) ─► this second's count ─► Allowance
//
// A victim whose address is forged gets few octets; a real resolver there is told to come back over TCP. Fixed memory
// (1 MiB); networks beyond it push out those that have been quiet for longest. No allocation after construction.
// Threads: one limiter for each worker.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "base/address.hpp"

namespace gslb::dns {

inline constexpr std::uint32_t unlimited = std::numeric_limits<std::uint32_t>::max();

/// What the operator wants. Rates are replies a second of all workers together; `unlimited` exempts.
struct RateLimits {
  static constexpr std::size_t most_networks = 64;
  struct Network {
    base::Prefix prefix;
    std::uint32_t rate = unlimited;
  };
  std::uint32_t rate = 200;       ///< of each /24 or /56
  std::vector<Network> networks;  ///< with rates of their own; of several that hold a client the longest counts
};

enum class Allowance : std::uint8_t {
  whole,  ///< under half its rate
  small,  ///< over half its rate, now or in the second before: at most 512 octets
  slip,   ///< over its rate: TC, no longer than the query, so that a real resolver comes over TCP
  drop,   ///< over its rate: nothing
};

class RateLimiter {
 public:
  /// @param seed  secret, so that nobody can choose networks that share a set
  explicit RateLimiter(std::uint64_t seed);

  /// From now on. Each of `workers` gets its part of a rate, at least 1: the kernel spreads a network's ports over
  /// them.
  void configure(const RateLimits& limits, unsigned workers) noexcept;

  /// What account() wants to know of a client, found before its reply is made: it fetches the memory ahead.
  std::uint64_t prefetch(const base::IpAddress& client) const noexcept {
    const std::uint64_t hash = key(client);
    __builtin_prefetch(&sets_[place(hash)], 1);
    return hash;
  }
  /// Counts one reply to `client`. Over its rate a network gets slip and drop by turns.
  /// @param key  of prefetch(), since the last configure()
  /// @param second  of a steady clock
  Allowance account(std::uint64_t key, const base::IpAddress& client, std::uint32_t second) noexcept;

 private:
  static constexpr std::uint32_t set_count = 1U << 14;
  static constexpr unsigned ways = 4;

  struct Entry {
    std::uint32_t tag = 0;
    std::uint32_t second = 0;
    std::uint32_t count = 0;   ///< replies asked for in that second
    std::uint8_t network = 0;  ///< in `rates_`
    bool heavy = false;        ///< over half the rate in the second before
  };
  struct alignas(64) Set {
    std::array<Entry, ways> entries;
  };

  std::uint64_t key(const base::IpAddress& client) const noexcept;
  static std::uint32_t place(std::uint64_t key) noexcept { return static_cast<std::uint32_t>(key >> 32) % set_count; }
  std::uint8_t network_of(const base::IpAddress& client) const noexcept;

  std::uint64_t seed_;
  std::unique_ptr<Set[]> sets_;
  std::array<std::uint32_t, RateLimits::most_networks + 1> rates_{};  ///< [0]: of networks that are not listed
  std::array<base::Prefix, RateLimits::most_networks> prefixes_{};    ///< longest first
  std::size_t listed_ = 0;
  /// By family: a listed network is smaller than what is counted as one.
  std::array<bool, 2> within_{};
};

}  // namespace gslb::dns
