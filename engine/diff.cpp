#include "engine/diff.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "engine/both_worlds.hpp"
#include "engine/config_changes.hpp"

namespace gslb::engine {

namespace {

constexpr std::array families{base::Family::v4, base::Family::v6};

const char* unit_of(base::Family family) { return family == base::Family::v4 ? "IPv4 addresses" : "IPv6 addresses"; }

std::optional<std::size_t> find(const Snapshot& snapshot, const std::string& name) {
  for (std::size_t s = 0; s < snapshot.services.size(); ++s) {
    const policy::Service& service = snapshot.services[s].service;
    if (service.name == name && service.reflect == policy::Reflect::nothing) return s;
  }
  return std::nullopt;
}

/// How much of the world is a pair of place classes.
struct PairExtent {
  double addresses = 0;
  std::uint64_t networks = 0;
  geo::Block largest;
};
using Pairs = std::map<std::pair<std::uint16_t, std::uint16_t>, PairExtent>;

/// One service on both sides.
class ServiceDiff {
 public:
  ServiceDiff(const Side& before, const Side& after, std::size_t old_service, std::size_t new_service,
              const std::array<std::vector<bool>, 2>& known)
      : sides_{Half{before.snapshot, old_service, &known[0], {}}, Half{after.snapshot, new_service, &known[1], {}}} {
    for (Half& half : sides_) {
      const zones::SteeredName& name = half.snapshot->services[half.service];
      const DownSites none(half.snapshot->sites.size(), false);
      half.plan =
          policy::make_plan(name.service, half.snapshot->classes[name.signature], states_when(name.service, none));
    }
    out_.service = before.snapshot->services[old_service].service.name;
  }

  void add(base::Family client, const Pairs& pairs) {
    double total = 0;
    double moved = 0;
    for (const auto& [pair, extent] : pairs) {
      const std::array classes{class_in_place(*sides_[0].snapshot, sides_[0].service, pair.first),
                               class_in_place(*sides_[1].snapshot, sides_[1].service, pair.second)};
      if (!counts(pair)) continue;
      total += extent.addresses;
      const std::vector<Move>& moves = moves_of(client, classes);
      if (moves.empty()) continue;
      out_.networks += extent.networks;
      for (const Move& move : moves) {
        moved += move.part * extent.addresses;
        weights_[{client, outcomes_[move.from].label(), outcomes_[move.to].label()}] += move.part * extent.addresses;
      }
      note_example(client, extent.largest, moves);
    }
    finish(unit_of(client), client, moved, total);
  }

  void add(const std::vector<Traffic>& traffic) {
    double total = 0;
    double moved = 0;
    for (const Traffic& one : traffic) {
      if (!one.service.empty() && one.service != out_.service) continue;
      std::array<std::uint16_t, 2> classes{};
      for (std::size_t i = 0; i < 2; ++i) {
        const Snapshot& snapshot = *sides_[i].snapshot;
        if (snapshot.locator)
          classes[i] =
              snapshot.locator
                  ->locate(snapshot.services[sides_[i].service].signature, one.network.address, one.network.length)
                  .service_class;
      }
      total += one.rate;
      const base::Family client = one.network.address.family;
      const std::vector<Move>& moves = moves_of(client, classes);
      if (moves.empty()) continue;
      ++out_.networks;
      for (const Move& move : moves) {
        moved += move.part * one.rate;
        weights_[{base::Family::v4, outcomes_[move.from].label(), outcomes_[move.to].label()}] += move.part * one.rate;
      }
      const geo::Block block{geo::number_of(one.network.address), geo::last_of(one.network), 0};
      note_example(client, block, moves);
    }
    finish("req/s", base::Family::v4, moved, total);
  }

  /// Every network that moves, in order.
  void each_network(base::Family client, const EachNetwork& each) {
    std::vector<Move> running;
    geo::Block block;
    const auto flush = [&] {
      for (const Move& move : running) {
        for (const base::Prefix& network : geo::networks(block, client))
          each(out_.service, {network, outcomes_[move.from].label(), outcomes_[move.to].label(), move.part});
      }
    };
    walk_both(sides_[0].snapshot->locator.get(), sides_[1].snapshot->locator.get(), client, [&](const PairBlock& pair) {
      const std::array classes{class_in_place(*sides_[0].snapshot, sides_[0].service, pair.block.place_class),
                               class_in_place(*sides_[1].snapshot, sides_[1].service, pair.second)};
      const bool counted = counts({pair.block.place_class, pair.second});
      const std::vector<Move> moves = counted ? moves_of(client, classes) : std::vector<Move>();
      if (moves == running) {
        block.last = pair.block.last;
        return;
      }
      flush();
      running = moves;
      block = pair.block;
    });
    flush();
  }

  ServiceDifference take() {
    out_.kind = out_.networks > 0 ? ServiceDifference::Kind::moved : ServiceDifference::Kind::same;
    std::stable_sort(out_.moves.begin(), out_.moves.end(),
                     [](const Relocation& a, const Relocation& b) { return a.weight > b.weight; });
    std::stable_sort(out_.examples.begin(), out_.examples.end(),
                     [](const MovedNetwork& a, const MovedNetwork& b) { return a.network.length < b.network.length; });
    if (out_.examples.size() > Difference::most_examples) out_.examples.resize(Difference::most_examples);
    return std::move(out_);
  }

 private:
  struct Half {
    const Snapshot* snapshot = nullptr;
    std::size_t service = 0;
    const std::vector<bool>* known = nullptr;  ///< by place class
    policy::Plan plan;
  };

  /// Special-purpose addresses and places that neither side knows are nobody.
  bool counts(const std::pair<std::uint16_t, std::uint16_t>& places) const {
    const auto half_counts = [](const Half& half, std::uint16_t place) {
      return (*half.known)[place] && !(half.snapshot->locator && half.snapshot->locator->special(place));
    };
    return half_counts(sides_[0], places.first) || half_counts(sides_[1], places.second);
  }

  const std::vector<Move>& moves_of(base::Family client, const std::array<std::uint16_t, 2>& classes) {
    const auto [known, is_new] = known_.try_emplace({client, classes[0], classes[1]});
    if (!is_new) return known->second;
    std::array<Distribution, 2> got;
    for (std::size_t i = 0; i < 2; ++i) {
      const Half& half = sides_[i];
      const policy::Aspect aspect = asked_for(half.snapshot->services[half.service].service, client);
      const policy::AspectPlan& plan = half.plan.under(aspect);
      got[i] = outcomes_.of(*half.snapshot, half.service, aspect, plan, plan.classes[classes[i]]);
    }
    known->second = moves(got[0], got[1]);
    return known->second;
  }

  void note_example(base::Family client, const geo::Block& block, const std::vector<Move>& moves) {
    const auto networks = geo::networks(block, client);
    const auto largest = std::min_element(networks.begin(), networks.end(),
                                          [](const auto& a, const auto& b) { return a.length < b.length; });
    const auto most =
        std::max_element(moves.begin(), moves.end(), [](const Move& a, const Move& b) { return a.part < b.part; });
    double part = 0;
    for (const Move& move : moves) part += move.part;
    out_.examples.push_back({*largest, outcomes_[most->from].label(), outcomes_[most->to].label(), part});
  }

  void finish(const char* unit, base::Family client, double moved, double total) {
    if (total == 0) return;
    out_.moved.emplace_back(unit, moved / total);
    if (out_.moved.size() > 1) return;
    for (const auto& [key, weight] : weights_) {
      const auto& [family, from, to] = key;
      if (family == client) out_.moves.push_back({from, to, weight / total});
    }
  }

  std::array<Half, 2> sides_;
  Outcomes outcomes_;
  std::map<std::tuple<base::Family, std::uint16_t, std::uint16_t>, std::vector<Move>> known_;
  std::map<std::tuple<base::Family, std::string, std::string>, double> weights_;
  ServiceDifference out_;
};

Pairs pairs_of(const Side& before, const Side& after, base::Family family) {
  Pairs out;
  walk_both(before.snapshot->locator.get(), after.snapshot->locator.get(), family, [&](const PairBlock& pair) {
    PairExtent& extent = out[{pair.block.place_class, pair.second}];
    if (extent.networks == 0 || pair.block.last - pair.block.first > extent.largest.last - extent.largest.first)
      extent.largest = pair.block;
    extent.addresses += geo::addresses(pair.block, family);
    extent.networks += geo::count_networks(pair.block, family);
  });
  return out;
}

}  // namespace

double ServiceDifference::most_moved() const noexcept {
  if (kind == Kind::removed) return 1;
  double out = 0;
  for (const auto& [unit, part] : moved) out = std::max(out, part);
  return out;
}

bool Difference::same() const noexcept {
  return std::all_of(services.begin(), services.end(),
                     [](const auto& s) { return s.kind == ServiceDifference::Kind::same; });
}

double Difference::most_moved() const noexcept {
  double out = 0;
  for (const ServiceDifference& service : services) out = std::max(out, service.most_moved());
  return out;
}

Difference diff(const Side& before, const Side& after, const std::vector<Traffic>& traffic, const EachNetwork& each) {
  Difference out;
  const std::array known{known_places(*before.snapshot), known_places(*after.snapshot)};
  std::array<Pairs, 2> pairs;
  if (traffic.empty()) {
    for (std::size_t f = 0; f < 2; ++f) pairs[f] = pairs_of(before, after, families[f]);
  }
  for (std::size_t s = 0; s < before.snapshot->services.size(); ++s) {
    const policy::Service& service = before.snapshot->services[s].service;
    if (service.reflect != policy::Reflect::nothing) continue;
    const auto same = find(*after.snapshot, service.name);
    if (!same) {
      ServiceDifference& gone = out.services.emplace_back();
      gone.service = service.name;
      gone.kind = ServiceDifference::Kind::removed;
      continue;
    }
    ServiceDiff one(before, after, s, *same, known);
    if (traffic.empty()) {
      for (std::size_t f = 0; f < 2; ++f) one.add(families[f], pairs[f]);
    } else {
      one.add(traffic);
    }
    if (each) {
      for (const auto family : families) one.each_network(family, each);
    }
    ServiceDifference& found = out.services.emplace_back(one.take());
    if (found.kind == ServiceDifference::Kind::moved)
      found.because = changes_of(*before.config, *after.config, service.name);
  }
  for (const zones::SteeredName& name : after.snapshot->services) {
    if (name.service.reflect != policy::Reflect::nothing || find(*before.snapshot, name.service.name)) continue;
    ServiceDifference& added = out.services.emplace_back();
    added.service = name.service.name;
    added.kind = ServiceDifference::Kind::added;
  }
  return out;
}

}  // namespace gslb::engine
