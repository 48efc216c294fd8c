// health/checker.hpp: probes all targets and keeps their states; the I/O around health's pure core.
//
//   targets ──► Checker ──probe──► site balancers
//   services ──push─┤
//                  │ Observation ──► TargetCore::step ──► Transition ──► listener
//
// Threads: everything on the io_context's thread (the health thread).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "health/event_log.hpp"
#include "health/observation.hpp"
#include "health/push.hpp"
#include "health/snapshot.hpp"
#include "health/target.hpp"

namespace boost::asio {
class io_context;
}

namespace gslb::health {

class Checker {
 public:
  /// Called after any change of a state that a plan depends on (verdict, motion), at most once an event-loop turn.
  using Changed = std::function<void()>;
  Checker(boost::asio::io_context& context, std::uint64_t seed, Changed changed);
  ~Checker();
  Checker(const Checker&) = delete;
  Checker& operator=(const Checker&) = delete;

  /// Replaces the list of targets. Targets with the key of an old one keep its state and schedule; new ones are first
  /// probed spread over the shorter of their interval and one second. Targets that share a probe_key() share one probe.
  /// Probes of targets that are gone are cancelled.
  void set_targets(std::vector<Target> targets);
  /// In the order of set_targets.
  const std::vector<Target>& targets() const noexcept;
  const std::vector<TargetState>& states() const noexcept;
  /// How many outcomes after a transition are waited for, before `changed` is called once more; not after a first
  /// verdict that is good.
  static constexpr unsigned outcomes_after = 3;
  /// The last outcomes of a target, oldest first; at least `outcomes_after` and those before them that matter.
  std::vector<Evidence> evidence(std::size_t place) const;
  /// Probes once, now; it counts for nothing. `done` is called on this thread, unless the checker ends before.
  void probe(const Target& target, std::function<void(const Observation&)> done);
  /// Takes what a service says of itself for a target that waits for pushes.
  void push(const Target& target, const Push& push);
  /// Every target has a verdict, restored or reached; those that wait for pushes aside.
  bool all_judged() const noexcept;
  /// Every target has had an outcome in this run that counts; those that wait for pushes aside.
  bool all_probed() const noexcept;

  /// The states, and what else belongs beside them, as text for the state file, and back: a verdict restored is used
  /// until the first probes say otherwise.
  std::string snapshot(std::vector<SavedLatch> latches = {}, std::vector<KeptVerdict> judged = {}) const;
  /// Is for the targets there are, or, if there are none, for those of the next set_targets(); one that a probe has
  /// judged already keeps that verdict. Fails, and changes nothing, if the text is damaged (checksum) or of an unknown
  /// version.
  [[nodiscard]] base::Result<void> restore(std::string_view snapshot);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;  // shared with handlers that are queued but must no longer act
};

}  // namespace gslb::health
