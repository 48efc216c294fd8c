#include "policy/shares.hpp"

#include <algorithm>
#include <utility>

namespace gslb::policy {

namespace {

double sum_over(const std::vector<EndpointIndex>& members, const EffectiveWeights& weights) {
  double sum = 0;
  for (const EndpointIndex e : members) sum += weights[e];
  return sum;
}

double sum_over(const Tiers& tiers, const EffectiveWeights& weights) {
  double sum = 0;
  for (const auto& tier : tiers) sum += sum_over(tier, weights);
  return sum;
}

/// What each tier of one chain keeps, from the first on.
struct Walk {
  std::vector<double> share;  ///< of the clients, by tier
  double left = 1;            ///< for whom no tier had room
  double carries = 0;         ///< what of the weight of the whole can be taken now
  std::vector<TierLoad> loads;
};

class Sharing {
 public:
  Sharing(const Service& service, const ClassTiers& tiers, EffectiveWeights effective, const Guards& guards)
      : service_(service),
        tiers_(tiers),
        guards_(guards),
        effective_(std::move(effective)),
        configured_(effective_.size()),
        weights_(effective_.size()),
        walks_(service.inner.size()) {}

  Shares run() {
    for (std::size_t i = service_.inner.size(); i-- > 0;) walk_inner(i);
    const bool may_open = service_.all_down == AllDown::as_if_up;
    const Tiers& own = tiers_.own;
    set_configured(own);
    const double up = set_weights(own, may_open);
    const double all = sum_over(own, configured_);
    const bool lost = all == 0 || (up == 0 && !may_open);
    if (lost && !only_canary()) {
      out_.mode = own.empty() ? Mode::fenced : Mode::nothing;
      out_.consulted = own.size();
      return std::move(out_);
    }
    if (!lost && may_open && (up == 0 || up < service_.panic_below * trusted(own))) open();
    out_.draws.resize(effective_.size());
    const double canary = canary_share();
    if (!lost) {
      const Walk walk = walk_tiers(service_, own);
      out_.consulted = walk.loads.size();
      out_.loads = walk.loads;
      flatten(service_, own, walk, 1 - canary, false);
      if (out_.mode == Mode::normal && !guards_.load.empty()) spread_load(1 - canary);
    }
    if (canary > 0) flatten_inner(service_.canary->inner, canary, true);
    std::erase_if(out_.tiers, [](const TierShare& tier) { return tier.share <= 0; });
    out_.weights = std::move(weights_);
    return std::move(out_);
  }

 private:
  static constexpr unsigned last_turn = 3;
  double configured_of(EndpointIndex e) const { return service_.endpoints[e].weight; }
  bool held(EndpointIndex e) const { return !guards_.held.empty() && guards_.held[e]; }
  /// In which turn it stands in when nothing else exists; 0: people did not take it out, or not all that is inside of
  /// it.
  unsigned turn(EndpointIndex e) const {
    if (guards_.turn.empty()) return 0;
    const std::uint16_t inner = service_.endpoints[e].inner;
    return inner == Endpoint::no_inner ? guards_.turn[e] : first_turn(tiers_.inner[inner]);
  }
  unsigned first_turn(const Tiers& tiers) const {
    unsigned first = last_turn;
    for (const auto& tier : tiers) {
      for (const EndpointIndex e : tier) first = std::min(first, turn(e));
    }
    return first;
  }
  /// The configured weight of those whose health is a matter of probes.
  double trusted(const Tiers& tiers) const {
    double sum = 0;
    for (const auto& tier : tiers) {
      for (const EndpointIndex e : tier) sum += turn(e) == 0 ? configured_[e] : 0;
    }
    return sum;
  }
  double kept(EndpointIndex e) const { return guards_.kept.empty() ? 0 : guards_.kept[e]; }

  /// Configured weights, or 1 for each where all are 0: weight 0 means "only if there is nothing else".
  void set_configured(const Tiers& tiers) {
    double sum = 0;
    for (const auto& tier : tiers) {
      for (const EndpointIndex e : tier) sum += configured_[e] = configured_of(e);
    }
    if (sum > 0) return;
    for (const auto& tier : tiers) {
      for (const EndpointIndex e : tier) configured_[e] = 1;
    }
  }

  template <class Is>
  double take_weights(const Tiers& tiers, Is is) {
    double up = 0;
    for (const auto& tier : tiers) {
      for (const EndpointIndex e : tier) up += weights_[e] = is(e) ? effective_[e] : 0;
    }
    return up;
  }

  /// The weights of those that are up; else of those held back; else of those of weight 0, which stand in for one
  /// another only when nothing else is up; else, where health is not ignored then, of those that are kept.
  double set_weights(const Tiers& tiers, bool may_open) {
    double up = take_weights(tiers, [&](EndpointIndex e) { return configured_of(e) > 0 && !held(e); });
    if (up == 0) up = take_weights(tiers, [&](EndpointIndex e) { return configured_of(e) > 0; });
    if (up == 0) up = take_weights(tiers, [](EndpointIndex) { return true; });
    if (up > 0 || may_open) return up;
    for (const auto& tier : tiers) {
      for (const EndpointIndex e : tier) up += weights_[e] = kept(e);
    }
    return up;
  }

  void walk_inner(std::size_t i) {
    const Tiers& tiers = tiers_.inner[i];
    set_configured(tiers);
    set_weights(tiers, true);
    walks_[i] = walk_tiers(service_.inner[i], tiers);
    for (std::size_t e = 0; e < service_.endpoints.size(); ++e) {
      const Endpoint& endpoint = service_.endpoints[e];
      if (endpoint.inner == i) effective_[e] = std::max(endpoint.weight, 1U) * walks_[i].carries;
    }
  }

  /// From now on all members are up that people did not take out; if there are none, those that they took out least.
  void open() {
    const unsigned last = first_turn(tiers_.own);
    out_.mode = last == 0 ? Mode::fail_open : Mode::last_resort;
    for (std::size_t i = service_.inner.size(); i-- > 0;) {
      if (service_.canary && service_.canary->inner == i) continue;
      weigh_as_configured(tiers_.inner[i], last);
      walks_[i] = walk_tiers(service_.inner[i], tiers_.inner[i]);
    }
    weigh_as_configured(tiers_.own, last);
  }
  void weigh_as_configured(const Tiers& tiers, unsigned last) {
    double sum = 0;
    for (const auto& tier : tiers) {
      for (const EndpointIndex e : tier) sum += weights_[e] = turn(e) <= last ? configured_[e] : 0;
    }
    if (sum > 0) return;
    for (const auto& tier : tiers) {
      for (const EndpointIndex e : tier) weights_[e] = turn(e) <= last ? 1 : 0;
    }
  }

  Walk walk_tiers(const Chain& chain, const Tiers& tiers) const {
    Walk out;
    for (const auto& tier : tiers) {
      const double have = sum_over(tier, weights_);
      TierLoad& load = out.loads.emplace_back(TierLoad{have, sum_over(tier, configured_), 0});
      const double a = have > 0 ? have / std::max(load.configured, have) : 0;
      if (a > 0) load.keeps = chain.spill_below > 0 ? std::min(1.0, a / chain.spill_below) : 1.0;
      out.share.push_back(out.left * load.keeps);
      if (a > 0) out.carries += out.left * a;
      out.left -= out.share.back();
      if (out.left < 1e-9) break;
    }
    if (out.left < 1e-9) out.left = 0;
    return out;
  }

  /// Without `weighted` members draw alike, but one in slow start still draws less.
  double draw_of(const Chain& chain, EndpointIndex e) const {
    double weight = weights_[e];
    if (weight == 0 && out_.mode == Mode::normal) weight = kept(e);
    if (chain.weighted) return weight;
    if (out_.mode != Mode::normal) return weight > 0 ? 1 : 0;
    return weight / std::max(service_.endpoints[e].weight, 1U);
  }

  /// Adds the part of each tier; where an inner service draws, the parts of its own tiers.
  void flatten(const Chain& chain, const Tiers& tiers, const Walk& walk, double scale, bool canary) {
    for (std::size_t t = 0; t < walk.share.size(); ++t) {
      if (walk.share[t] <= 0) continue;
      const double share = scale * walk.share[t] / (1 - walk.left);
      TierShare addresses{{}, 0, canary};
      double sum = 0;
      for (const EndpointIndex e : tiers[t]) sum += draw_of(chain, e);
      for (const EndpointIndex e : tiers[t]) {
        const double draw = draw_of(chain, e);
        if (draw == 0) continue;
        const std::uint16_t inner = service_.endpoints[e].inner;
        if (inner != Endpoint::no_inner) {
          flatten_inner(inner, share * draw / sum, canary);
          continue;
        }
        out_.draws[e] = draw;
        addresses.members.push_back(e);
        addresses.share += share * draw / sum;
      }
      if (!addresses.members.empty()) out_.tiers.push_back(std::move(addresses));
    }
  }
  void flatten_inner(std::size_t i, double scale, bool canary) {
    flatten(service_.inner[i], tiers_.inner[i], walks_[i], scale, canary);
  }

  /// Nobody but the canary is there for these clients, and it is for all of them.
  bool only_canary() const { return canary_share() == 1; }

  /// What part goes to the canary: it only takes what it can carry, and falls back to the others.
  double canary_share() const {
    if (!service_.canary) return 0;
    const double wanted = tiers_.canary_network ? 1 : service_.canary->share;
    return wanted * (1 - walks_[service_.canary->inner].left);
  }

  /// Every site gives away what it may not keep; those with room take it, whichever tier they are in.
  void spread_load(double total) {
    EffectiveWeights part(effective_.size(), 0.0);
    double given = 0;
    for (const TierShare& tier : out_.tiers) {
      const double sum = sum_over(tier.members, out_.draws);
      for (const EndpointIndex e : tier.members) {
        const double share = tier.share * out_.draws[e] / sum;
        part[e] = share * guards_.load[e].kept;
        given += share - part[e];
      }
    }
    if (given <= 1e-12 * total) return;
    out_.consulted = tiers_.own.size();
    const auto takers = all_up();
    EffectiveWeights room(effective_.size(), 0.0);
    set_room(takers, room, [](const SiteShare& site) { return site.spare; });
    double sum = sum_over(takers, room);
    if (sum == 0) {
      set_room(takers, room, [](const SiteShare& site) { return site.reserve; });
      sum = sum_over(takers, room);
    }
    for (const EndpointIndex e : takers) part[e] += given * room[e] / sum;
    for (TierShare& tier : out_.tiers) {
      tier.share = sum_over(tier.members, part);
      for (const EndpointIndex e : tier.members) {
        out_.draws[e] = std::exchange(part[e], 0);
      }
    }
    TierShare others;
    for (const EndpointIndex e : takers) {
      if (part[e] == 0) continue;
      others.share += out_.draws[e] = part[e];
      others.members.push_back(e);
    }
    if (!others.members.empty()) out_.tiers.push_back(std::move(others));
  }

  /// The room of a site is that of its endpoints together, by their weights.
  template <class Room>
  void set_room(const std::vector<EndpointIndex>& takers, EffectiveWeights& room, Room room_of) const {
    std::vector<double> weight_at;
    const auto site = [&](EndpointIndex e) { return service_.endpoints[e].site.value; };
    for (const EndpointIndex e : takers) {
      weight_at.resize(std::max<std::size_t>(weight_at.size(), site(e) + 1U));
      weight_at[site(e)] += weights_[e];
    }
    for (const EndpointIndex e : takers) room[e] = room_of(guards_.load[e]) * weights_[e] / weight_at[site(e)];
  }

  /// Addresses that are up, of any tier that these clients may reach, but for the canary's.
  std::vector<EndpointIndex> all_up() const {
    std::vector<EndpointIndex> out;
    for_each_address(service_, tiers_, tiers_.own, [&](EndpointIndex e) {
      if (weights_[e] > 0) out.push_back(e);
    });
    return out;
  }

  const Service& service_;
  const ClassTiers& tiers_;
  const Guards& guards_;
  EffectiveWeights effective_;
  EffectiveWeights configured_;
  EffectiveWeights weights_;
  std::vector<Walk> walks_;
  Shares out_;
};

}  // namespace

Shares share_tiers(const Service& service, const ClassTiers& tiers, EffectiveWeights effective, const Guards& guards) {
  effective.resize(service.endpoints.size());
  return Sharing(service, tiers, std::move(effective), guards).run();
}

}  // namespace gslb::policy
