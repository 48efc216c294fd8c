// engine/outcomes.hpp: what clients get, in a form in which two plans can be compared, even of two configurations.
//
//   plan, decision ──Outcomes──► Distribution: for each slot, or in proportion, an outcome (a set of addresses)
//   Distribution, Distribution ──moves()──► which part goes from which outcome to which
//
// Pure. Threads: one object, one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/generation.hpp"

namespace gslb::engine {

/// What an answer names, whatever its order.
struct Outcome {
  std::vector<std::string> targets;  ///< addresses or host names, ascending; empty: SERVFAIL
  std::vector<std::string> sites;    ///< of these, each once; "" for fallback addresses
  /// "fra", "fra+iad", "fallback", "nobody"
  std::string label() const;
};

/// What the clients of one decision get.
struct Distribution {
  bool by_query = false;               ///< each query draws anew: only proportions mean anything
  std::vector<std::uint32_t> outcome;  ///< ids: one for all, or one for each slot
};

struct Move {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  double part = 0;  ///< of the clients
  bool operator==(const Move&) const = default;
};

class Outcomes {
 public:
  Distribution of(const Snapshot& snapshot, std::size_t service, policy::Aspect aspect, const policy::AspectPlan& plan,
                  const policy::ClassPlan& decision);
  const Outcome& operator[](std::uint32_t id) const { return *all_[id]; }
  std::uint32_t nobody() { return intern({}); }

 private:
  std::uint32_t intern(const Outcome& outcome);
  std::map<std::vector<std::string>, std::pair<std::uint32_t, Outcome>> ids_;
  std::vector<const Outcome*> all_;
};

/// What part of the clients gets each outcome; sums to 1.
std::map<std::uint32_t, double> parts(const Distribution& distribution);

/// Who gets something else, exactly: clients keep their slots. Where queries draw anew, the least that must move.
std::vector<Move> moves(const Distribution& before, const Distribution& after);

}  // namespace gslb::engine
