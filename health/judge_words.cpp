// The part of Judge that says why.
#include <algorithm>

#include "base/text.hpp"
#include "health/judge.hpp"

namespace gslb::health {
namespace {

std::string of_vantages(std::size_t some, std::size_t all) {
  std::string out = std::to_string(some);
  (out += " of ") += std::to_string(all);
  return out += all == 1 ? " vantage" : " vantages";
}

std::string guard_words(const JudgedView& view) {
  std::string out = view.wanted == Verdict::down ? "kept in by " : "kept away by ";
  out += to_string(view.guard);
  if (!view.guard_left) return out;
  if (view.guard_left->count() <= 0) return out += ", until it is judged anew";
  ((out += ", ") += base::human_duration(std::chrono::ceil<std::chrono::seconds>(*view.guard_left))) += " left";
  return out;
}

std::string vote_words(const JudgedView& view) {
  const Tally& tally = view.tally;
  if (view.alone) return "down alone: all that are heard, " + of_vantages(tally.heard(), tally.electors) + ", say so";
  if (view.frozen) return "frozen: " + of_vantages(tally.heard(), tally.electors) + " heard";
  const bool down = view.wanted == Verdict::down;
  std::string out = down ? "down: " : "up: ";
  out += of_vantages(down ? tally.down : tally.up, tally.heard());
  if (tally.heard() < tally.electors) {
    ((out += ", ") += std::to_string(tally.electors - tally.heard())) += " not counted";
  }
  return out;
}

}  // namespace

std::string_view to_string(Guard guard) {
  switch (guard) {
    case Guard::none:
      return "none";
    case Guard::hold_up:
      return "hold_up";
    case Guard::hold_down:
      return "hold_down";
    case Guard::damping:
      return "damping";
    case Guard::pace:
      return "pace";
  }
  return "";
}

TargetState Judge::shown(std::size_t target, const TargetState& own, base::SteadyTime now) const {
  if (plain()) return own;
  TargetState out = own;
  const TargetState& judged = states_[target];
  out.verdict = judged.verdict;
  out.restored = judged.restored;
  out.in_motion = judged.in_motion;
  out.until_change = judged.until_change;
  out.since = judged.since;
  out.returned_at = judged.returned_at;
  out.grade = judged.grade;
  const JudgedView view = this->view(target, now);
  std::string why;
  if (view.guard != Guard::none) why = guard_words(view);
  if (parties_.size() > 1) {
    if (!why.empty()) why += "; ";
    why += vote_words(view);
  }
  if (why.empty()) return out;
  if (!own.reason.empty()) {
    ((why += " (") += own.reason) += ")";
  }
  out.reason = std::move(why);
  return out;
}

JudgedView Judge::view(std::size_t target, base::SteadyTime now) const {
  const Known& known = known_[target];
  JudgedView out{known.verdict, known.wanted,        known.tally, known.frozen, known.alone, known.guard,
                 std::nullopt,  known.grade.value(), {}};
  if (known.guard != Guard::none) out.guard_left = std::max(base::Duration{}, known.guard_until - now);
  for (std::size_t v = 0; v < parties_.size(); ++v) {
    const Party& party = parties_[v];
    const Heard& at = heard(target, v);
    VantageOpinion opinion{spec_.vantages[v].name,
                           at.says,
                           standing_of(target, v, now),
                           std::nullopt,
                           at.in_motion,
                           at.latency,
                           at.failed};
    if (party.arrival) opinion.age = v == 0 ? base::Duration{} : now - *party.arrival;
    out.opinions.push_back(std::move(opinion));
  }
  return out;
}

std::vector<VantageView> Judge::vantages(base::SteadyTime now) const {
  std::vector<VantageView> out;
  for (std::size_t v = 0; v < parties_.size(); ++v) {
    const Party& party = parties_[v];
    const Vantage& vantage = spec_.vantages[v];
    VantageView& view = out.emplace_back();
    view = {vantage.name,
            vantage.site,
            vantage.region,
            party.standing,
            std::nullopt,
            party.outlook.references,
            party.outlook.references_up,
            party.weights};
    if (party.arrival) view.age = v == 0 ? base::Duration{} : now - *party.arrival;
  }
  return out;
}

void Judge::restore(std::span<const KeptVerdict> kept, base::SteadyTime now) {
  for (const KeptVerdict& one : kept) {
    for (auto at = std::lower_bound(ids_.begin(), ids_.end(), std::pair(one.target, 0U));
         at != ids_.end() && at->first == one.target; ++at) {
      const std::size_t t = at->second;
      Known& known = known_[t];
      if (known.verdict != Verdict::unknown) continue;
      known.verdict = known.wanted = one.verdict;
      known.since = one.since;
      known.alone = one.alone;
      known.restored = true;
      if (one.returned) known.returned_at = known.returned_here = now - *one.returned;
      known.damping.learn(one.penalty, now, spec_.targets[t].guards.damping.value_or(DampingSpec{}));
      publish(t);
    }
  }
}

std::vector<KeptVerdict> Judge::kept(base::SteadyTime now) const {
  std::vector<KeptVerdict> out;
  for (std::size_t t = 0; t < known_.size(); ++t) {
    const Known& known = known_[t];
    if (known.verdict == Verdict::unknown) continue;
    KeptVerdict& one = out.emplace_back();
    one = {spec_.targets[t].id,
           known.verdict,
           known.since,
           std::nullopt,
           known.damping.penalty(now, spec_.targets[t].guards.damping.value_or(DampingSpec{})),
           known.alone};
    if (known.returned_at) one.returned = std::max(base::Duration{}, now - *known.returned_at);
  }
  return out;
}

}  // namespace gslb::health
