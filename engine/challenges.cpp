#include "engine/challenges.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "engine/signing.hpp"
#include "zones/challenges.hpp"

namespace gslb::engine {

namespace {

using Octets = std::vector<std::uint8_t>;
using Rrset = zones::Challenges::Rrset;

/// TXT records of the name in the question, ready to copy.
Octets rendered(const std::vector<Octets>& rdatas) {
  constexpr auto ttl = zones::challenge_ttl;
  Octets out;
  for (const Octets& rdata : rdatas) {
    const std::uint8_t head[12] = {0xc0,
                                   0x0c,
                                   0,
                                   static_cast<std::uint8_t>(dns::Rtype::TXT),
                                   0,
                                   1,
                                   ttl >> 24,
                                   ttl >> 16 & 0xff,
                                   ttl >> 8 & 0xff,
                                   ttl & 0xff,
                                   static_cast<std::uint8_t>(rdata.size() >> 8),
                                   static_cast<std::uint8_t>(rdata.size())};
    out.insert(out.end(), head, head + sizeof head);
    out.insert(out.end(), rdata.begin(), rdata.end());
  }
  return out;
}

bool same(const zones::ChallengesPtr& old, const zones::Challenges& next) {
  if (old == nullptr) return next.rrsets.empty();
  return std::ranges::equal(old->rrsets, next.rrsets,
                            [](const Rrset& a, const Rrset& b) { return a.slot == b.slot && a.rdatas == b.rdatas; });
}

}  // namespace

std::optional<std::size_t> challenge_zone(const Snapshot& snapshot, const dns::Name& name) {
  std::optional<std::size_t> best;
  const auto& zones = snapshot.zones.all();
  for (std::size_t zone = 0; zone < zones.size(); ++zone) {
    const dns::NameView apex = zones[zone]->apex();
    if (name.is_below_or_equal(dns::Name::from_wire(apex)) && (!best || apex.size() > zones[*best]->apex().size()))
      best = zone;
  }
  if (best && !zones[*best]->challenge_slot(name.wire())) best.reset();
  return best;
}

base::Result<bool> set_challenges(Snapshot& snapshot, std::span<const Challenge> challenges,
                                  zones::SignatureStore& store, const zones::ClockReading& clock) {
  std::vector<std::map<std::uint32_t, Rrset>> wanted(snapshot.zones.all().size());
  for (const Challenge& challenge : challenges) {
    const auto zone = challenge_zone(snapshot, challenge.name);
    if (!zone) continue;
    const std::uint32_t slot = *snapshot.zones.all()[*zone]->challenge_slot(challenge.name.wire());
    Rrset& rrset = wanted[*zone][slot];
    rrset.slot = slot;
    rrset.owner = challenge.name;
    Octets rdata(1, static_cast<std::uint8_t>(challenge.value.size()));
    rdata.insert(rdata.end(), challenge.value.begin(), challenge.value.end());
    rrset.rdatas.push_back(std::move(rdata));
  }
  auto next = snapshot.challenges;
  next.resize(wanted.size());
  bool changed = false;
  for (std::size_t zone = 0; zone < wanted.size(); ++zone) {
    zones::Challenges made;
    for (auto& [slot, rrset] : wanted[zone]) {
      std::ranges::sort(rrset.rdatas);
      rrset.rdatas.erase(std::unique(rrset.rdatas.begin(), rrset.rdatas.end()), rrset.rdatas.end());
      rrset.records = rendered(rrset.rdatas);
      made.rrsets.push_back(std::move(rrset));
    }
    if (same(next[zone], made)) continue;
    changed = true;
    auto done = sign_challenges(snapshot, zone, made, store, clock);
    if (!done) return done.error();
    next[zone] = std::move(*done);
  }
  snapshot.challenges = std::move(next);
  return changed;
}

}  // namespace gslb::engine
