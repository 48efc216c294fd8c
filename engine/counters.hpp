// engine/counters.hpp: what a worker counts. One writer each; anybody may read at any time.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace gslb::engine {

/// A count with one writing thread: no locked instruction, and no torn read elsewhere.
class Counter {
 public:
  void add(std::uint64_t n = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::uint64_t read() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Sites are counted under their number in the server's register of site names, which outlives configurations.
inline constexpr std::size_t max_sites = 1024;

struct Counters {
  std::array<Counter, 3> queries;               ///< by Transport
  std::array<Counter, 24> rcodes;               ///< replies by RCODE
  Counter dropped;                              ///< messages that got no reply
  Counter truncated;                            ///< replies with TC
  Counter slipped;                              ///< queries over the rate limit that got a bare TC
  Counter limited;                              ///< queries over the rate limit that got nothing; not in `dropped`
  std::array<Counter, 4> cookies;               ///< queries by dns::CookieVerdict
  std::array<Counter, max_sites> site_answers;  ///< addresses of a site in replies
};

}  // namespace gslb::engine
