// policy/plan.hpp: the answer to "which endpoints, now?" for every class of clients of one service, made when something
// changes and read by each query.
//
//   Service, ClassAnswers of each class, EndpointStates ──make_plan()──► Plan
//   query: class ─► ClassPlan ─► draw (client's hash or random) ─► endpoint set id ─► endpoint indices
//
// Flat tables, integers only; make_plan is pure. Threads: immutable; any.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "base/address.hpp"
#include "base/hash.hpp"
#include "policy/chain.hpp"
#include "policy/endpoint_state.hpp"
#include "policy/guards.hpp"
#include "policy/service.hpp"
#include "policy/shares.hpp"

namespace gslb::policy {

enum class Draw : std::uint8_t {
  fixed,      ///< `index` is a set
  by_client,  ///< `index` is a slot table; the client's hash picks
  by_query,   ///< `index` is a slot table; a random number picks
  nothing,    ///< no member and no fallback: SERVFAIL
};

struct ClassPlan {
  std::uint32_t index = 0;
  std::uint32_t ttl = 0;  ///< seconds
  Draw draw = Draw::nothing;
  Mode mode = Mode::normal;
};

struct EndpointSet {
  std::uint32_t first = 0;  ///< in AspectPlan::members
  std::uint32_t count = 0;
  std::uint32_t rank = 0;  ///< SetRanks::rank: what is prepared for the set is found by it
};

/// The tables of one aspect. Members from Service::endpoints.size() on are the fallback addresses, in their order.
struct AspectPlan {
  std::vector<ClassPlan> classes;
  std::vector<std::uint32_t> slots;  ///< set ids; tables of slot_count each
  std::uint32_t slot_count = 0;
  std::vector<EndpointSet> sets;
  std::vector<EndpointIndex> members;

  std::span<const EndpointIndex> set(std::uint32_t id) const noexcept {
    return {members.data() + sets[id].first, sets[id].count};
  }
  /// The set for a draw of 64 uniform bits.
  std::uint32_t draw(const ClassPlan& plan, std::uint64_t bits) const noexcept {
    return plan.draw == Draw::fixed ? plan.index : slots[plan.index + base::reduce(bits, slot_count)];
  }
};

struct Plan {
  std::array<AspectPlan, aspects.size()> of_aspect;
  const AspectPlan& under(Aspect aspect) const noexcept { return of_aspect[aspect.index()]; }
  /// The worst mode of any class: what a person is told about the service.
  Mode worst = Mode::normal;
  ServiceStates states;  ///< that it was made from
};

/// 64 uniform bits that depend only on the first `length` bits of the address and on the service.
inline std::uint64_t client_hash(const base::IpAddress& address, unsigned length, std::uint64_t salt) noexcept {
  const base::IpAddress network = base::masked(address, length);
  std::uint64_t words[2];
  std::memcpy(words, network.octets.data(), sizeof words);
  return base::combine(base::combine(salt, words[0]), words[1]);
}

/// @param classes  the answers of each service class of the service's signature; at least one
Plan make_plan(const Service& service, const std::vector<geo::ClassAnswers>& classes, const ServiceStates& states);

/// How many of the slots of a decision give each set: its exact proportions. Empty for Draw::nothing.
std::vector<std::pair<std::uint32_t, std::uint32_t>> set_slots(const AspectPlan& plan, const ClassPlan& decision);

/// The making of one class's decision, step by step, by the code that makes plans.
struct ClassTrace {
  ChainTraces steps;
  ClassTiers tiers;
  Shares shares;
  Guards guards;                       ///< who is held back or kept, what sites keep of their load
  EffectiveWeights effective;          ///< by the states, before panic_below and all_down
  std::vector<EndpointIndex> hurried;  ///< whose state lowers the TTL
  AspectPlan plan;                     ///< of this one class
};
ClassTrace trace_class(const Service& service, Aspect aspect, const geo::ClassAnswers& client,
                       const ServiceStates& states);

}  // namespace gslb::policy
