// The part of Judge that keeps a verdict from acting at once, or lowers a weight before one turns.
#include <algorithm>
#include <array>

#include "health/judge.hpp"
#include "health/mutation.hpp"

namespace gslb::health {
namespace {

using std::chrono::milliseconds;

// Without a word of the operator, a server that judges alone waits for nothing.
PaceSpec pace_of(const GuardSpec& guards, bool lone) {
  PaceSpec none;
  none.every = milliseconds{0};
  return guards.pace.value_or(lone ? none : PaceSpec{});
}

DampingSpec damping_of(const GuardSpec& guards, bool lone) {
  DampingSpec none;
  none.half_life = milliseconds{0};
  if (planted(Mutation::damping_forgotten)) return none;
  return guards.damping.value_or(lone ? none : DampingSpec{});
}

/// The pace of targets at no site is counted as that of one site more.
std::uint16_t place_of(const JudgeSpec& spec, std::size_t target) {
  const std::uint16_t site = spec.targets[target].site;
  return site == JudgedTarget::no_site ? static_cast<std::uint16_t>(spec.sites.size()) : site;
}

}  // namespace

void Judge::act(std::size_t t, Verdict wanted, base::SteadyTime now, base::WallTime wall) {
  Known& known = known_[t];
  if (wanted == Verdict::unknown) return;
  if (planted(Mutation::never_withdraw)) wanted = Verdict::up;
  if (planted(Mutation::never_return) && known.verdict == Verdict::down) wanted = Verdict::down;
  const Verdict before = std::exchange(known.wanted, wanted);
  if (wanted == Verdict::down && before == Verdict::up)
    known.damping.fall(now, damping_of(spec_.targets[t].guards, parties_.size() == 1));
  if (known.verdict == wanted || known.verdict == Verdict::unknown) {
    known.guard = Guard::none;
    if (known.verdict != wanted) turn(t, wanted, now, wall);
    return;
  }
  const auto [guard, until] = wanted == Verdict::down ? keeps_up(t, now) : keeps_down(t, now);
  known.guard = guard;
  known.guard_until = until;
  if (guard == Guard::none) return turn(t, wanted, now, wall);
  keeps_away_ = keeps_away_ || wanted == Verdict::up;
  if (until > now) wake(until);
}

/// What keeps a target in the answers that is judged down, and until when.
std::pair<Guard, base::SteadyTime> Judge::keeps_up(std::size_t t, base::SteadyTime now) {
  const JudgedTarget& target = spec_.targets[t];
  const Known& known = known_[t];
  if (known.returned_at && now - *known.returned_at < target.guards.hold_up)
    return {Guard::hold_up, *known.returned_at + target.guards.hold_up};
  const std::uint16_t site = place_of(spec_, t);
  const PaceSpec pace = pace_of(target.guards, parties_.size() == 1);
  // That another server says so opens no way for a site that is not judged down here, too.
  if (said_left_[site] && now - *said_left_[site] < pace.window) pace_.learn(site, *said_left_[site]);
  pace_.begin(site, now);
  const auto slot = pace_.slot(now, site, target.services, pace);
  const auto wait = [&](base::SteadyTime until) {
    waits_[site] = 1;
    return std::pair(Guard::pace, until);
  };
  // What waited leaves only if it is judged down now, not because it was so once.
  if (known.tally.outcome != Verdict::down && !(known.alone && known.tally.all_down() && others_seen(t)))
    return wait(std::max(slot.value_or(now), now));
  if (slot && *slot > now) return wait(*slot);
  if (slot && !planted(Mutation::pace_old_verdict)) {
    const bool doubted = known.guard == Guard::pace && known.guard_until <= now;
    const base::SteadyTime since = doubted ? std::max(*slot, known.guard_until) : *slot;
    if (!renewed(t, since)) return wait(since);
  }
  return {Guard::none, now};
}

/// What keeps a target away that is judged up, and until when. Nothing keeps the last one away.
std::pair<Guard, base::SteadyTime> Judge::keeps_down(std::size_t t, base::SteadyTime now) {
  Known& known = known_[t];
  const GuardSpec& guards = spec_.targets[t].guards;
  if (!another_up(t)) return {Guard::none, now};
  if (known.withdrawn_at && now - *known.withdrawn_at < guards.hold_down)
    return {Guard::hold_down, *known.withdrawn_at + guards.hold_down};
  const DampingSpec damping = damping_of(guards, parties_.size() == 1);
  agree_on_penalty(t, damping, now);
  if (const auto until = known.damping.until(now, damping)) return {Guard::damping, *until};
  return {Guard::none, now};
}

/// In each of its services another target is up.
bool Judge::another_up(std::size_t target) const {
  return std::all_of(
      spec_.targets[target].services.begin(), spec_.targets[target].services.end(), [&](std::uint32_t s) {
        return std::any_of(of_service_[s].begin(), of_service_[s].end(),
                           [&](std::uint32_t t) { return t != target && known_[t].verdict == Verdict::up; });
      });
}

/// Those whose reports came since then want it down by themselves.
bool Judge::renewed(std::size_t t, base::SteadyTime since) const {
  renewed_ = ballots_;
  for (std::size_t v = 0; v < parties_.size(); ++v) {
    if (renewed_[v].counted() && (!parties_[v].arrival || *parties_[v].arrival < since))
      renewed_[v].standing = Standing::silent;
  }
  const Tally tally = count(renewed_, spec_.targets[t].judging.agree);
  return known_[t].alone ? tally.all_down() : tally.outcome == Verdict::down;
}

void Judge::turn(std::size_t t, Verdict to, base::SteadyTime now, base::WallTime wall) {
  Known& known = known_[t];
  turns_.push_back({t, known.verdict, to});
  if (to == Verdict::up && known.verdict == Verdict::down) known.returned_at = known.returned_here = now;
  if (to == Verdict::down && known.verdict == Verdict::up) {
    withdrew_ = true;
    known.withdrawn_at = now;
    const JudgedTarget& target = spec_.targets[t];
    pace_.leave(now, place_of(spec_, t), target.services, pace_of(target.guards, parties_.size() == 1));
  }
  known.verdict = to;
  known.since = wall;
  known.restored = false;
  if (to == Verdict::up) known.grade.reset();
}

/// By the middle of what the vantages saw, so that one of them alone lowers nothing.
void Judge::grade(std::size_t t, base::SteadyTime now) {
  const GradeSpec& spec = spec_.targets[t].guards.grade;
  if (!spec.active() || known_[t].verdict != Verdict::up) return;
  std::array<base::Duration, most_vantages> latency;
  std::array<std::uint16_t, most_vantages> failed;
  std::size_t seen = 0;
  for (std::size_t v = 0; v < parties_.size(); ++v) {
    if (!ballots_[v].counted() || ballots_[v].says != Verdict::up) continue;
    latency[seen] = heard(t, v).latency;
    failed[seen++] = heard(t, v).failed;
  }
  if (seen == 0) return;
  const auto middle = static_cast<std::ptrdiff_t>((seen - 1) / 2);
  const auto end = static_cast<std::ptrdiff_t>(seen);
  std::nth_element(latency.begin(), latency.begin() + middle, latency.begin() + end);
  std::nth_element(failed.begin(), failed.begin() + middle, failed.begin() + end);
  const int worth = Grade::worth(spec, latency[(seen - 1) / 2], failed[(seen - 1) / 2] / 1000.0);
  if (const auto again = known_[t].grade.move(now, worth, spec)) wake(*again);
}

}  // namespace gslb::health
