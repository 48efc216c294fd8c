// zones/signing_clock.hpp: whether the machine's clock can be signed by, and when to sign again.
//
// A wrong clock must not cost good signatures: those made in 1970 or next year serve nobody, while the stored ones do.
// Pure: time comes in. Threads: any.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "zones/sign.hpp"

namespace gslb::zones {

struct ClockJudgement {
  SigningMoment moment;
  std::string warning;  ///< "" unless moment.hold
};

/// @param now  what the clock says, seconds of Unix time  @param newest  SignatureStore::newest()
/// @param validity  of new signatures, seconds
/// Held is where the clock stands before the newest stored signature's inception, or more than the validity after that
/// signature was made, or outside the years 2025 to 2099: then what is stored serves on, and what has to be signed all
/// the same is signed as of the newest stored time.
/// @return an error where the clock is outside those years and nothing is stored that says better
[[nodiscard]] base::Result<ClockJudgement> judge_clock(std::int64_t now, std::uint32_t newest, std::uint32_t validity);

/// Signatures are renewed when a third of the validity is left, and those that come due soon after (1/32 of the
/// validity) along with them.
/// @return seconds from `now` until signing again; a minute where the clock is held, an hour at most
std::uint32_t next_signing(const SigningMoment& moment, std::uint32_t first_expiration) noexcept;

}  // namespace gslb::zones
