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

/// Of all signatures in the zone; 0: it is not signed.
std::uint32_t first_expiration(const Snapshot& snapshot, std::size_t zone) noexcept {
  if (snapshot.signatures[zone] == nullptr) return 0;
  std::uint32_t first = snapshot.signatures[zone]->first_expiration();
  if (snapshot.challenges[zone] == nullptr) return first;
  constexpr std::size_t expiration_at = 12 + 8;  // in an RRSIG record
  for (const zones::Challenges::Rrset& rrset : snapshot.challenges[zone]->rrsets) {
    const std::size_t size = rrset.rrsigs.size() / rrset.rrsig_count;
    for (std::size_t at = expiration_at; at < rrset.rrsigs.size(); at += size) {
      std::uint32_t expiration = 0;
      for (std::size_t i = 0; i < sizeof expiration; ++i) expiration = expiration << 8 | rrset.rrsigs[at + i];
      first = std::min(first, expiration);
    }
  }
  return first;
}

/// With RRSIGs by the keys of `made`; without them where that is null.
base::Result<zones::ChallengesPtr> signed_challenges(const zones::Zone& zone, const zones::ZoneSignatures* made,
                                                     zones::Challenges challenges, zones::SignatureStore& store,
                                                     const zones::SigningMoment& moment) {
  if (challenges.rrsets.empty()) return zones::ChallengesPtr();
  for (zones::Challenges::Rrset& rrset : challenges.rrsets) {
    rrset.rrsigs.clear();
    rrset.rrsig_count = 0;
    if (made == nullptr) continue;
    auto rrsigs = zones::sign_rrset(zone.apex(), rrset.owner.wire(), static_cast<std::uint16_t>(dns::Rtype::TXT),
                                    zones::challenge_ttl, rrset.rdatas, *made->keys(), store, moment);
    if (!rrsigs) return rrsigs.error();
    rrset.rrsigs = std::move(*rrsigs);
    rrset.rrsig_count = static_cast<unsigned>(made->keys()->zone_signers.size());
  }
  return std::make_shared<const zones::Challenges>(std::move(challenges));
}

base::Result<void> sign_at(Snapshot& snapshot, std::size_t zone, const zones::ZoneKeysPtr& keys,
                           zones::SignatureStore& store, const zones::SigningMoment& moment) {
  const std::size_t first = snapshot.first_service[zone];
  const std::size_t end =
      zone + 1 < snapshot.first_service.size() ? snapshot.first_service[zone + 1] : snapshot.services.size();
  auto made = zones::sign_zone(snapshot.zones.all()[zone], std::span(snapshot.services).subspan(first, end - first),
                               keys, store, moment);
  if (!made) return base::Error{name_of(snapshot, zone) + " cannot be signed: " + made.error().what};
  if (const zones::ChallengesPtr& set = snapshot.challenges[zone]; set != nullptr) {
    auto challenges = signed_challenges(*snapshot.zones.all()[zone], made->get(), *set, store, moment);
    if (!challenges) return base::Error{name_of(snapshot, zone) + " cannot be signed: " + challenges.error().what};
    snapshot.challenges[zone] = std::move(*challenges);
  }
  snapshot.signatures[zone] = std::move(*made);
  snapshot.awaits_keys[zone] = 0;
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
    snapshot.awaits_keys[zone] = 0;
    if (const zones::ChallengesPtr& set = snapshot.challenges[zone]; set != nullptr)
      snapshot.challenges[zone] = *signed_challenges(*snapshot.zones.all()[zone], nullptr, *set, store, {});
    return {};
  }
  const auto judged =
      zones::judge_clock(clock, store.newest(), snapshot.validity[zone], first_expiration(snapshot, zone));
  if (!judged) return judged.error();
  return sign_at(snapshot, zone, keys, store, judged->moment);
}

base::Result<std::vector<std::uint8_t>> sign_rrset(const Snapshot& snapshot, std::size_t zone, dns::NameView owner,
                                                   dns::Rtype type, std::uint32_t ttl,
                                                   std::span<const std::vector<std::uint8_t>> rdatas,
                                                   zones::SignatureStore& store, const zones::ClockReading& clock) {
  const auto judged =
      zones::judge_clock(clock, store.newest(), snapshot.validity[zone], first_expiration(snapshot, zone));
  if (!judged) return judged.error();
  return zones::sign_rrset(snapshot.zones.all()[zone]->apex(), owner, static_cast<std::uint16_t>(type), ttl, rdatas,
                           *snapshot.signatures[zone]->keys(), store, judged->moment);
}

base::Result<zones::ChallengesPtr> sign_challenges(const Snapshot& snapshot, std::size_t zone,
                                                   zones::Challenges challenges, zones::SignatureStore& store,
                                                   const zones::ClockReading& clock) {
  const zones::ZoneSignatures* made = snapshot.signatures[zone].get();
  zones::SigningMoment moment;
  if (made != nullptr) {
    const auto judged =
        zones::judge_clock(clock, store.newest(), snapshot.validity[zone], first_expiration(snapshot, zone));
    if (!judged) return judged.error();
    moment = judged->moment;
  }
  return signed_challenges(*snapshot.zones.all()[zone], made, std::move(challenges), store, moment);
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
