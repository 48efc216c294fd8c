#include "engine/diff.hpp"

#include <algorithm>
#include <array>
#include <functional>
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
using Pair = std::pair<std::uint16_t, std::uint16_t>;
using Pairs = std::map<Pair, PairExtent>;
/// How many addresses of each country.
using Countries = std::map<geo::Code, double>;

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
      moving_[client].push_back({pair, classes});
      for (const Move& move : moves) {
        moved += move.part * extent.addresses;
        weights_[{client, outcomes_[move.from].label(), outcomes_[move.to].label()}] += move.part * extent.addresses;
      }
      note_example(client, extent.largest, moves);
    }
    finish(unit_of(client), client, moved, total);
  }

  /// The pairs that a part moves of, in the unit that moves are told in.
  std::optional<base::Family> told_family() const noexcept { return told_; }
  void add_moving(base::Family client, std::map<Pair, Countries>& pairs) const {
    const auto at = moving_.find(client);
    if (at == moving_.end()) return;
    for (const auto& [pair, classes] : at->second) pairs.try_emplace(pair);
  }
  void add_countries(base::Family client, const std::map<Pair, Countries>& pairs) {
    const auto at = moving_.find(client);
    if (at == moving_.end()) return;
    for (const auto& [pair, classes] : at->second) {
      const std::vector<Move>& moves = moves_of(client, classes);
      for (const auto& [country, weight] : pairs.at(pair)) add_country(country, weight, moves);
    }
  }

  void add(const std::vector<Traffic>& traffic, const geo::Atlas* atlas) {
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
      if (atlas == nullptr) continue;
      const double all = geo::addresses(block, client);
      atlas->visit(block, client, [&](geo::AddressNumber first, geo::AddressNumber last, const auto& place) {
        add_country(place.country, one.rate * geo::addresses({first, last, 0}, client) / all, moves);
      });
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
    for (const auto& [country, moves] : by_country_) {
      CountryMoves& one = out_.countries.emplace_back();
      if (country != geo::Code{}) one.country.assign(country.begin(), country.end());
      for (const auto& [way, weight] : moves) {
        one.moves.push_back({way.first, way.second, weight / total_});
        one.weight += weight / total_;
      }
      std::ranges::stable_sort(one.moves, std::greater<>(), &Relocation::weight);
    }
    std::ranges::stable_sort(out_.countries, std::greater<>(), &CountryMoves::weight);
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

  void add_country(const geo::Code& country, double weight, const std::vector<Move>& moves) {
    for (const Move& move : moves)
      by_country_[country][{outcomes_[move.from].label(), outcomes_[move.to].label()}] += move.part * weight;
  }

  void finish(const char* unit, base::Family client, double moved, double total) {
    if (total == 0) return;
    out_.moved.emplace_back(unit, moved / total);
    if (out_.moved.size() > 1) return;
    told_ = client;
    total_ = total;
    for (const auto& [key, weight] : weights_) {
      const auto& [family, from, to] = key;
      if (family == client) out_.moves.push_back({from, to, weight / total});
    }
  }

  std::array<Half, 2> sides_;
  Outcomes outcomes_;
  std::map<std::tuple<base::Family, std::uint16_t, std::uint16_t>, std::vector<Move>> known_;
  std::map<std::tuple<base::Family, std::string, std::string>, double> weights_;
  std::map<base::Family, std::vector<std::pair<Pair, std::array<std::uint16_t, 2>>>> moving_;
  std::map<geo::Code, std::map<std::pair<std::string, std::string>, double>> by_country_;
  std::optional<base::Family> told_;  ///< the first unit
  double total_ = 0;                  ///< of it
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

/// Which countries the pairs lie in that some service's clients move in: one more walk for all services together.
void find_countries(const Side& before, const Side& after, const geo::Atlas& atlas, base::Family family,
                    std::map<Pair, Countries>& pairs) {
  if (pairs.empty()) return;
  walk_both(before.snapshot->locator.get(), after.snapshot->locator.get(), family, [&](const PairBlock& both) {
    const auto moving = pairs.find({both.block.place_class, both.second});
    if (moving == pairs.end()) return;
    atlas.visit(both.block, family, [&](geo::AddressNumber first, geo::AddressNumber last, const auto& place) {
      moving->second[place.country] += geo::addresses({first, last, 0}, family);
    });
  });
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

Difference diff(const Side& before, const Side& after, const std::vector<Traffic>& traffic, const EachNetwork& each,
                const geo::Atlas* atlas) {
  Difference out;
  std::vector<std::pair<std::size_t, ServiceDiff>> compared;  // place in `out`
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
    ServiceDiff& one = compared.emplace_back(out.services.size(), ServiceDiff(before, after, s, *same, known)).second;
    out.services.emplace_back().service = service.name;
    if (traffic.empty()) {
      for (std::size_t f = 0; f < 2; ++f) one.add(families[f], pairs[f]);
    } else {
      one.add(traffic, atlas);
    }
    if (each) {
      for (const auto family : families) one.each_network(family, each);
    }
  }
  for (const auto family : families) {
    if (atlas == nullptr || !traffic.empty()) break;
    const auto told = [&](const auto& one) { return one.second.told_family() == family; };
    std::map<Pair, Countries> moving;
    for (const auto& one : compared) {
      if (told(one)) one.second.add_moving(family, moving);
    }
    find_countries(before, after, *atlas, family, moving);
    for (auto& one : compared) {
      if (told(one)) one.second.add_countries(family, moving);
    }
  }
  for (auto& [place, one] : compared) {
    ServiceDifference& found = out.services[place] = one.take();
    if (found.kind == ServiceDifference::Kind::moved)
      found.because = changes_of(*before.config, *after.config, found.service);
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
