// policy/chain.hpp: the filters of a service on the clients of one service class: which endpoints, in which tiers.
//
//   endpoints ─fence─► ─priority─► ─nearest─► tiers ─shares.hpp─► shares
//
// A filter drops endpoints, splits tiers or orders inside one; it never moves an endpoint to a better tier.
// Pure. Threads: any.
#pragma once

#include <cstdint>
#include <vector>

#include "geo/signature.hpp"
#include "policy/service.hpp"

namespace gslb::policy {

using Tiers = std::vector<std::vector<EndpointIndex>>;

/// What the chains of a service and of those inside it make of a client class, whatever the health of the endpoints.
struct ClassTiers {
  Tiers own;
  std::vector<Tiers> inner;     ///< of each inner service; empty: nothing there is for these clients
  bool canary_network = false;  ///< they are among the networks of the canary
  auto operator<=>(const ClassTiers&) const = default;
};

/// The tiers at the start of a chain, then after each of its steps: what a person is shown.
using ChainTrace = std::vector<Tiers>;
struct ChainTraces {
  ChainTrace own;
  std::vector<ChainTrace> inner;  ///< of each inner service
};

/// @param traces  if not null, gets what each step did
ClassTiers run_chains(const Service& service, Aspect aspect, const geo::ClassAnswers& client,
                      ChainTraces* traces = nullptr);

/// Calls `visit` with every endpoint with an address in these tiers, also inside of inner services.
template <class Visit>
void for_each_address(const Service& service, const ClassTiers& all, const Tiers& tiers, Visit visit) {
  for (const auto& tier : tiers) {
    for (const EndpointIndex e : tier) {
      const std::uint16_t inner = service.endpoints[e].inner;
      if (inner == Endpoint::no_inner) {
        visit(e);
      } else {
        for_each_address(service, all, all.inner[inner], visit);
      }
    }
  }
}

/// Whether the endpoint's `serves` holds the client.
bool serves(const Endpoint& endpoint, const geo::ClassAnswers& client);
/// The same, and so do those of all services that it is inside of.
bool serves_through(const Service& service, EndpointIndex endpoint, const geo::ClassAnswers& client);

}  // namespace gslb::policy
