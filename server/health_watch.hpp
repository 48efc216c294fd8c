// server/health_watch.hpp: tells what becomes of verdicts and services: an event for each that turns, with evidence.
//
// Threads: the health thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/generation.hpp"
#include "health/checker.hpp"
#include "health/feeds/feed_board.hpp"
#include "health/feeds/feed_spec.hpp"
#include "health/judge.hpp"
#include "server/journal.hpp"

namespace gslb::server {

class HealthWatch {
 public:
  explicit HealthWatch(Journal& journal) : journal_(journal) {}

  /// From now on targets and services are these; what is known of them then is where they start.
  void adopt(const engine::Snapshot& snapshot);
  /// Tells of verdicts of this server's own probes that have turned, and then of what came after. First verdicts are
  /// only told if they are bad.
  void look(const health::Checker& checker);
  /// Tells, and logs, that a target is in the answers or withdrawn, as the vantages together have judged.
  void tell(const health::Turn& turn, const health::TargetState& shown, const health::Checker& checker);
  /// Tells of services that began or ceased to answer otherwise than by their policy.
  void look(const engine::Generation& generation);
  /// Tells, and logs, when a feed takes its site out or finds it broken, ceases to, or falls silent.
  /// @param effects  of `feeds`, in their order
  void look(const std::vector<health::FeedSpec>& feeds, const std::vector<health::FeedEffect>& effects);

 private:
  struct Known {
    health::Verdict verdict = health::Verdict::unknown;
    std::vector<std::string> services;
    std::vector<std::string> sites;
  };
  void follow(const health::Checker& checker);

  /// An event that waits for what comes after it.
  struct Open {
    std::uint64_t event = 0;
    std::size_t target = 0;
    base::WallTime when{};
  };
  Journal& journal_;
  std::vector<Known> targets_;
  std::vector<Open> open_;
  bool first_ = true;  ///< since adopt(): what is so already is not told
  std::vector<policy::Mode> modes_;
  std::map<std::string, health::FeedEffect> feeds_;  ///< by name
};

}  // namespace gslb::server
