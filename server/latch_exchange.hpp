// server/latch_exchange.hpp: brings the latches of `failback` that this node holds and those of the shared store
// together: a node that nobody else tells learns from it what it forgot.
//
// Threads: the control thread.
#pragma once

#include <set>

#include "health/sharing/latch_record.hpp"
#include "server/health_service.hpp"

namespace gslb::server {

class LatchExchange {
 public:
  explicit LatchExchange(HealthService& health) : health_(health) {}

  /// @param listing  all that is in a store that is trusted
  void read(const health::Listing& listing, health::SharedStore& store);

 private:
  HealthService& health_;
  std::set<std::uint64_t> known_;  ///< that this node has held since it started
};

}  // namespace gslb::server
