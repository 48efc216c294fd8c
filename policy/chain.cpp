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
Tiers apply_fence(const Tiers& tiers, const Step& step, const Service& service, const Chain& chain,
                  const geo::ClassAnswers& client) {
  const bool elsewhere = step.outside == Outside::anywhere || step.outside == Outside::sites;
  if (elsewhere && std::none_of(chain.members.begin(), chain.members.end(),
                                [&](EndpointIndex e) { return serves(service.endpoints[e], client); })) {
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

/// Where a member stands in the answer to a question, and up to which order others are its equals.
struct Standing {
  unsigned order = 0;
  unsigned reach = 0;
};

/// The answer to a partial question is ranks and how far each reaches, since only now is it known which endpoints are
/// left; so is every answer of a table of round trips. A member at several points stands where its best one does.
Standing standing_at(const QuestionPoints& place, const std::vector<std::uint16_t>& points, FilterKind kind,
                     const geo::Signature& asked, const geo::ClassAnswers& client) {
  if (place.question == QuestionPoints::none) return {last, last};
  const bool fastest = kind == FilterKind::fastest;
  const auto& answer = client.tiers[place.question + (fastest ? asked.nearest.size() : 0)];
  if (answer.empty()) return {};
  const auto begin = points.begin() + place.first;
  const std::uint16_t best =
      *std::min_element(begin, begin + place.count, [&](auto a, auto b) { return answer[a] < answer[b]; });
  const bool ranks = fastest || asked.nearest[place.question].partial;
  return {answer[best], ranks ? answer[answer.size() / 2 + best] : answer[best]};
}

/// The first of each tier and those that it reaches, then the same of the rest, and so on; endpoints without a place
/// come last.
Tiers split_by_standing(const Tiers& tiers, const Step& step, Aspect aspect, const geo::Signature& asked,
                        const geo::ClassAnswers& client) {
  const std::size_t f = aspect.index();
  Tiers out;
  for (const auto& tier : tiers) {
    std::map<unsigned, std::vector<EndpointIndex>> groups;
    std::map<unsigned, unsigned> reach;
    for (const EndpointIndex e : tier) {
      const Standing standing = standing_at(step.places[f][e], step.points[f], step.kind, asked, client);
      groups[standing.order].push_back(e);
      reach[standing.order] = standing.reach;
    }
    for (auto at = groups.begin(); at != groups.end();) {
      const unsigned end = reach[at->first];
      std::vector<EndpointIndex> members;
      for (; at != groups.end() && at->first <= end; ++at)
        members.insert(members.end(), at->second.begin(), at->second.end());
      std::sort(members.begin(), members.end());
      out.push_back(std::move(members));
    }
  }
  return out;
}

Tiers run_chain(const Service& service, const Chain& chain, const std::vector<Tiers>& inner, Aspect aspect,
                const geo::ClassAnswers& client, ChainTrace* trace) {
  Tiers tiers(1);
  for (const EndpointIndex e : chain.members) {
    const Endpoint& endpoint = service.endpoints[e];
    const bool there =
        endpoint.inner == Endpoint::no_inner ? service.has(endpoint, aspect) : !inner[endpoint.inner].empty();
    if (there) tiers[0].push_back(e);
  }
  if (tiers[0].empty()) tiers.clear();
  if (trace != nullptr) trace->push_back(tiers);
  for (const Step& step : chain.steps) {
    switch (step.kind) {
      case FilterKind::fence:
        tiers = apply_fence(tiers, step, service, chain, client);
        break;
      case FilterKind::nearest:
      case FilterKind::fastest:
        tiers = split_by_standing(tiers, step, aspect, service.signature, client);
        break;
      default:
        tiers = split(tiers, [&](EndpointIndex e) { return unsigned{service.endpoints[e].rank}; });
    }
    if (trace != nullptr) trace->push_back(tiers);
  }
  return tiers;
}

}  // namespace

bool serves(const Endpoint& endpoint, const geo::ClassAnswers& client) {
  return endpoint.region == Endpoint::no_region || client.inside[endpoint.region];
}

bool serves_through(const Service& service, EndpointIndex endpoint, const geo::ClassAnswers& client) {
  while (endpoint != Endpoint::no_inner) {
    if (!serves(service.endpoints[endpoint], client)) return false;
    endpoint = service.endpoints[endpoint].outer;
  }
  return true;
}

ClassTiers run_chains(const Service& service, Aspect aspect, const geo::ClassAnswers& client, ChainTraces* traces) {
  ClassTiers out;
  out.inner.resize(service.inner.size());
  if (traces != nullptr) traces->inner.resize(service.inner.size());
  const auto inner_trace = [&](std::size_t i) { return traces != nullptr ? &traces->inner[i] : nullptr; };
  for (std::size_t i = service.inner.size(); i-- > 0;)
    out.inner[i] = run_chain(service, service.inner[i], out.inner, aspect, client, inner_trace(i));
  out.own = run_chain(service, service, out.inner, aspect, client, traces != nullptr ? &traces->own : nullptr);
  out.canary_network =
      service.canary && service.canary->region != Endpoint::no_region && client.inside[service.canary->region];
  return out;
}

}  // namespace gslb::policy
