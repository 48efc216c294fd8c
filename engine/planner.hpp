// engine/planner.hpp: from what is known of targets to the plans of the services they matter to.
//
// Pure: no clock, no I/O. Threads: the health thread.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "engine/fed.hpp"
#include "engine/generation.hpp"
#include "engine/latch_vote.hpp"
#include "engine/ordered.hpp"
#include "policy/failback.hpp"
#include "policy/replanner.hpp"

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

  /// A latch of one service and family; `key` also says which tiers it is about.
  struct KeptLatch {
    std::string key;
    policy::Latch latch;
    bool operator==(const KeptLatch&) const = default;
  };
  /// Those that hold something, to be taken over by the planner of another snapshot.
  std::vector<KeptLatch> latches() const;
  /// Before the first update(). Latches of services that are gone, or whose tiers are others, are left out.
  void restore(const std::vector<KeptLatch>& latches);
  /// Those that hold something, by the numbers that servers have in common.
  LatchVote::Latches held() const;
  /// Whether there is such a latch, and nobody has let its clients back since it was set.
  bool counts(std::uint64_t number, const policy::Latch& latch) const noexcept;
  /// Takes over what others hold; of no service of this snapshot, nothing.
  void take(const LatchVote::Latches& latches);
  const std::array<policy::Latch, 2>& latch(std::size_t service) const noexcept { return latches_[service]; }

  /// From now on these are obeyed: those of them that hold, and slow returns after those that ended. Latches are
  /// released that were set before somebody let clients go back.
  void obey(const std::vector<health::Order>& orders, base::WallTime wall, base::SteadyTime now);

  /// From now on these feeds are heeded, in the snapshot's order. @return whether that changes any weight
  bool heed(const std::vector<health::FeedEffect>& effects) { return fed_.heed(effects); }

  /// From now on plans belong to `snapshot`, whose services, classes and targets are those of the one before.
  void rebase(SnapshotPtr snapshot);

  const std::vector<std::shared_ptr<const policy::Plan>>& plans() const noexcept { return plans_; }
  /// The inputs of the present plan of a service, for people.
  const policy::ServiceStates& inputs(std::size_t service) const noexcept { return plans_[service]->states; }

 private:
  /// It is a host that is to be probed and has no address yet.
  bool awaits_addresses(std::size_t service, std::size_t endpoint) const noexcept;
  base::Duration settling(std::uint32_t target) const;
  std::string latch_key(std::size_t service, base::Family family) const;
  void number_latches();
  void release(const health::Order& order, base::SteadyTime given);
  std::unordered_map<std::uint64_t, base::SteadyTime>
      released_;  ///< latches by number: when clients were let back last
  policy::Plan make_plan(std::size_t service, const policy::ServiceStates& states);
  void hold_back(std::size_t service, policy::ServiceStates& states, base::SteadyTime now, Outcome& outcome);

  SnapshotPtr snapshot_;
  OrderedEndpoints ordered_;
  FedEndpoints fed_;
  std::vector<std::array<policy::Latch, 2>> latches_;
  std::unordered_map<std::uint64_t, std::pair<std::size_t, std::size_t>> numbers_;  ///< of latches: service and family
  std::vector<std::shared_ptr<const policy::Plan>> plans_;
  std::vector<std::unique_ptr<policy::Replanner>> replanners_;  ///< of services with many endpoints
};

}  // namespace gslb::engine
