#include "policy/chain.hpp"

#include <algorithm>
#include <map>

namespace gslb::policy {

namespace {

/// Splits every tier by a key; lower keys come first, the order inside a group stays.
template <class Key>
Tiers split(const Tiers& tiers, Key key) {
  Tiers out;
  for (const auto& tier : tiers) {
    std::map<unsigned, std::vector<EndpointIndex>> groups;
    for (const EndpointIndex e : tier) groups[key(e)].push_back(e);
    for (auto& [order, group] : groups) out.push_back(std::move(group));
  }
  return out;
}

constexpr unsigned last = 0xffff;

bool serves(const Endpoint& endpoint, const geo::ClassAnswers& client) {
  return endpoint.region == Endpoint::no_region || client.inside[endpoint.region];
}

unsigned nearness(const QuestionPoint& place, const geo::ClassAnswers& client) {
  if (place.question == QuestionPoint::none) return last;
  const auto& tiers = client.tiers[place.question];
  return tiers.empty() ? 0 : tiers[place.point];
}

/// Configured weights, or 1 for each where all are 0: weight 0 means "only if there is nothing else".
EffectiveWeights configured_weights(const Service& service, const Tiers& tiers) {
  EffectiveWeights out(service.endpoints.size(), 0.0);
  double sum = 0;
  for (const auto& tier : tiers) {
    for (const EndpointIndex e : tier) sum += out[e] = service.endpoints[e].weight;
  }
  if (sum == 0) {
    for (const auto& tier : tiers) {
      for (const EndpointIndex e : tier) out[e] = 1;
    }
  }
  return out;
}

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

}  // namespace

Tiers run_chain(const Service& service, base::Family family, const geo::ClassAnswers& client) {
  Tiers tiers(1);
  for (std::size_t i = 0; i < service.endpoints.size(); ++i) {
    if (service.endpoints[i].address(family)) tiers[0].push_back(static_cast<EndpointIndex>(i));
  }
  for (const Step& step : service.steps) {
    switch (step.kind) {
      case FilterKind::fence:
        tiers = split(tiers, [&](EndpointIndex e) { return serves(service.endpoints[e], client) ? 0U : last; });
        if (step.strict) {
          std::erase_if(tiers, [&](const auto& tier) { return !serves(service.endpoints[tier.front()], client); });
        }
        break;
      case FilterKind::nearest: {
        const auto& points = step.points[static_cast<std::size_t>(family)];
        tiers = split(tiers, [&](EndpointIndex e) { return nearness(points[e], client); });
        break;
      }
      default:
        tiers = split(tiers, [&](EndpointIndex e) { return unsigned{service.endpoints[e].rank}; });
    }
  }
  return tiers;
}

Shares share_tiers(const Service& service, const Tiers& tiers, const EffectiveWeights& effective) {
  Shares out;
  const EffectiveWeights configured = configured_weights(service, tiers);
  const double all = sum_over(tiers, configured);
  // Members of weight 0 stand in for one another only when nothing else is up, so they count as their stand-in weight.
  EffectiveWeights weights(effective.size(), 0.0);
  double up = 0;
  for (const auto& tier : tiers) {
    for (const EndpointIndex e : tier) {
      const double configured_weight = service.endpoints[e].weight;
      weights[e] = configured_weight > 0 ? effective[e] : 0;
      up += weights[e];
    }
  }
  if (up == 0) {
    for (const auto& tier : tiers) {
      for (const EndpointIndex e : tier) {
        if (service.endpoints[e].weight == 0 && effective[e] > 0) up += weights[e] = effective[e];
      }
    }
  }
  const bool may_open = service.all_down == AllDown::as_if_up;
  if (all == 0 || (up == 0 && !may_open)) {
    out.mode = Mode::nothing;
    out.consulted = tiers.size();
    return out;
  }
  if (may_open && (up == 0 || up < service.panic_below * all)) {
    out.mode = Mode::fail_open;
    weights = configured;
  }

  double left = 1;
  for (const auto& tier : tiers) {
    ++out.consulted;
    const double have = sum_over(tier, weights);
    if (have == 0) continue;
    const double a = have / std::max(sum_over(tier, configured), have);
    const double keep = service.spill_below > 0 ? std::min(1.0, a / service.spill_below) : 1.0;
    TierShare share{{}, left * keep};
    for (const EndpointIndex e : tier) {
      if (weights[e] > 0) share.members.push_back(e);
    }
    out.tiers.push_back(std::move(share));
    left -= left * keep;
    if (left < 1e-9) break;
  }
  for (TierShare& tier : out.tiers) tier.share /= 1 - left;
  out.weights = std::move(weights);
  return out;
}

}  // namespace gslb::policy
