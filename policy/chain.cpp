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

/// Who is outside is decided over both families: a client must not leave its fence because an endpoint inside lacks an
/// address of one.
Tiers apply_fence(const Tiers& tiers, const Step& step, const Service& service, const geo::ClassAnswers& client) {
  const bool elsewhere = step.outside == Outside::anywhere || step.outside == Outside::sites;
  if (elsewhere && std::none_of(service.endpoints.begin(), service.endpoints.end(),
                                [&](const Endpoint& endpoint) { return serves(endpoint, client); })) {
    Tiers out = tiers;
    if (step.outside == Outside::anywhere) return out;
    for (auto& tier : out) std::erase_if(tier, [&](EndpointIndex e) { return !step.outside_members[e]; });
    std::erase_if(out, [](const auto& tier) { return tier.empty(); });
    return out;
  }
  Tiers out = split(tiers, [&](EndpointIndex e) { return serves(service.endpoints[e], client) ? 0U : last; });
  if (step.strict)
    std::erase_if(out, [&](const auto& tier) { return !serves(service.endpoints[tier.front()], client); });
  return out;
}

/// The nearest of the tier's endpoints and those within the tolerance of it, then the same of the rest, and so on;
/// endpoints without a place come last. The answer to a partial question is ranks and how far each reaches, since only
/// now is it known which endpoints are left.
Tiers split_by_distance(const Tiers& tiers, const std::vector<QuestionPoint>& points, const geo::Signature& asked,
                        const geo::ClassAnswers& client) {
  Tiers out;
  for (const auto& tier : tiers) {
    std::map<unsigned, std::vector<EndpointIndex>> groups;
    std::map<unsigned, unsigned> reach;
    for (const EndpointIndex e : tier) {
      const QuestionPoint& place = points[e];
      if (place.question == QuestionPoint::none) {
        groups[last].push_back(e);
        continue;
      }
      const auto& answer = client.tiers[place.question];
      const unsigned order = answer.empty() ? 0 : answer[place.point];
      groups[order].push_back(e);
      const auto& question = asked.nearest[place.question];
      reach[order] = question.partial && !answer.empty() ? answer[question.points.size() + place.point] : order;
    }
    for (auto at = groups.begin(); at != groups.end();) {
      const unsigned end = at->first == last ? last : reach[at->first];
      std::vector<EndpointIndex> members;
      for (; at != groups.end() && at->first <= end; ++at)
        members.insert(members.end(), at->second.begin(), at->second.end());
      std::sort(members.begin(), members.end());
      out.push_back(std::move(members));
    }
  }
  return out;
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

bool serves(const Endpoint& endpoint, const geo::ClassAnswers& client) {
  return endpoint.region == Endpoint::no_region || client.inside[endpoint.region];
}

Tiers run_chain(const Service& service, Aspect aspect, const geo::ClassAnswers& client, ChainTrace* trace) {
  Tiers tiers(1);
  for (std::size_t i = 0; i < service.endpoints.size(); ++i) {
    if (service.has(service.endpoints[i], aspect)) tiers[0].push_back(static_cast<EndpointIndex>(i));
  }
  if (trace != nullptr) trace->push_back(tiers);
  for (const Step& step : service.steps) {
    switch (step.kind) {
      case FilterKind::fence:
        tiers = apply_fence(tiers, step, service, client);
        break;
      case FilterKind::nearest: {
        const auto& points = step.points[aspect.index()];
        tiers = split_by_distance(tiers, points, service.signature, client);
        break;
      }
      default:
        tiers = split(tiers, [&](EndpointIndex e) { return unsigned{service.endpoints[e].rank}; });
    }
    if (trace != nullptr) trace->push_back(tiers);
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
    out.mode = tiers.empty() ? Mode::fenced : Mode::nothing;
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
    TierLoad& load = out.loads.emplace_back(TierLoad{have, sum_over(tier, configured), 0});
    if (have == 0) continue;
    const double a = have / std::max(load.configured, have);
    const double keep = service.spill_below > 0 ? std::min(1.0, a / service.spill_below) : 1.0;
    load.keeps = keep;
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
