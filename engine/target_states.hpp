// engine/target_states.hpp: what is thought of each target, and of each combination of targets: what `target_of` counts
// through.
//
// Borrows the states. Health thread, or wherever a copy of the states is looked at.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/generation.hpp"

namespace gslb::engine {

class TargetStates {
 public:
  /// @param states  of the snapshot's targets, in their order; empty: none is known
  TargetStates(const Snapshot& snapshot, std::span<const health::TargetState> states);

  /// @param place  of Snapshot::target_of, not `not_probed`
  const health::TargetState& operator[](std::uint32_t place) const {
    return place < states_.size() ? states_[place] : combined_[place - states_.size()];
  }
  /// A copy of all, in the order of places.
  std::vector<health::TargetState> all() const;
  std::size_t size() const noexcept { return states_.size() + combined_.size(); }

 private:
  std::span<const health::TargetState> states_;
  std::vector<health::TargetState> combined_;
};

/// The targets behind a place of Snapshot::target_of: one, or those that a combination combines; none for `not_probed`.
std::vector<std::uint32_t> targets_at(const Snapshot& snapshot, std::uint32_t place);

}  // namespace gslb::engine
