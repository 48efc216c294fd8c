#include "server/target_desk.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <map>
#include <memory>
#include <set>

#include "engine/order_reach.hpp"
#include "engine/target_states.hpp"

namespace gslb::server {

namespace asio = boost::asio;

namespace {

constexpr std::size_t most_probes = health::most_asked_targets;  ///< that one question starts
/// Of another vantage, beside the probe itself: its next report, and the way back.
constexpr std::chrono::seconds spare{3};

/// The targets of all that a person means.
base::Result<std::vector<health::Target>> targets_of(const engine::Snapshot& snapshot, const std::string& text) {
  const auto scope = engine::scope_of(snapshot, text);
  if (!scope) return scope.error();
  std::set<std::uint32_t> targets;
  for (const engine::Reached& one : engine::reached_by(snapshot, *scope)) {
    const std::uint32_t place = snapshot.target_of[one.service][static_cast<std::size_t>(one.family)][one.endpoint];
    for (const std::uint32_t target : engine::targets_at(snapshot, place)) targets.insert(target);
  }
  std::vector<health::Target> out;
  out.reserve(targets.size());
  for (const std::uint32_t target : targets) out.push_back(snapshot.targets[target]);
  return out;
}

using Views = std::vector<control::ProbeView>;

/// Collects what this vantage and the others saw.
struct Round {
  std::map<std::uint64_t, health::Target> targets;
  std::vector<std::uint64_t> ids;  ///< in the order of the configuration
  std::string self;
  Views views;
  unsigned missing = 0;  ///< parts that have not come
  std::function<void(base::Result<Views>)> done;

  void add(const std::string& vantage, const std::vector<health::ProbeOutcome>& outcomes) {
    for (const std::uint64_t id : ids) {
      const health::Target& target = targets.at(id);
      const auto one = std::ranges::find(outcomes, id, &health::ProbeOutcome::target);
      control::ProbeView& view = views.emplace_back();
      view.vantage = vantage;
      view.address = base::to_string(target.address);
      view.monitor = target.key();
      view.voided = one == outcomes.end() || one->voided;
      view.detail = one == outcomes.end() ? "it does not probe this" : one->detail;
      if (one == outcomes.end()) continue;
      view.ok = one->ok;
      view.phase = one->phase;
      view.latency = one->latency;
    }
  }
  void add(const RemoteProbe& probe) {
    if (probe.problem.empty()) return add(probe.vantage, probe.outcomes);
    control::ProbeView& view = views.emplace_back();
    view.vantage = probe.vantage;
    view.voided = true;
    view.detail = probe.problem;
  }
  void came() {
    if (--missing > 0) return;
    std::ranges::stable_sort(views, {}, [this](const control::ProbeView& view) { return view.vantage != self; });
    done(std::move(views));
  }
};

}  // namespace

void TargetDesk::probe_now(const std::string& text, const std::string& from, const std::string& self,
                           std::function<void(base::Result<Views>)> done) {
  const engine::GenerationPtr now = health_.view().generation;
  auto targets = targets_of(*now->snapshot, text);
  if (!targets) return done(targets.error());
  std::erase_if(*targets, [](const health::Target& target) { return health::waits_for_pushes(target.monitor); });
  if (targets->empty()) return done(base::Error{"nothing of " + text + " is probed"});
  if (targets->size() > most_probes)
    return done(base::Error{text + " is " + std::to_string(targets->size()) + " targets; name at most " +
                            std::to_string(most_probes)});
  const auto round = std::make_shared<Round>();
  round->self = self.empty() ? "here" : self;
  round->done = std::move(done);
  std::chrono::milliseconds longest{0};
  for (const health::Target& target : *targets) {
    if (round->targets.emplace(target.id(), target).second) round->ids.push_back(target.id());
    longest = std::max(longest, target.monitor.timeout);
  }
  const bool here = from == "all" || from == "here" || from == self;
  const bool others = from != "here" && from != self;
  round->missing = static_cast<unsigned>(here) + static_cast<unsigned>(others);
  if (here) {
    health_.probe(round->ids, [this, round](std::vector<health::ProbeOutcome> outcomes) {
      asio::post(context_, [round, outcomes = std::move(outcomes)] {
        round->add(round->self, outcomes);
        round->came();
      });
    });
  }
  if (!others) return;
  sharing_.probe(from == "all" ? "" : from, round->ids, longest + spare,
                 [this, round, from](std::vector<RemoteProbe> probes) {
                   asio::post(context_, [round, from, probes = std::move(probes)] {
                     if (probes.empty() && from != "all")
                       return round->done(base::Error{"there is no other vantage named " + from});
                     for (const RemoteProbe& probe : probes) round->add(probe);
                     round->came();
                   });
                 });
}

base::Result<std::vector<std::string>> TargetDesk::push(const std::string& text, const std::string& monitor,
                                                        const health::Push& push) {
  const engine::GenerationPtr now = health_.view().generation;
  auto targets = targets_of(*now->snapshot, text);
  if (!targets) return targets.error();
  std::erase_if(*targets, [&monitor](const health::Target& target) {
    return !health::waits_for_pushes(target.monitor) || (!monitor.empty() && target.monitor.name != monitor);
  });
  if (targets->empty())
    return base::Error{"nothing of " + text + " waits for pushes" + (monitor.empty() ? "" : " to " + monitor)};
  if (targets->size() > health::most_pushed)
    return base::Error{text + " is " + std::to_string(targets->size()) + " targets; name at most " +
                       std::to_string(health::most_pushed)};
  std::vector<std::string> keys;
  health::SharedPush shared{{}, push};
  for (const health::Target& target : *targets) {
    keys.push_back(target.key());
    shared.targets.push_back(target.id());
  }
  sharing_.push(shared);
  health_.push(shared);
  return keys;
}

}  // namespace gslb::server
