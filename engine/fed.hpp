// engine/fed.hpp: what the feeds of a site leave of the weights of the endpoints there.
//
//   FeedEffect of each feed ─heed()─► share of each endpoint ─► EndpointState::feed
//
// Pure. Threads: the health thread.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/generation.hpp"
#include "health/feeds/feed_board.hpp"

namespace gslb::engine {

class FedEndpoints {
 public:
  /// Nothing is known of any feed yet.
  explicit FedEndpoints(const Snapshot& snapshot);

  /// @param effects  of the snapshot's feeds, in their order. Where several are about an endpoint the least counts.
  /// @return whether any endpoint's share is another one now
  bool heed(const std::vector<health::FeedEffect>& effects);
  /// In thousandths; 0: it is drained.
  std::uint16_t share(std::size_t service, std::size_t endpoint) const { return shares_[service][endpoint]; }

 private:
  std::vector<std::vector<std::uint16_t>> shares_;            ///< for each service, of each endpoint
  std::vector<std::vector<std::vector<std::size_t>>> feeds_;  ///< likewise: those that are about it
};

/// The feeds of a snapshot that are about an endpoint.
std::vector<std::size_t> feeds_of(const Snapshot& snapshot, std::size_t service, std::size_t endpoint);

}  // namespace gslb::engine
