// health/guard_spec.hpp: what the operator wrote about how quickly verdicts may act. Filled by config/, run by health/.
#pragma once

#include <chrono>
#include <optional>

namespace gslb::health {

/// Sites leave one after the other.
struct PaceSpec {
  std::chrono::milliseconds every{std::chrono::seconds(60)};  ///< a further site waits so long; 0: nothing waits
  std::chrono::milliseconds window{std::chrono::minutes(5)};  ///< a site counts as having left for so long
  bool operator==(const PaceSpec&) const = default;
};

/// What flaps stays down. Each withdrawal adds 1 to a penalty that halves every `half_life`; from `after` on the target
/// returns only when the penalty is down to half of that.
struct DampingSpec {
  std::chrono::milliseconds half_life{std::chrono::minutes(5)};  ///< 0: nothing is damped
  unsigned after = 3;
  bool operator==(const DampingSpec&) const = default;
};

/// Less weight while slow or failing in part. Between `good` and `bad` the weight falls in a straight line to `least`.
struct GradeSpec {
  std::chrono::milliseconds latency_good{0}, latency_bad{0};  ///< `bad` 0: latency does not matter
  double errors_good = 0, errors_bad = 0;                     ///< shares of the recent probes; `bad` 0: do not matter
  double least = 0.2;                                         ///< share of its weight that a target keeps at any rate
  std::chrono::milliseconds step{std::chrono::seconds(30)};   ///< the weight moves by a tenth at most this often
  bool active() const noexcept { return latency_bad.count() > 0 || errors_bad > 0; }
  bool operator==(const GradeSpec&) const = default;
};

struct GuardSpec {
  /// Absent: as PaceSpec has it where there are other vantages; a server that judges alone waits only if told to.
  std::optional<PaceSpec> pace;
  std::optional<DampingSpec> damping;      ///< absent: likewise
  std::chrono::milliseconds hold_up{0};    ///< what returned stays at least this long
  std::chrono::milliseconds hold_down{0};  ///< what was withdrawn stays away at least this long
  GradeSpec grade;
  bool operator==(const GuardSpec&) const = default;
};

}  // namespace gslb::health
