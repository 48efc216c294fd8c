// policy/guards.hpp: what decides beside the weights of the moment: latches, `keep`, and the load of sites.
//
// Pure. Threads: any.
#pragma once

#include <cstdint>
#include <vector>

#include "policy/endpoint_state.hpp"
#include "policy/load.hpp"
#include "policy/service.hpp"

namespace gslb::policy {

/// A number for each endpoint, in the unit of the configured weights.
using EffectiveWeights = std::vector<double>;

/// For each endpoint; an empty list says nothing about any.
struct Guards {
  std::vector<bool> held;       ///< of a tier that clients have not come back to yet: stands in if nothing else is up
  EffectiveWeights kept;        ///< of those down that `keep` lets stay: they draw, but count as down
  std::vector<SiteShare> load;  ///< of its site
  /// Of those that people took out: the turn in which they stand in when nothing else exists. 0: nobody took it out; 1:
  /// drained, and up; 2: drained; 3: forced down.
  std::vector<std::uint8_t> turn;
};

/// @param states     under this aspect, of each endpoint
/// @param effective  their weights now, 0 for those that are not there under it
Guards guards_of(const Service& service, Aspect aspect, const std::vector<EndpointState>& states,
                 const EffectiveWeights& effective);

}  // namespace gslb::policy
