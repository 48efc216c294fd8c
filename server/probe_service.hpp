// server/probe_service.hpp: the health thread of a vantage that only probes: what HealthService is without judging and
// plans.
//
// Threads: owns one; public members are called from others and wait for it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "health/probe_now.hpp"
#include "health/report.hpp"
#include "health/target.hpp"

namespace gslb::server {

class ProbeService {
 public:
  struct View {
    std::size_t targets = 0, up = 0, judged = 0;
  };
  /// @param changed  called on the health thread after a change of a verdict or a count
  ProbeService(std::uint64_t seed, std::function<void()> changed);
  ~ProbeService();
  ProbeService(const ProbeService&) = delete;
  ProbeService& operator=(const ProbeService&) = delete;

  /// Verdicts kept from an earlier run; before the first adopt().
  [[nodiscard]] base::Result<void> restore(const std::string& state);
  /// Probes these from now on, by a configuration of this hash.
  void adopt(std::vector<health::Target> targets, std::uint64_t configuration);
  /// What it thinks now: the opinions, and whether it has probed every target.
  health::Report report();
  View view();
  /// Probes those of these that it has once, now; it counts for nothing. `done` is called on the health thread.
  void probe(std::vector<std::uint64_t> ids, std::function<void(std::vector<health::ProbeOutcome>)> done);
  /// For the state file.
  std::string state();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gslb::server
