#include "zones/signing_clock.hpp"

#include <algorithm>
#include <ctime>

namespace gslb::zones {

namespace {

constexpr std::int64_t first_sane = 1735689600;  // 2025-01-01
constexpr std::int64_t last_sane = 4102444799;   // 2099-12-31
constexpr std::int64_t longest_absence = 180 * 86400;
constexpr std::uint32_t look_again = 60;
constexpr std::uint32_t longest_sleep = 600;

/// To the hour: a warning that changes every minute would be logged every minute.
std::string date(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  char text[32] = "";
  if (::gmtime_r(&time, &parts) != nullptr) std::strftime(text, sizeof text, "%Y-%m-%d %Hh", &parts);
  return text;
}

/// Whether what is stored is to be spared by a clock that has jumped.
bool spares(std::int64_t now, std::uint32_t newest, std::uint32_t validity, std::uint32_t first_expiration) noexcept {
  const bool all_would_have_ended = now > std::int64_t{newest} + validity;
  const bool none_is_near_its_end = std::int64_t{first_expiration} > now + validity / 6;
  return all_would_have_ended || none_is_near_its_end || first_expiration == 0;
}

}  // namespace

ClockReading ClockWatch::read(std::int64_t now, std::int64_t passed) const noexcept {
  return {now, offset_ && now > passed + *offset_ + signature_head_start};
}

base::Result<ClockJudgement> judge_clock(const ClockReading& clock, std::uint32_t newest, std::uint32_t validity,
                                         std::uint32_t first_expiration) {
  const std::int64_t now = clock.now;
  const bool sane = now >= first_sane && now <= last_sane;
  if (!sane && newest == 0)
    return base::Error{"the clock says " + date(now) +
                       ": signatures made now would be valid for nobody. Set the clock"};
  const bool far = !sane || (newest != 0 && (now < std::int64_t{newest} - signature_head_start ||
                                             now > std::int64_t{newest} + longest_absence));
  const bool jumped = clock.jumped && newest != 0 && spares(now, newest, validity, first_expiration);
  ClockJudgement out;
  out.moment.validity = validity;
  out.moment.keep_above = validity / 3 + validity / 32;
  out.moment.hold = far || jumped;
  out.moment.now = out.moment.hold ? newest : static_cast<std::uint32_t>(now);
  if (out.moment.hold)
    out.warning = "the clock " + (far ? "says " + date(now) : "jumped ahead to " + date(now)) +
                  ", but the newest signature here was made at " + date(newest) +
                  ": existing signatures are kept and none is renewed. Set the clock; if it is right, " +
                  (far ? "remove the file `signatures` from the state directory and restart" : "restart gslbd");
  return out;
}

std::uint32_t next_signing(const SigningMoment& moment, std::uint32_t first_expiration) noexcept {
  if (moment.hold) return look_again;
  const std::int64_t due = std::int64_t{first_expiration} - moment.validity / 3 - moment.now;
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(due, 1, longest_sleep));
}

}  // namespace gslb::zones
