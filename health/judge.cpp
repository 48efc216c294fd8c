#include "health/judge.hpp"

#include <algorithm>
#include <unordered_map>

#include "health/mutation.hpp"

namespace gslb::health {
namespace {

/// A vantage that says the opposite of what the others agree on, for most targets and for so long, has no vote until it
/// has agreed with them for as long.
constexpr std::chrono::minutes quarantine_after{5};

}  // namespace

void Judge::configure(JudgeSpec spec) {
  spec.vantages.resize(std::min(spec.vantages.size(), most_vantages));
  std::unordered_map<std::string, Party> parties;
  for (std::size_t v = 0; v < parties_.size(); ++v) parties[spec_.vantages[v].name] = std::move(parties_[v]);
  std::unordered_map<std::uint64_t, Known> known;
  for (std::size_t t = 0; t < known_.size(); ++t) known.emplace(spec_.targets[t].id, known_[t]);
  std::unordered_map<std::string, std::optional<base::SteadyTime>> left;
  for (std::size_t s = 0; s < spec_.sites.size(); ++s)
    left[spec_.sites[s].name] = pace_.left(static_cast<std::uint16_t>(s));

  spec_ = std::move(spec);
  std::vector<std::string> regions;
  parties_.clear();
  for (const Vantage& vantage : spec_.vantages) {
    Party party;
    if (const auto found = parties.find(vantage.name); found != parties.end()) party = std::move(found->second);
    const auto at = std::find_if(spec_.sites.begin(), spec_.sites.end(),
                                 [&](const JudgedSite& site) { return site.name == vantage.site; });
    party.site = at == spec_.sites.end() || vantage.site.empty() ? JudgedTarget::no_site
                                                                 : static_cast<std::uint16_t>(at - spec_.sites.begin());
    const std::string& region =
        vantage.region.empty() && at != spec_.sites.end() && !vantage.site.empty() ? at->region : vantage.region;
    const auto same = std::find(regions.begin(), regions.end(), region);
    party.region = static_cast<std::uint8_t>(
        std::min<std::size_t>(static_cast<std::size_t>(same - regions.begin()), most_regions - 1));
    if (same == regions.end()) regions.push_back(region);
    parties_.push_back(std::move(party));
  }
  ballots_.assign(parties_.size(), {});

  const std::size_t targets = spec_.targets.size();
  heard_.assign(targets * parties_.size(), {});
  known_.assign(targets, {});
  states_.assign(targets, {});
  only_inside_.assign(targets, 0);
  of_service_.assign(spec_.services, {});
  ids_.clear();
  bool guarded = false;
  for (std::size_t t = 0; t < targets; ++t) {
    const JudgedTarget& target = spec_.targets[t];
    ids_.emplace_back(target.id, static_cast<std::uint32_t>(t));
    for (const std::uint32_t s : target.services) of_service_[s].push_back(static_cast<std::uint32_t>(t));
    only_inside_[t] = std::all_of(parties_.begin(), parties_.end(), [&](const Party& party) {
      return target.site != JudgedTarget::no_site && party.site == target.site;
    });
    if (const auto found = known.find(target.id); found != known.end() && !planted(Mutation::restart_unknown))
      known_[t] = found->second;
    const GuardSpec& guards = target.guards;
    guarded = guarded || guards.pace || guards.damping || guards.hold_up.count() > 0 || guards.hold_down.count() > 0 ||
              guards.grade.active();
  }
  std::sort(ids_.begin(), ids_.end());
  plain_ = parties_.size() == 1 && !guarded;
  waits_.assign(spec_.sites.size() + 1, 0);
  said_left_.assign(spec_.sites.size() + 1, std::nullopt);
  pace_.resize(spec_.sites.size() + 1, spec_.services);
  for (std::size_t s = 0; s < spec_.sites.size(); ++s) {
    if (const auto found = left.find(spec_.sites[s].name); found != left.end() && found->second)
      pace_.learn(static_cast<std::uint16_t>(s), *found->second);
  }
  for (std::size_t v = 1; v < parties_.size(); ++v) spread(v);
  for (std::size_t t = 0; t < targets; ++t) publish(t);
}

std::optional<std::string_view> Judge::receive(const Report& report, base::SteadyTime arrival) {
  std::size_t v = 1;
  while (v < parties_.size() && spec_.vantages[v].name != report.vantage) ++v;
  if (v >= parties_.size()) return "it is from no vantage that is configured here";
  if (report.opinions.size() > most_opinions) return "it has too many targets";
  Party& party = parties_[v];
  if (party.arrival) {
    if (report.incarnation < party.incarnation && !planted(Mutation::ignore_incarnation))
      return "it is from before the vantage was started";
    if (report.incarnation == party.incarnation && report.sequence <= party.sequence &&
        !planted(Mutation::ignore_sequence))
      return "it is no newer than the one before";
  }
  party.incarnation = report.incarnation;
  party.sequence = report.sequence;
  party.arrival = arrival;
  party.settled = report.settled;
  party.outlook.references = report.references;
  party.outlook.references_up = report.references_up;
  party.opinions = report.opinions;
  party.shared = report.shared;
  spread(v);
  return std::nullopt;
}

/// Finds the place of each opinion: both lists are in order.
void Judge::spread(std::size_t v) {
  const std::vector<Opinion>& opinions = parties_[v].opinions;
  std::size_t o = 0;
  for (const auto& [id, t] : ids_) {
    while (o < opinions.size() && opinions[o].target < id) ++o;
    Heard& at = heard(t, v);
    at = {};
    if (o == opinions.size() || opinions[o].target != id) continue;
    const Opinion& opinion = opinions[o];
    at = {opinion.verdict, opinion.in_motion, opinion.failed, opinion.until_change, opinion.latency, std::nullopt, 0};
    const base::Duration returned = opinion.returned.value_or(base::Duration(-1));
    if (returned.count() >= 0 && parties_[v].arrival) at.returned = *parties_[v].arrival - returned;
  }
  spread_shared(v);
  look_around(v);
}

void Judge::look_around(std::size_t v) {
  Party& party = parties_[v];
  party.outlook.sees_one = party.outlook.two_sites = false;
  std::optional<std::uint16_t> first;
  for (std::size_t t = 0; t < known_.size() && !party.outlook.sees_one; ++t) {
    if (inside(t, v)) continue;
    const Verdict says = heard(t, v).says;
    party.outlook.sees_one = says == Verdict::up;
    if (says != Verdict::down) continue;
    const std::uint16_t site = spec_.targets[t].site;
    party.outlook.two_sites = party.outlook.two_sites || (first && *first != site);
    first = first.value_or(site);
  }
}

void Judge::observe(std::span<const TargetState> own, const OwnStanding& standing) {
  own_ = standing;
  const std::size_t targets = std::min(own.size(), known_.size());
  for (std::size_t t = 0; t < targets; ++t) {
    const TargetState& state = own[t];
    // What an earlier run knew is no vote, but better than nothing.
    Known& known = known_[t];
    if (known.verdict == Verdict::unknown && state.restored) {
      known.verdict = known.wanted = state.verdict;
      known.since = state.since;
      known.returned_at = known.returned_here = state.returned_at;
      known.restored = true;
    }
    heard(t, 0) = {state.verdict, state.in_motion, state.failed, state.until_change, state.latency, std::nullopt, 0};
  }
  Party& party = parties_[0];
  party.settled = standing.settled;
  party.outlook.references = standing.references;
  party.outlook.references_up = standing.references_up;
  look_around(0);
}

/// It is at the target's own site.
bool Judge::inside(std::size_t t, std::size_t v) const noexcept {
  return parties_[v].site != JudgedTarget::no_site && parties_[v].site == spec_.targets[t].site;
}

std::optional<base::SteadyTime> Judge::step(base::SteadyTime now, base::WallTime wall) {
  next_.reset();
  weigh_vantages(now);
  std::fill(waits_.begin(), waits_.end(), 0);
  withdrew_ = keeps_away_ = false;
  for (std::size_t t = 0; t < known_.size(); ++t) {
    fill(t, now);
    known_[t].tally = count(ballots_, spec_.targets[t].judging.agree);
    compare(known_[t].tally);
    act(t, decide(t, now), now, wall);
    grade(t, now);
    agree_on_return(t);
    publish(t);
  }
  for (std::size_t s = 0; s < waits_.size(); ++s) {
    if (waits_[s] == 0) pace_.settle(static_cast<std::uint16_t>(s));
  }
  watch_quarantine(now);
  if (withdrew_ && keeps_away_) wake(now);  // what is kept away may be the last one now
  return next_;
}

void Judge::weigh_vantages(base::SteadyTime now) {
  const bool lone = parties_.size() == 1;
  parties_[0].arrival = now;
  for (std::size_t v = 0; v < parties_.size(); ++v) {
    Party& party = parties_[v];
    const bool fresh = party.arrival && (now - *party.arrival < spec_.fresh_for || planted(Mutation::count_stale));
    if (v > 0 && fresh) wake(*party.arrival + spec_.fresh_for);
    party.witness.step(now, fresh && party.outlook.cut_off(lone) && !planted(Mutation::suspect_votes));
    party.with = party.against = 0;
    if (!fresh) {
      party.standing = Standing::silent;
    } else if (!party.settled && !lone && !planted(Mutation::unsettled_votes)) {
      party.standing = Standing::unsettled;
    } else if (party.witness.cut_off()) {
      party.standing = Standing::cut_off;
    } else {
      party.standing = party.quarantined ? Standing::quarantined : Standing::counted;
    }
  }
}

/// Whether its opinion of this target counts.
Standing Judge::standing_of(std::size_t t, std::size_t v, base::SteadyTime now) const {
  const Party& party = parties_[v];
  if (inside(t, v) && only_inside_[t] == 0 && !planted(Mutation::count_own_site)) return Standing::own_site;
  if (party.standing != Standing::counted) return party.standing;
  const Verdict says = heard(t, v).says;
  if (says == Verdict::unknown) return Standing::no_opinion;
  const bool distrusted = says == Verdict::down && !planted(Mutation::hold_forgotten) &&
                          party.witness.believed_at(now, spec_.targets[t].judging.correlated_hold);
  return distrusted ? Standing::distrusted : Standing::counted;
}

void Judge::fill(std::size_t t, base::SteadyTime now) {
  for (std::size_t v = 0; v < parties_.size(); ++v) {
    const Heard& at = heard(t, v);
    ballots_[v] = {at.says, standing_of(t, v, now), at.in_motion, parties_[v].region, at.until_change};
    if (ballots_[v].standing == Standing::distrusted)
      wake(*parties_[v].witness.believed_at(now, spec_.targets[t].judging.correlated_hold));
  }
}

/// Counts for each vantage whether it agrees with the others on this target, if these agree.
void Judge::compare(const Tally& tally) {
  if (parties_.size() < 3 || tally.heard() < 2) return;
  for (std::size_t v = 0; v < parties_.size(); ++v) {
    const Ballot& ballot = ballots_[v];
    if (ballot.says == Verdict::unknown || (!ballot.counted() && ballot.standing != Standing::quarantined)) continue;
    const unsigned up = tally.up - (ballot.counted() && ballot.says == Verdict::up);
    const unsigned down = tally.down - (ballot.counted() && ballot.says == Verdict::down);
    if (up + down < 2 || up == down) continue;
    const bool agrees = (up > down) == (ballot.says == Verdict::up);
    ++(agrees ? parties_[v].with : parties_[v].against);
  }
}

void Judge::watch_quarantine(base::SteadyTime now) {
  for (Party& party : parties_) {
    if (party.with + party.against == 0 || (party.against > party.with) == party.quarantined) {
      party.turned.reset();
      continue;
    }
    if (!party.turned) party.turned = now;
    if (now - *party.turned < quarantine_after) {
      wake(*party.turned + quarantine_after);
      continue;
    }
    party.quarantined = !party.quarantined;
    party.turned.reset();
    wake(now);
  }
}

/// What the vantages want, or what it was while they are too few.
Verdict Judge::decide(std::size_t t, base::SteadyTime now) {
  Known& known = known_[t];
  const Tally& tally = known.tally;
  const Verdict before = known.wanted;
  if (planted(Mutation::freeze_forever) && known.frozen) return before;
  known.frozen = !tally.quorum;
  if (tally.quorum) {
    known.alone_since.reset();
    known.alone = false;
    known.restored = false;
    if (tally.outcome != Verdict::unknown) return tally.outcome;
    return before == Verdict::unknown ? Verdict::up : before;
  }
  if (before == Verdict::unknown) return tally.up > tally.down ? Verdict::up : Verdict::unknown;
  if (before == Verdict::down) {
    if (!known.alone) return before;
    // What was wanted alone and has not acted yet holds only as long as all that made it so.
    const bool holds = known.verdict == Verdict::down || (tally.all_down() && others_seen(t));
    if (holds && !tally.all_up()) return before;
    known.alone = false;
    known.alone_since.reset();
    return Verdict::up;
  }
  const auto& after = spec_.targets[t].judging.alone_after;
  if (!after || !tally.all_down() || !(others_seen(t) || planted(Mutation::alone_blindly))) {
    known.alone_since.reset();
    return before;
  }
  if (!known.alone_since) known.alone_since = now;
  if (now - *known.alone_since < *after && !planted(Mutation::alone_at_once)) {
    wake(*known.alone_since + *after);
    return before;
  }
  known.alone = true;
  return Verdict::down;
}

/// Each of the vantages whose vote on the target counts sees one of another site of a service of it up, which is not
/// its own: what it reaches at home says nothing of the way to the others.
bool Judge::others_seen(std::size_t target) const {
  for (std::size_t v = 0; v < parties_.size(); ++v) {
    if (!ballots_[v].counted()) continue;
    bool sees = false;
    for (const std::uint32_t s : spec_.targets[target].services) {
      for (const std::uint32_t t : of_service_[s]) {
        sees = sees || (spec_.targets[t].site != spec_.targets[target].site && !inside(t, v) &&
                        heard(t, v).says == Verdict::up);
      }
    }
    if (!sees) return false;
  }
  return true;
}

void Judge::publish(std::size_t t) {
  const Known& known = known_[t];
  TargetState& state = states_[t];
  state.verdict = known.verdict;
  state.restored = known.restored;
  state.since = known.since;
  state.returned_at = known.returned_at;
  state.grade = known.grade.value();
  state.in_motion = known.guard != Guard::none;
  state.until_change = {};
  if (state.in_motion || known.verdict == Verdict::unknown) return;
  const Verdict verdict = known.verdict;
  const bool moves = std::any_of(ballots_.begin(), ballots_.end(), [verdict](const Ballot& ballot) {
    return ballot.counted() && (ballot.says != verdict || ballot.in_motion);
  });
  if (!moves) return;
  const JudgedTarget& target = spec_.targets[t];
  const unsigned outcomes = verdict == Verdict::up ? target.thresholds.fall : target.thresholds.rise;
  state.in_motion = true;
  state.until_change =
      earliest_change(ballots_, target.judging.agree, verdict, outcomes * target.thresholds.shortest_interval);
}

}  // namespace gslb::health
