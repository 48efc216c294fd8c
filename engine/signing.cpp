#include "engine/signing.hpp"

#include <algorithm>

#include "zones/sign.hpp"

namespace gslb::engine {

namespace {

constexpr std::int64_t alarm_below = 3 * 86400;  ///< seconds
constexpr std::uint32_t nothing_signed = 3600;   ///< seconds
constexpr std::uint32_t after_failure = 60;      ///< seconds

std::string name_of(const Snapshot& snapshot, std::size_t zone) {
  return dns::to_string(snapshot.zones[static_cast<std::uint32_t>(zone)].apex());
}

/// 0: it is not signed.
std::uint32_t first_expiration(const Snapshot& snapshot, std::size_t zone) noexcept {
  return snapshot.signatures[zone] == nullptr ? 0 : snapshot.signatures[zone]->first_expiration();
}

base::Result<void> sign_at(Snapshot& snapshot, std::size_t zone, const zones::ZoneKeysPtr& keys,
                           zones::SignatureStore& store, const zones::SigningMoment& moment) {
  const std::size_t first = snapshot.first_service[zone];
  const std::size_t end =
      zone + 1 < snapshot.first_service.size() ? snapshot.first_service[zone + 1] : snapshot.services.size();
  auto made = zones::sign_zone(snapshot.zones.all()[zone], std::span(snapshot.services).subspan(first, end - first),
                               keys, store, moment);
  if (!made) return base::Error{name_of(snapshot, zone) + " cannot be signed: " + made.error().what};
  snapshot.signatures[zone] = std::move(*made);
  return {};
}

void warn(Renewal& out, std::string what) {
  if (!what.empty() && std::ranges::find(out.warnings, what) == out.warnings.end())
    out.warnings.push_back(std::move(what));
}

void warn_of_the_end(Renewal& out, const std::string& zone, std::int64_t left, std::uint32_t validity) {
  if (left >= std::min<std::int64_t>(alarm_below, validity / 4)) return;
  const std::int64_t hours = left / 3600 + 1;  // a sentence that changes, and is logged again, once an hour
  const std::string when = left <= 0    ? "has ended"
                           : hours == 1 ? "ends within the hour"
                                        : "ends within " + std::to_string(hours) + " hours";
  warn(out, "a signature in " + zone + " " + when);
}

void renew_zone(Snapshot& snapshot, std::size_t zone, zones::SignatureStore& store, const zones::ClockReading& clock,
                Renewal& out) {
  const std::uint32_t validity = snapshot.validity[zone];
  const auto judged = zones::judge_clock(clock, store.newest(), validity, first_expiration(snapshot, zone));
  if (!judged) {  // the store was lost, and the clock with it
    out.held = true;
    out.next = std::min(out.next, after_failure);
    return warn(out, judged.error().what);
  }
  const zones::SigningMoment& moment = judged->moment;
  warn(out, judged->warning);
  out.held = out.held || moment.hold;
  std::uint32_t next = zones::next_signing(moment, first_expiration(snapshot, zone));
  if (!moment.hold && first_expiration(snapshot, zone) <= moment.now + validity / 3) {
    const zones::ZoneKeysPtr keys = snapshot.signatures[zone]->keys();
    if (const auto made = sign_at(snapshot, zone, keys, store, moment); made) {
      out.renewed = true;
      next = zones::next_signing(moment, first_expiration(snapshot, zone));
    } else {
      next = after_failure;
      warn(out, made.error().what);
    }
  }
  out.next = std::min(out.next, next);
  warn_of_the_end(out, name_of(snapshot, zone), first_expiration(snapshot, zone) - clock.now, validity);
}

}  // namespace

base::Result<void> sign(Snapshot& snapshot, std::size_t zone, const zones::ZoneKeysPtr& keys,
                        zones::SignatureStore& store, const zones::ClockReading& clock) {
  if (!keys) {
    snapshot.signatures[zone] = nullptr;
    return {};
  }
  const auto judged =
      zones::judge_clock(clock, store.newest(), snapshot.validity[zone], first_expiration(snapshot, zone));
  if (!judged) return judged.error();
  return sign_at(snapshot, zone, keys, store, judged->moment);
}

Renewal renew(Snapshot& snapshot, zones::SignatureStore& store, const zones::ClockReading& clock) {
  Renewal out;
  out.next = nothing_signed;
  for (std::size_t zone = 0; zone < snapshot.signatures.size(); ++zone)
    if (snapshot.signatures[zone] != nullptr) renew_zone(snapshot, zone, store, clock, out);
  if (!out.held) store.forget_ended(clock.now);
  return out;
}

}  // namespace gslb::engine
