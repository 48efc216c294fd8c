// engine/order_reach.hpp: whom an order of a person reaches, and what it would do.
//
//   "fra" ──scope_of──► OrderScope ──reached_by──► addresses ──broken_rule──► a safety rule that is against it
//
// Pure. Threads: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/generation.hpp"
#include "health/order.hpp"

namespace gslb::engine {

/// What a person wrote: an address, a site, a service by its name or first labels, SERVICE/SITE, or "*"; each may be a
/// pattern. "address:", "site:" and "service:" before it say which is meant. Fails, with a hint, if nothing is named
/// so, or if it could mean several things.
[[nodiscard]] base::Result<health::OrderScope> scope_of(const Snapshot& snapshot, const std::string& text);

/// One address of a service.
struct Reached {
  std::uint32_t service;
  std::uint32_t endpoint;
  base::Family family;
  std::string address;  ///< or the name of a host without addresses
};
std::vector<Reached> reached_by(const Snapshot& snapshot, const health::OrderScope& scope);

struct BrokenRule {
  std::string service;
  std::string rule;     ///< as it is written: "at least 1 other site is fully up"
  std::string present;  ///< what is the case: "iad is in slow start; gru is down"
};
/// The first safety rule (`assert`) that would not hold if what the scope reaches were taken out now.
std::optional<BrokenRule> broken_rule(const Generation& now, const health::OrderScope& scope);

/// The generation as the order would make it.
GenerationPtr suppose(const Generation& now, const health::Order& order);

/// "service address" of what is not up now, of all that the scope reaches: for Order::not_up.
std::vector<std::string> not_up_now(const Generation& now, const health::OrderScope& scope);

}  // namespace gslb::engine
