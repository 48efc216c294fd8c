// zones/signing_clock.hpp: whether the machine's clock can be signed by, and when to sign again.
//
// A wrong clock must not cost good signatures: those made in 1970 or next year serve nobody, while the stored ones do.
// Pure: time comes in. Threads: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "zones/sign.hpp"

namespace gslb::zones {

/// What the clock says.
struct ClockReading {
  std::int64_t now = 0;  ///< seconds of Unix time
  bool jumped = false;   ///< it went ahead by more than the time that passed
};

/// Compares the clock with one that only counts the seconds that pass, also while the machine sleeps (CLOCK_BOOTTIME).
class ClockWatch {
 public:
  /// The first reading has nothing to be compared with.
  ClockReading read(std::int64_t now, std::int64_t passed) const noexcept;
  /// Later readings are compared with this one.
  void believe(std::int64_t now, std::int64_t passed) noexcept { offset_ = now - passed; }

 private:
  std::optional<std::int64_t> offset_;
};

struct ClockJudgement {
  SigningMoment moment;
  std::string warning;  ///< "" unless moment.hold
};

/// @param newest  SignatureStore::newest()  @param validity  of new signatures, seconds
/// @param first_expiration  of the signatures that are served now; 0: none are known
/// Held is where the clock stands before the newest stored signature's inception, or half a year after it, or outside
/// the years 2025 to 2099, or has jumped: then what is stored serves on, and what has to be signed all the same is
/// signed as of the newest stored time. A jump is believed after all when by that clock a signature is near its end,
/// but not if by that clock all have ended. Where it has not jumped, a server that was off for months signs anew.
/// @return an error where the clock is outside those years and nothing is stored that says better
[[nodiscard]] base::Result<ClockJudgement> judge_clock(const ClockReading& clock, std::uint32_t newest,
                                                       std::uint32_t validity, std::uint32_t first_expiration);

/// Signatures are renewed when a third of the validity is left, and those that come due soon after (1/32 of the
/// validity) along with them.
/// @return seconds from `now` until the clock and the signatures want to be looked at again: a minute where the clock
/// is held, ten at most
std::uint32_t next_signing(const SigningMoment& moment, std::uint32_t first_expiration) noexcept;

}  // namespace gslb::zones
