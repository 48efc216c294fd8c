#include "engine/simulate.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace gslb::engine {

namespace {

/// Adds up what one measure's demands get, before and after.
class Summing {
 public:
  Summing(const Snapshot& snapshot, const Measure& measure) : snapshot_(snapshot) {
    out_.unit = measure.unit;
    out_.total = measure.total;
    out_.sites.resize(snapshot.sites.size());
  }

  void add(const Demand& demand, const policy::Plan& before, const policy::Plan& after) {
    const Distribution& now = distribution(demand, before, false);
    const Distribution& then = distribution(demand, after, true);
    for (const auto& [id, part] : parts(now)) give(id, part * demand.weight, &SiteLoad::now);
    for (const auto& [id, part] : parts(then)) give(id, part * demand.weight, &SiteLoad::after);
    bool any = false;
    for (const Move& move : moves(now, then)) {
      relocations_[{outcomes_[move.from].label(), outcomes_[move.to].label()}] += move.part * demand.weight;
      out_.moved += move.part * demand.weight;
      any = true;
    }
    if (any) out_.moved_networks += demand.networks;
  }

  MeasuredChange take() {
    for (const auto& [pair, weight] : relocations_) out_.moves.push_back({pair.first, pair.second, weight});
    std::stable_sort(out_.moves.begin(), out_.moves.end(),
                     [](const Relocation& a, const Relocation& b) { return a.weight > b.weight; });
    return std::move(out_);
  }

 private:
  /// Most classes share few decisions.
  const Distribution& distribution(const Demand& demand, const policy::Plan& plan, bool after) {
    const policy::AspectPlan& family = plan.under(demand.aspect);
    const policy::ClassPlan& decision = family.classes[demand.service_class];
    const auto [known, is_new] =
        known_.try_emplace({demand.service, demand.aspect.index(), decision.draw, decision.index, after});
    if (is_new) known->second = outcomes_.of(snapshot_, demand.service, demand.aspect, family, decision);
    return known->second;
  }

  /// Clients share the sites of an answer alike.
  void give(std::uint32_t id, double weight, double SiteLoad::*when) {
    const Outcome& outcome = outcomes_[id];
    if (outcome.targets.empty()) out_.nobody.*when += weight;
    const double each = weight / static_cast<double>(std::max<std::size_t>(outcome.sites.size(), 1));
    for (const std::string& site : outcome.sites) {
      const auto found = std::find_if(snapshot_.sites.begin(), snapshot_.sites.end(),
                                      [&](const policy::SiteSpec& s) { return s.name == site; });
      SiteLoad& load = found == snapshot_.sites.end()
                           ? out_.fallback
                           : out_.sites[static_cast<std::size_t>(found - snapshot_.sites.begin())];
      load.*when += each;
    }
  }

  using Key = std::tuple<std::size_t, std::size_t, policy::Draw, std::uint32_t, bool>;
  const Snapshot& snapshot_;
  Outcomes outcomes_;
  std::map<Key, Distribution> known_;
  std::map<std::pair<std::string, std::string>, double> relocations_;
  MeasuredChange out_;
};

MeasuredChange change_of(const Generation& now, const Generation& then, const Measure& measure) {
  Summing summing(*now.snapshot, measure);
  for (const Demand& demand : measure.demands)
    summing.add(demand, *now.plans[demand.service], *then.plans[demand.service]);
  return summing.take();
}

bool spills(const Snapshot& snapshot) {
  return std::any_of(snapshot.services.begin(), snapshot.services.end(),
                     [](const zones::SteeredName& name) { return name.service.spill_above.has_value(); });
}

}  // namespace

Simulator::Simulator(const Generation& now, std::vector<Measure> measures)
    : now_(now), measures_(std::move(measures)) {}

Simulation Simulator::simulate(const DownSites& down) {
  const Snapshot& snapshot = *now_.snapshot;
  Simulation out;
  for (std::size_t i = 0; i < down.size(); ++i) {
    if (down[i]) out.down.push_back(snapshot.sites[i].name);
  }
  const GenerationPtr then = suppose(now_, down);
  for (const Measure& measure : measures_) {
    MeasuredChange& change = out.measures.emplace_back(change_of(now_, *then, measure));
    if (change.unit == "req/s" && spills(snapshot)) change.spread = spread(down, measure, change);
  }
  return out;
}

Simulation Simulator::compare(const Generation& then) const {
  Simulation out;
  for (const Measure& measure : measures_) out.measures.push_back(change_of(now_, then, measure));
  return out;
}

std::vector<double> Simulator::spread(const DownSites& down, const Measure& measure,
                                      const MeasuredChange& change) const {
  std::vector<double> load;
  for (const SiteLoad& site : change.sites) load.push_back(site.after);
  const MeasuredChange spilled = change_of(now_, *suppose(now_, down, load), measure);
  for (std::size_t i = 0; i < load.size(); ++i) load[i] = spilled.sites[i].after;
  return load;
}

std::optional<Overload> Simulator::fullest(const Simulation& simulation) const {
  std::optional<Overload> out;
  if (simulation.measures.empty() || simulation.measures[0].unit != "req/s") return out;
  for (std::size_t i = 0; i < now_.snapshot->sites.size(); ++i) {
    const policy::SiteSpec& site = now_.snapshot->sites[i];
    const double load = simulation.measures[0].sites[i].after;
    if (!site.capacity || load == 0) continue;
    const double part = load / static_cast<double>(*site.capacity);
    if (!out || part > out->of_capacity) out = Overload{site.name, load, part};
  }
  return out;
}

std::vector<Overload> Simulator::cascade(DownSites down) {
  std::vector<Overload> out;
  for (;;) {
    const auto next = fullest(simulate(down));
    if (!next || next->of_capacity <= 1) return out;
    const auto& sites = now_.snapshot->sites;
    const auto found =
        std::find_if(sites.begin(), sites.end(), [&](const auto& site) { return site.name == next->site; });
    const auto at = static_cast<std::size_t>(found - sites.begin());
    if (down[at]) return out;  // where too little is left, clients are answered as if all were up
    down[at] = true;
    out.push_back(*next);
  }
}

}  // namespace gslb::engine
