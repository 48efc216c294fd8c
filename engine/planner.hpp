// engine/planner.hpp: from what is known of targets to the plans of the services they matter to.
//
// Pure: no clock, no I/O. Threads: the health thread.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "engine/generation.hpp"

namespace gslb::engine {

class Planner {
 public:
  explicit Planner(SnapshotPtr snapshot);

  struct Outcome {
    bool changed = false;                  ///< some plan is new
    bool withdrawal = false;               ///< some endpoint that was answered may be answered no more: publish at once
    std::optional<base::SteadyTime> next;  ///< when to come again though nothing is observed (slow start)
  };
  /// Makes new plans where the effective inputs of a service have changed. An endpoint that is a host is as good as the
  /// best of its addresses of a family, and unknown while it has none.
  /// @param states  of the snapshot's targets, in their order
  Outcome update(const std::vector<health::TargetState>& states, base::SteadyTime now);

  /// From now on plans belong to `snapshot`, whose services, classes and targets are those of the one before.
  void rebase(SnapshotPtr snapshot) noexcept { snapshot_ = std::move(snapshot); }

  const std::vector<std::shared_ptr<const policy::Plan>>& plans() const noexcept { return plans_; }
  /// The inputs of the present plan of a service, for people.
  const policy::ServiceStates& inputs(std::size_t service) const noexcept { return plans_[service]->states; }

 private:
  /// It is a host that is to be probed and has no address yet.
  bool awaits_addresses(std::size_t service, std::size_t endpoint) const noexcept;

  SnapshotPtr snapshot_;
  std::vector<std::shared_ptr<const policy::Plan>> plans_;
};

}  // namespace gslb::engine
