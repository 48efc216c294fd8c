// health/judged_view.hpp: a verdict taken apart, for people and for the state file. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "health/tally.hpp"
#include "health/target.hpp"

namespace gslb::health {

/// What keeps a verdict from acting.
enum class Guard : std::uint8_t {
  none,
  hold_up,    ///< it has returned only a moment ago
  hold_down,  ///< it has been withdrawn only a moment ago
  damping,    ///< it flaps
  pace,       ///< another site has left a moment ago
};
std::string_view to_string(Guard guard);

/// What one vantage says of one target.
struct VantageOpinion {
  std::string vantage;
  Verdict says = Verdict::unknown;
  Standing standing = Standing::silent;  ///< whether it counts, and why not
  std::optional<base::Duration> age;     ///< of its last report; none: there never was one
  bool in_motion = false;
  base::Duration latency{};
  std::uint16_t failed = 0;  ///< share of its recent probes, in thousandths
};

struct JudgedView {
  Verdict verdict = Verdict::unknown;  ///< that acts
  Verdict wanted = Verdict::unknown;   ///< what the vantages say, before guards
  Tally tally;
  bool frozen = false;  ///< too few vantages are heard
  bool alone = false;   ///< it is down though too few are heard (`alone_after`)
  Guard guard = Guard::none;
  std::optional<base::Duration> guard_left;
  std::uint16_t grade = 1000;
  std::vector<VantageOpinion> opinions;
};

/// A vantage, as this server sees it.
struct VantageView {
  std::string name;
  std::string site;
  std::string region;
  Standing standing = Standing::silent;  ///< on targets of other sites
  std::optional<base::Duration> age;     ///< of its last report
  unsigned references = 0;
  unsigned references_up = 0;
  std::optional<std::uint32_t> weights;  ///< hash of what it answers with; none: it answers nothing, or is this server
};

/// A verdict that outlives the program.
struct KeptVerdict {
  std::uint64_t target = 0;  ///< Target::id()
  Verdict verdict = Verdict::unknown;
  base::WallTime since{};
  std::optional<base::Duration> returned;  ///< how long ago it came back
  double penalty = 0;                      ///< of its damping
  bool alone = false;
  friend bool operator==(const KeptVerdict&, const KeptVerdict&) = default;
};

}  // namespace gslb::health
