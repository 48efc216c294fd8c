// server/soak.hpp: whether a configuration on trial does harm at the server that tries it. Pure.
//
//   readings before, at the start, and now ─► trouble(): SERVFAIL, fail-open, or clients where nobody predicted them
//
// Threads: one object, one thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace gslb::server {

/// What a server has counted since it started, and which services answer otherwise than by their policy.
struct Reading {
  std::uint64_t replies = 0;
  std::uint64_t failures = 0;        ///< replies with SERVFAIL
  std::vector<std::uint64_t> sites;  ///< answers by site, as engine::Counters numbers them
  std::set<std::string> open;        ///< services that are fail-open, or answer from a last resort
};

class Soak {
 public:
  static constexpr std::uint64_t few_failures = 20;  ///< so many SERVFAIL are needed, and that part more than before
  static constexpr double more_failures = 0.005;
  static constexpr std::uint64_t few_answers = 500;    ///< so many answers tell where clients go
  static constexpr double more_moves = 0.1;            ///< part of the answers that may move beyond the prediction
  static constexpr std::chrono::seconds patience{10};  ///< new targets get so long to pass their first probes

  /// @param earlier    a reading of a while before
  /// @param start      when the configuration was taken
  /// @param predicted  the part of a service's clients that was to move, 0 to 1
  Soak(const Reading& earlier, Reading start, double predicted, base::SteadyTime now, base::Duration length);

  /// Why the configuration is to be taken back; nothing while all is well.
  std::optional<std::string> trouble(const Reading& now, base::SteadyTime at);
  bool over(base::SteadyTime at) const noexcept { return at >= end_; }
  base::Duration left(base::SteadyTime at) const noexcept { return end_ - at; }

 private:
  Reading start_;
  double failures_before_ = 0;         ///< part of the replies
  std::vector<std::uint64_t> before_;  ///< answers by site, before
  double predicted_;
  base::SteadyTime began_, end_;
  std::map<std::string, base::SteadyTime> opened_;
};

}  // namespace gslb::server
