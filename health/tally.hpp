// health/tally.hpp: from the votes of all vantages on one target to what they say together. Pure.
//
//   ballots ─► within each region ─► among the regions ─► up, down, or neither
//
// Who is not heard is not counted: unknown is not down.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/clock.hpp"
#include "health/health_spec.hpp"
#include "health/target.hpp"

namespace gslb::health {

/// Whether a vantage's opinion of a target counts, and if not, why not.
enum class Standing : std::uint8_t {
  counted,
  own_site,     ///< it is at the target's site: shown, not counted
  silent,       ///< no report came lately
  unsettled,    ///< it has just started, and has not finished a full round
  cut_off,      ///< everything looks down to it, its references too
  distrusted,   ///< it was cut off a moment ago, and says down
  quarantined,  ///< it lastingly says the opposite of the others
  no_opinion,   ///< it does not know the target
};
std::string_view to_string(Standing standing);

struct Ballot {
  Verdict says = Verdict::unknown;
  Standing standing = Standing::silent;
  bool in_motion = false;         ///< a count towards the other verdict is under way
  std::uint8_t region = 0;        ///< below most_regions
  base::Duration until_change{};  ///< if in motion
  bool counted() const noexcept { return standing == Standing::counted; }
  bool elector() const noexcept { return standing != Standing::own_site; }
};

inline constexpr std::size_t most_vantages = 64;
inline constexpr std::size_t most_regions = 16;

struct Tally {
  std::uint16_t electors = 0;
  std::uint16_t up = 0;
  std::uint16_t down = 0;
  bool quorum = false;                 ///< more than half of the electors are heard, and of the regions
  Verdict outcome = Verdict::unknown;  ///< what they say together; unknown: neither, or no quorum
  unsigned heard() const noexcept { return up + down; }
  bool all_down() const noexcept { return down > 0 && up == 0; }
  bool all_up() const noexcept { return up > 0 && down == 0; }
  bool operator==(const Tally&) const = default;
};

/// A region is heard if more than half of its electors are.
Tally count(std::span<const Ballot> ballots, const Agree& agree) noexcept;

/// The earliest moment at which the outcome can be the opposite of `verdict`, if every vote that can turn does as early
/// as it can. Who is not heard may be so at any moment.
/// @param steady  the least time in which a vote turns that is not in motion
base::Duration earliest_change(std::span<const Ballot> ballots, const Agree& agree, Verdict verdict,
                               base::Duration steady) noexcept;

}  // namespace gslb::health
