// engine/prove.hpp: what holds for every network on Earth and every failure of a few sites.
//
//   Config, Snapshot, Survey ──prove()──► Proof: findings, each with its smallest example
//
// Nothing is modelled apart: for every failure the plan of each service is made as the server makes it, and what is
// looked at is what a query would read. Pure. Threads: any; it starts its own to use all cores.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "engine/notices.hpp"
#include "engine/suppose.hpp"
#include "engine/survey.hpp"

namespace gslb::engine {

struct ProofOptions {
  unsigned failures = 1;    ///< sites that fail at once, at most
  unsigned candidates = 1;  ///< endpoints that must be left for every network after each of these failures
  unsigned threads = 0;     ///< 0: one for each core
  /// Called now and then, from any thread but never twice at once, with how many of how many services are done.
  std::function<void(std::size_t, std::size_t)> progress;
};

struct Finding {
  enum class Kind : std::uint8_t { fence, coverage, answer, reach, dnssec };
  Kind kind = Kind::fence;
  std::string subject;  ///< "www.example.org", "services.www.endpoints[3]"
  std::string what;     ///< one sentence
  base::SourcePosition where;
  std::optional<base::Prefix> network;  ///< of the example
  std::vector<std::string> failed;      ///< sites, of the example: no smaller set does it
};

/// One kind of check over all that it applies to.
struct Check {
  Finding::Kind kind = Finding::Kind::fence;
  std::size_t subjects = 0;  ///< services, endpoints, entries or zones that were looked at
  std::size_t broken = 0;    ///< subjects with a finding
  std::string held;          ///< what was shown of those without: "at least 2 candidates after any 1 failure"
};

struct Proof {
  std::vector<Check> checks;      ///< one of each kind
  std::vector<Finding> findings;  ///< one for each subject that is broken
  std::vector<Notice> notices;    ///< what is not wrong, but changes nothing for anybody
  std::uint64_t networks = 0;     ///< of the survey
  std::uint64_t states = 0;       ///< sets of failed sites, the empty one included
  bool holds() const noexcept { return findings.empty(); }
};

/// @param config  that the snapshot was compiled from
Proof prove(const config::Config& config, const Snapshot& snapshot, const ProofOptions& options);

/// The way to say a kind: "fence".
const char* to_string(Finding::Kind kind);

/// All sets of at most `most` of these, smallest first, the empty one first of all.
std::vector<std::vector<std::uint16_t>> subsets(const std::vector<std::uint16_t>& of, unsigned most);

}  // namespace gslb::engine
