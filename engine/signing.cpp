#include "engine/signing.hpp"

#include <algorithm>

#include "zones/sign.hpp"
#include "zones/signing_clock.hpp"

namespace gslb::engine {

namespace {

constexpr std::int64_t alarm_below = 3 * 86400;  ///< seconds
constexpr std::uint32_t nothing_signed = 3600;   ///< seconds

std::string name_of(const Snapshot& snapshot, std::size_t zone) {
  return dns::to_string(snapshot.zones[static_cast<std::uint32_t>(zone)].apex());
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

}  // namespace

base::Result<std::string> sign(Snapshot& snapshot, std::size_t zone, const zones::ZoneKeysPtr& keys,
                               zones::SignatureStore& store, std::int64_t now) {
  if (!keys) {
    snapshot.signatures[zone] = nullptr;
    return std::string{};
  }
  const auto clock = zones::judge_clock(now, store.newest(), snapshot.validity[zone]);
  if (!clock) return clock.error();
  if (const auto made = sign_at(snapshot, zone, keys, store, clock->moment); !made) return made.error();
  return clock->warning;
}

Renewal renew(Snapshot& snapshot, zones::SignatureStore& store, std::int64_t now) {
  Renewal out;
  out.next = nothing_signed;
  for (std::size_t zone = 0; zone < snapshot.signatures.size(); ++zone) {
    if (snapshot.signatures[zone] == nullptr) continue;
    const auto clock = zones::judge_clock(now, store.newest(), snapshot.validity[zone]);
    if (!clock) {
      out.warning = clock.error().what;
      continue;
    }
    const zones::SigningMoment& moment = clock->moment;
    const auto first = [&] { return snapshot.signatures[zone]->first_expiration(); };
    if (!moment.hold && first() <= moment.now + moment.validity / 3) {
      const zones::ZoneKeysPtr keys = snapshot.signatures[zone]->keys();
      if (const auto made = sign_at(snapshot, zone, keys, store, moment); made) {
        out.renewed = true;
      } else {
        out.warning = made.error().what;
      }
    }
    out.next = std::min(out.next, zones::next_signing(moment, first()));
    const std::int64_t left = std::int64_t{first()} - moment.now;
    if (left < alarm_below && left < moment.validity / 4)
      out.warning = "a signature in " + name_of(snapshot, zone) + " ends in " +
                    std::to_string(std::max(left, std::int64_t{0}) / 60) + " minutes";
    if (!clock->warning.empty()) out.warning = clock->warning;
  }
  return out;
}

}  // namespace gslb::engine
