#include "engine/mover_distance.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "engine/outcomes.hpp"
#include "geo/questions.hpp"
#include "geo/walk.hpp"

namespace gslb::engine {

namespace {

/// Which part of some clients goes from which site to which.
using SitePairs = std::map<std::pair<std::size_t, std::size_t>, double>;

/// Weights by whole kilometres, of which there are 20,016 to the other side of the world.
class Histogram {
 public:
  void add(double km, double weight) {
    const auto at = static_cast<std::size_t>(std::lround(km));
    if (at >= weights_.size()) weights_.resize(at + 1, 0.0);
    weights_[at] += weight;
    total_ += weight;
  }
  double total() const noexcept { return total_; }
  DistanceSummary summary() const { return {quantile(0.5), quantile(0.95)}; }

 private:
  double quantile(double part) const {
    double sum = 0;
    for (std::size_t km = 0; km < weights_.size(); ++km) {
      sum += weights_[km];
      if (sum >= part * total_) return static_cast<double>(km);
    }
    return static_cast<double>(weights_.size());
  }

  std::vector<double> weights_;
  double total_ = 0;
};

class Measuring {
 public:
  Measuring(const Generation& now, const Generation& then, const geo::Atlas& atlas)
      : now_(now), then_(then), snapshot_(*now.snapshot), atlas_(atlas) {
    for (std::size_t i = 0; i < snapshot_.sites.size(); ++i) site_ids_[snapshot_.sites[i].name] = i;
  }

  const SitePairs& moves_of(std::size_t service, base::Family client, std::uint16_t service_class) {
    const policy::Aspect aspect = asked_for(snapshot_.services[service].service, client);
    const auto [known, is_new] = known_.try_emplace({service, aspect.index(), service_class});
    if (!is_new) return known->second;
    const auto of = [&](const Generation& generation) {
      const policy::AspectPlan& plan = generation.plans[service]->under(aspect);
      return outcomes_.of(snapshot_, service, aspect, plan, plan.classes[service_class]);
    };
    for (const Move& move : moves(of(now_), of(then_))) add(move, known->second);
    return known->second;
  }

  void look_at(const geo::Block& block, base::Family family, const SitePairs& pairs, double weight) {
    const double all = geo::addresses(block, family);
    atlas_.visit(block, family, [&](geo::AddressNumber first, geo::AddressNumber last, const geo::Whereabout& place) {
      if (!place.at) return;
      const double part = weight * geo::addresses({first, last, 0}, family) / all;
      for (const auto& [sites, share] : pairs) {
        const double before = geo::distance_km(*place.at, *snapshot_.sites[sites.first].at);
        const double after = geo::distance_km(*place.at, *snapshot_.sites[sites.second].at);
        before_.add(before, part * share);
        after_.add(after, part * share);
        farther_ += (after - before) * part * share;
      }
    });
  }

  std::optional<MoverDistances> summary() const {
    if (before_.total() <= 0) return std::nullopt;
    return MoverDistances{before_.summary(), after_.summary(), farther_ / before_.total()};
  }

 private:
  void add(const Move& move, SitePairs& out) {
    const auto& from = outcomes_[move.from].sites;
    const auto& to = outcomes_[move.to].sites;
    for (const std::string& a : from) {
      for (const std::string& b : to) {
        const auto x = site_ids_.find(a);
        const auto y = site_ids_.find(b);
        if (x == site_ids_.end() || y == site_ids_.end()) continue;  // a fallback address is nowhere
        if (!snapshot_.sites[x->second].at || !snapshot_.sites[y->second].at) continue;
        out[{x->second, y->second}] += move.part / static_cast<double>(from.size() * to.size());
      }
    }
  }

  const Generation& now_;
  const Generation& then_;
  const Snapshot& snapshot_;
  const geo::Atlas& atlas_;
  Outcomes outcomes_;
  std::map<std::string, std::size_t> site_ids_;
  std::map<std::tuple<std::size_t, std::size_t, std::uint16_t>, SitePairs> known_;
  Histogram before_, after_;
  double farther_ = 0;
};

}  // namespace

std::optional<MoverDistances> mover_distances(const Generation& now, const Generation& then, const geo::Atlas& atlas,
                                              base::Family family) {
  const Snapshot& snapshot = *now.snapshot;
  if (!snapshot.locator) return std::nullopt;
  Measuring measuring(now, then, atlas);
  const std::vector<bool> known = known_places(snapshot);
  std::vector<SitePairs> by_place(known.size());
  for (std::size_t place = 0; place < known.size(); ++place) {
    if (!known[place] || snapshot.locator->special(static_cast<std::uint16_t>(place))) continue;
    for (std::size_t s = 0; s < snapshot.services.size(); ++s) {
      if (snapshot.services[s].service.reflect != policy::Reflect::nothing) continue;
      const std::uint16_t c = class_in_place(snapshot, s, static_cast<std::uint16_t>(place));
      for (const auto& [sites, part] : measuring.moves_of(s, family, c)) by_place[place][sites] += part;
    }
  }
  geo::Walk walk(*snapshot.locator, family);
  while (const auto block = walk.next()) {
    const SitePairs& pairs = by_place[block->place_class];
    if (!pairs.empty()) measuring.look_at(*block, family, pairs, geo::addresses(*block, family));
  }
  return measuring.summary();
}

std::optional<MoverDistances> mover_distances(const Generation& now, const Generation& then, const geo::Atlas& atlas,
                                              const std::vector<Traffic>& traffic) {
  const Snapshot& snapshot = *now.snapshot;
  Measuring measuring(now, then, atlas);
  for (const Traffic& one : traffic) {
    const geo::Block block{geo::number_of(one.network.address), geo::last_of(one.network), 0};
    const base::Family family = one.network.address.family;
    for (std::size_t s = 0; s < snapshot.services.size(); ++s) {
      const zones::SteeredName& name = snapshot.services[s];
      if (name.service.reflect != policy::Reflect::nothing) continue;
      if (!one.service.empty() && name.service.name != one.service) continue;
      const std::uint16_t c =
          snapshot.locator
              ? snapshot.locator->locate(name.signature, one.network.address, one.network.length).service_class
              : std::uint16_t{0};
      const SitePairs& pairs = measuring.moves_of(s, family, c);
      if (!pairs.empty()) measuring.look_at(block, family, pairs, one.rate);
    }
  }
  return measuring.summary();
}

}  // namespace gslb::engine
