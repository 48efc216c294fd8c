// policy/shares.hpp: what share of a client class each tier carries now: by health, slow start, load and the latches.
//
//   tiers, weights of the moment ─capacity of each tier─► shares of inner services ─canary, load─► shares of endpoints
//
// Pure. Threads: any.
#pragma once

#include <cstdint>
#include <vector>

#include "policy/chain.hpp"
#include "policy/guards.hpp"

namespace gslb::policy {

/// A tier, or a part of one that clients are sent to.
struct TierShare {
  std::vector<EndpointIndex> members;  ///< those with an address that draw
  double share = 0;                    ///< of the class's clients, 0 to 1
  bool canary = false;                 ///< its members and others are never in one answer
};

/// How one tier that decided took its part, in the unit of the weights.
struct TierLoad {
  double effective = 0;   ///< what its members can take now
  double configured = 0;  ///< what they could if all were up
  double keeps = 0;       ///< of the clients that reach it, 0 to 1
};

enum class Mode : std::uint8_t {
  normal,
  fail_open,    ///< too little is up: as if every member were up
  last_resort,  ///< all that exists was taken out by people: drained members answer, else those forced down
  fenced,       ///< no member serves these clients: fallback or SERVFAIL
  nothing,      ///< no member to answer with: fallback or SERVFAIL
};

struct Shares {
  Mode mode = Mode::normal;
  std::vector<TierShare> tiers;  ///< only those with a share; shares sum to 1 unless empty
  std::size_t consulted = 0;     ///< how many own tiers decided this: the answer depends on no later one
  std::vector<TierLoad> loads;   ///< of the consulted tiers
  EffectiveWeights weights;      ///< of the members now (the configured ones where mode is fail_open)
  EffectiveWeights draws;        ///< that the members of a tier draw by
};

/// DESIGN section 7: a tier keeps min(1, a / spill_below) of the clients that reach it, where a is the share of its
/// configured weight that is effective; what the last tier leaves over is scaled away. An inner service
/// weighs outside what of it can be carried inside.
/// @param effective  what each endpoint can take now; not read for inner services
Shares share_tiers(const Service& service, const ClassTiers& tiers, EffectiveWeights effective,
                   const Guards& guards = {});

}  // namespace gslb::policy
