// policy/failback.hpp: when clients go back to a better tier of `priority` that is up again.
//
//   health of the tiers, now ──step()──► latch: tiers before `floor` are held back
//
// Pure. Threads: any.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "policy/policy_spec.hpp"

namespace gslb::policy {

enum class TierHealth : std::uint8_t {
  down,
  undecided,  ///< nobody is up, but somebody may be
  up,
};

struct Latch {
  std::uint16_t floor = 0;               ///< clients are kept from the tiers before this one
  base::SteadyTime since{};              ///< when they left a better one; means nothing while floor is 0
  std::optional<base::SteadyTime> back;  ///< since when a better one has been up again without a break
  bool operator==(const Latch&) const = default;
};

struct FailbackStep {
  Latch latch;
  std::optional<base::SteadyTime> next;  ///< when it changes though nothing happens
};

/// Clients leave for the best tier that is up as soon as all before it are down. They stay there while it is up, until
/// `rule` lets them go back, or until nothing from there on is up.
FailbackStep step(const Failback& rule, Latch latch, const std::vector<TierHealth>& tiers, base::SteadyTime now);

}  // namespace gslb::policy
