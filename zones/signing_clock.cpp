#include "zones/signing_clock.hpp"

#include <algorithm>
#include <ctime>

namespace gslb::zones {

namespace {

constexpr std::int64_t first_sane = 1735689600;  // 2025-01-01
constexpr std::int64_t last_sane = 4102444799;   // 2099-12-31
constexpr std::uint32_t look_again = 60;
constexpr std::uint32_t longest_sleep = 3600;

std::string date(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  char text[32] = "";
  if (::gmtime_r(&time, &parts) != nullptr) std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &parts);
  return text;
}

}  // namespace

base::Result<ClockJudgement> judge_clock(std::int64_t now, std::uint32_t newest, std::uint32_t validity) {
  const bool sane = now >= first_sane && now <= last_sane;
  if (!sane && newest == 0)
    return base::Error{"the clock says " + date(now) +
                       ": signatures made now would be valid for nobody. Set the clock"};
  ClockJudgement out;
  out.moment.validity = validity;
  out.moment.keep_above = validity / 3 + validity / 32;
  out.moment.hold =
      !sane ||
      (newest != 0 && (now < std::int64_t{newest} - signature_head_start || now > std::int64_t{newest} + validity));
  out.moment.now = out.moment.hold ? newest : static_cast<std::uint32_t>(now);
  if (out.moment.hold)
    out.warning = "the clock says " + date(now) + ", but the newest signature here was made at " + date(newest) +
                  ": existing signatures are kept and none is renewed. Set the clock; if it is right, remove the file "
                  "`signatures` from the state directory and restart";
  return out;
}

std::uint32_t next_signing(const SigningMoment& moment, std::uint32_t first_expiration) noexcept {
  if (moment.hold) return look_again;
  const std::int64_t due = std::int64_t{first_expiration} - moment.validity / 3 - moment.now;
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(due, 1, longest_sleep));
}

}  // namespace gslb::zones
