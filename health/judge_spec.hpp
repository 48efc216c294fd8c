// health/judge_spec.hpp: what the judge knows before anybody reports: vantages, targets, and the rules of each. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "health/guard_spec.hpp"
#include "health/health_spec.hpp"
#include "health/target_core.hpp"

namespace gslb::health {

/// One that probes and reports: a name server, or a prober.
struct Vantage {
  std::string name;
  std::string site;    ///< "": at none, so it votes on all
  std::string region;  ///< "": that of its site, if that has one
  bool operator==(const Vantage&) const = default;
};

struct JudgedTarget {
  static constexpr std::uint16_t no_site = 0xffff;
  std::uint64_t id = 0;                 ///< Target::id()
  std::uint16_t site = no_site;         ///< index in JudgeSpec::sites
  std::vector<std::uint32_t> services;  ///< that it serves, as numbers below JudgeSpec::services
  Judging judging;
  Thresholds thresholds;  ///< of its probes
  GuardSpec guards;
};

struct JudgedSite {
  std::string name;
  std::string region;  ///< "": none
};

struct JudgeSpec {
  std::vector<Vantage> vantages;  ///< this server's own is the first; at least that
  std::vector<JudgedSite> sites;
  std::uint32_t services = 0;
  std::vector<JudgedTarget> targets;
  base::Duration fresh_for = std::chrono::seconds(5);  ///< a report counts so long after it came
};

}  // namespace gslb::health
