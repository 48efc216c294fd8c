#include "server/health_watch.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "engine/target_states.hpp"

namespace gslb::server {

namespace {

/// Of one look: where thousands fall together, the first say it.
constexpr std::size_t most_at_once = 200;

void add_once(std::vector<std::string>& list, const std::string& name) {
  if (std::ranges::find(list, name) == list.end()) list.push_back(name);
}

const char* begun(policy::Mode mode) {
  switch (mode) {
    case policy::Mode::normal:
      return " serves normally again";
    case policy::Mode::fail_open:
      return " fails open: too little is up, it answers as if all were";
    case policy::Mode::last_resort:
      return " has only a last resort for some clients: all that exists is drained or forced down";
    case policy::Mode::fenced:
      return " serves normally again, but for clients outside every fence";
    case policy::Mode::nothing:
      return " has no member to answer with for some clients";
  }
  return "";
}

/// "" if nothing turned that people should know of.
std::string turned(const health::FeedSpec& feed, const health::FeedEffect& before, const health::FeedEffect& now) {
  if (before.known && !now.known)
    return "says nothing any more: its last reading no longer counts, and " + feed.site + " has its full weight";
  if (now.drained && !before.drained)
    return "says that people took all members of " + feed.site + " out: the site is drained";
  if (now.disagrees && !before.disagrees)
    return "says that no member of " + feed.site + " works: probes decide, and a tenth of the weight stays meanwhile";
  if (!now.known || (!before.drained && !before.disagrees) || now.drained || now.disagrees) return "";
  return "says that members of " + feed.site + " serve again";
}

}  // namespace

void HealthWatch::adopt(const engine::Snapshot& snapshot) {
  first_ = true;
  open_.clear();
  targets_.assign(snapshot.targets.size(), {});
  modes_.clear();
  const auto add = [&](std::size_t s, std::size_t e, std::uint32_t place) {
    const policy::Service& service = snapshot.services[s].service;
    for (const std::uint32_t target : engine::targets_at(snapshot, place)) {
      add_once(targets_[target].services, service.name);
      add_once(targets_[target].sites, snapshot.sites[service.endpoints[e].site.value].name);
    }
  };
  for (std::size_t s = 0; s < snapshot.services.size(); ++s) {
    for (const auto& family : snapshot.target_of[s]) {
      for (std::size_t e = 0; e < family.size(); ++e) add(s, e, family[e]);
    }
  }
  for (const engine::OtherTarget& other : snapshot.other_targets) add(other.service, other.endpoint, other.target);
}

void HealthWatch::look(const health::Checker& checker) {
  const auto& states = checker.states();
  std::size_t turned = 0;
  follow(checker);
  for (std::size_t i = 0; i < std::min(states.size(), targets_.size()); ++i) {
    Known& known = targets_[i];
    const health::Verdict before = std::exchange(known.verdict, states[i].verdict);
    if (first_ || before == states[i].verdict) continue;
    if (before == health::Verdict::unknown && states[i].verdict == health::Verdict::up) continue;
    if (++turned > most_at_once) continue;
    health::Event event;
    event.when = base::wall_now();
    event.kind = health::EventKind::verdict;
    event.address = base::to_string(checker.targets()[i].address);
    event.what = event.address + " is " + std::string(health::to_string(states[i].verdict)) + ", was " +
                 std::string(health::to_string(before)) + "; last: " + states[i].reason;
    event.services = known.services;
    event.sites = known.sites;
    event.evidence = checker.evidence(i);
    const base::WallTime when = event.when;
    open_.push_back({journal_.add(std::move(event)), i, when});
  }
  first_ = false;
  if (turned <= most_at_once) return;
  health::Event event;
  event.when = base::wall_now();
  event.kind = health::EventKind::verdict;
  event.what = std::to_string(turned - most_at_once) + " more verdicts turned at the same time";
  journal_.add(std::move(event));
}

/// Those that have enough by now, or whose target has turned again meanwhile, are closed.
void HealthWatch::follow(const health::Checker& checker) {
  std::erase_if(open_, [&](const Open& one) {
    std::vector<health::Evidence> after = checker.evidence(one.target);
    std::erase_if(after, [&one](const health::Evidence& outcome) { return outcome.when <= one.when; });
    const bool turned = checker.states()[one.target].verdict != targets_[one.target].verdict;
    if (after.size() < health::Checker::outcomes_after && !turned) return false;
    after.resize(std::min<std::size_t>(after.size(), health::Checker::outcomes_after));
    journal_.follow(one.event, std::move(after));
    return true;
  });
}

void HealthWatch::tell(const health::Turn& turn, const health::TargetState& shown, const health::Checker& checker) {
  const health::Target& target = checker.targets()[turn.target];
  const bool up = turn.to == health::Verdict::up;
  health::Event event;
  event.when = base::wall_now();
  event.kind = health::EventKind::verdict;
  event.address = base::to_string(target.address);
  event.what = event.address + (up ? " is in the answers: " : " is withdrawn: ") + shown.reason;
  event.services = targets_[turn.target].services;
  event.sites = targets_[turn.target].sites;
  event.evidence = checker.evidence(turn.target);
  base::log(up ? base::LogLevel::info : base::LogLevel::warning, "target " + event.what,
            {{"target", target.key()},
             {"server.address", event.address},
             {"from", to_string(turn.from)},
             {"to", to_string(turn.to)},
             {"reason", shown.reason}});
  // What everybody knows already at the start is no event.
  if (turn.from != health::Verdict::unknown || !up) journal_.add(std::move(event));
}

void HealthWatch::look(const engine::Generation& generation) {
  const bool fresh = modes_.size() != generation.plans.size();
  modes_.resize(generation.plans.size(), policy::Mode::normal);
  for (std::size_t s = 0; s < generation.plans.size(); ++s) {
    const policy::Mode before = std::exchange(modes_[s], generation.plans[s]->worst);
    const bool ordinary = before == policy::Mode::normal || before == policy::Mode::fenced;
    const bool ordinary_now = modes_[s] == policy::Mode::normal || modes_[s] == policy::Mode::fenced;
    if (before == modes_[s] || (ordinary && ordinary_now) || (fresh && ordinary_now)) continue;
    health::Event event;
    event.when = base::wall_now();
    event.kind = health::EventKind::service;
    event.what = generation.snapshot->services[s].service.name + begun(modes_[s]);
    event.services = {generation.snapshot->services[s].service.name};
    journal_.add(std::move(event));
  }
}

void HealthWatch::look(const std::vector<health::FeedSpec>& feeds, const std::vector<health::FeedEffect>& effects) {
  std::map<std::string, health::FeedEffect> before = std::exchange(feeds_, {});
  for (std::size_t f = 0; f < std::min(feeds.size(), effects.size()); ++f) {
    feeds_[feeds[f].name] = effects[f];
    const std::string what = turned(feeds[f], before[feeds[f].name], effects[f]);
    if (what.empty()) continue;
    health::Event event;
    event.when = base::wall_now();
    event.kind = health::EventKind::feed;
    event.what = "feed " + feeds[f].name + " " + what;
    event.services = feeds[f].services;
    event.sites = {feeds[f].site};
    const bool bad = !effects[f].known || effects[f].drained || effects[f].disagrees;
    base::log(bad ? base::LogLevel::warning : base::LogLevel::info, event.what, {{"feed", feeds[f].name}});
    journal_.add(std::move(event));
  }
}

}  // namespace gslb::server
