// policy/chain.hpp: the filters of a service on the clients of one service class: which endpoints, in which tiers,
// carrying what share of the clients.
//
//   endpoints ─fence─► ─priority─► ─nearest─► tiers ─capacity of each─► shares
//
// A filter drops endpoints, splits tiers or orders inside one; it never moves an endpoint to a better tier.
// Pure. Threads: any.
#pragma once

#include <cstdint>
#include <vector>

#include "geo/signature.hpp"
#include "policy/service.hpp"

namespace gslb::policy {

using EndpointIndex = std::uint16_t;
using Tiers = std::vector<std::vector<EndpointIndex>>;

/// The tiers at the start of the chain, then after each of the service's steps: what a person is shown.
using ChainTrace = std::vector<Tiers>;

/// The tiers of a client class, whatever the health of the endpoints.
/// @param trace  if not null, gets what each step did
Tiers run_chain(const Service& service, Aspect aspect, const geo::ClassAnswers& client, ChainTrace* trace = nullptr);

/// Whether the endpoint's `serves` holds the client.
bool serves(const Endpoint& endpoint, const geo::ClassAnswers& client);

/// What each endpoint can take now, in the unit of the configured weights.
using EffectiveWeights = std::vector<double>;

struct TierShare {
  std::vector<EndpointIndex> members;  ///< those with any effective weight
  double share = 0;                    ///< of the class's clients, 0 to 1
};

/// How one tier that decided took its part, in the unit of the weights.
struct TierLoad {
  double effective = 0;   ///< what its members can take now
  double configured = 0;  ///< what they could if all were up
  double keeps = 0;       ///< of the clients that reach it, 0 to 1
};

enum class Mode : std::uint8_t {
  normal,
  fail_open,  ///< too little is up: as if every member were up
  fenced,     ///< no member serves these clients: fallback or SERVFAIL
  nothing,    ///< no member to answer with: fallback or SERVFAIL
};

struct Shares {
  Mode mode = Mode::normal;
  std::vector<TierShare> tiers;  ///< only tiers with a share; shares sum to 1 unless empty
  std::size_t consulted = 0;     ///< how many tiers of run_chain() decided this: the answer depends on no later one
  std::vector<TierLoad> loads;   ///< of the consulted tiers
  EffectiveWeights weights;      ///< that the members draw by (configured ones where mode is fail_open)
};

/// DESIGN section 7: a tier keeps min(1, a / spill_below) of the clients that reach it, where a is the share of its
/// configured weight that is effective; what the last tier leaves over is scaled away.
Shares share_tiers(const Service& service, const Tiers& tiers, const EffectiveWeights& effective);

}  // namespace gslb::policy
