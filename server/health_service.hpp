// server/health_service.hpp: the health thread: probes, plans, publishes. Never more than a few milliseconds at a
// stretch.
//
//   Checker ─changed─► Judge ─verdicts─► Planner ─new plans─► Generation ─Publish─► workers
//              reports ──┘
//
// A withdrawal is published at once; other changes are gathered for up to 50 ms.
// Threads: owns one; public members are called from the control thread and wait for it where they return something.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/generation.hpp"
#include "health/event_log.hpp"
#include "health/feeds/feed_board.hpp"
#include "health/judge_spec.hpp"
#include "health/judged_view.hpp"
#include "health/observation.hpp"
#include "health/order.hpp"
#include "health/probe_now.hpp"
#include "health/push.hpp"
#include "health/report.hpp"
#include "health/sharing/latch_record.hpp"
#include "health/sharing/shared_push.hpp"
#include "health/target.hpp"
#include "policy/failback.hpp"
#include "policy/plan.hpp"
#include "server/journal.hpp"

namespace gslb::server {

/// What people are shown; a copy of the health thread's state at one moment.
struct HealthView {
  engine::GenerationPtr generation;
  std::vector<health::TargetState> states;            ///< of the snapshot's targets, as they are judged
  std::vector<health::JudgedView> judged;             ///< of the snapshot's targets: how that came about
  std::vector<health::VantageView> vantages;          ///< this server's own is the first
  std::vector<policy::ServiceStates> inputs;          ///< of each service's plan
  std::vector<std::array<policy::Latch, 2>> latches;  ///< of each service, for each family
  bool all_judged = false;                            ///< nothing that is known yet is missing in the answers
  std::vector<health::Order> orders;                  ///< of people, that are obeyed
  std::vector<health::FeedEffect> feeds;              ///< of the snapshot's feeds
};

class HealthService {
 public:
  using Publish = std::function<void(engine::GenerationPtr)>;
  using Changed = std::function<void()>;
  /// @param publish  called on the health thread with each new generation
  /// @param journal  where events go: verdicts that turn, services that leave their policy, what feeds say
  /// @param changed  called on the health thread when what this server sees itself has changed
  HealthService(std::uint64_t seed, Publish publish, Journal& journal, Changed changed = {});
  ~HealthService();
  HealthService(const HealthService&) = delete;
  HealthService& operator=(const HealthService&) = delete;

  /// Verdicts kept from an earlier run; before the first adopt().
  [[nodiscard]] base::Result<void> restore(const std::string& state);
  /// Probes and plans for a new configuration from now on; the first generation of it is published before this returns.
  void adopt(engine::SnapshotPtr snapshot);
  /// Publishes the present plans with another snapshot, whose services, classes and targets are those of the one
  /// before.
  void replace(engine::SnapshotPtr snapshot);
  HealthView view();
  /// With whom it judges from now on: this server's own vantage is the first; none, or only that: alone.
  /// @param fresh_for  a report counts so long after it came
  void follow(std::vector<health::Vantage> vantages, base::Duration fresh_for);
  /// What another vantage sent; that it is from there has been proved. Fails if it is old, or from nobody known.
  /// @param arrival  when it came, by this machine's clock
  [[nodiscard]] base::Result<void> report(const health::Report& report, base::SteadyTime arrival);
  /// What this server's own vantage says now; who that is, and which report it is, is left to the sender.
  health::Report own_report();
  /// What a feed said that this server read itself.
  void feed(const std::string& name, const health::FeedReading& reading, base::SteadyTime when);
  /// How many of the references (other vantages, given addresses) that this server tries to reach it reaches.
  void references(unsigned all, unsigned up);
  /// The latches of `failback` that hold clients, and what the shared store has of such.
  std::vector<health::LatchRecord> latches();
  void stored_latches(const std::vector<health::LatchRecord>& latches);
  /// From now on these orders are obeyed; what follows from them is published before this returns.
  void obey(std::vector<health::Order> orders);
  /// Probes those of these that it has once, now; it counts for nothing. `done` is called on the health thread.
  void probe(std::vector<std::uint64_t> ids, std::function<void(std::vector<health::ProbeOutcome>)> done);
  /// What a service says of itself, for those of these targets that wait for pushes.
  void push(const health::SharedPush& push);
  /// For the state file.
  std::string state();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gslb::server
