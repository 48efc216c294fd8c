#include "policy/guards.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace gslb::policy {

namespace {

std::vector<bool> members_of_canary(const Service& service) {
  std::vector<bool> out(service.endpoints.size());
  if (!service.canary) return out;
  for (const EndpointIndex e : service.inner[service.canary->inner].members) out[e] = true;
  return out;
}

/// The heaviest of those that are down stay, as many as are missing; the same on every node.
EffectiveWeights kept_of(const Service& service, Aspect aspect, const std::vector<EndpointState>& states,
                         const EffectiveWeights& effective, const std::vector<bool>& canary) {
  std::vector<std::size_t> down;
  std::size_t up = 0;
  for (std::size_t e = 0; e < states.size(); ++e) {
    if (!service.has(service.endpoints[e], aspect) || canary[e]) continue;
    if (effective[e] > 0) ++up;
    if (states[e].verdict == health::Verdict::down && !states[e].ordered) down.push_back(e);
  }
  EffectiveWeights out(states.size());
  if (up >= service.keep) return out;
  std::stable_sort(down.begin(), down.end(), [&](std::size_t a, std::size_t b) {
    const Endpoint& one = service.endpoints[a];
    const Endpoint& other = service.endpoints[b];
    return one.weight != other.weight ? one.weight > other.weight : one.key < other.key;
  });
  down.resize(std::min<std::size_t>(down.size(), service.keep - up));
  for (const std::size_t e : down) out[e] = std::max(service.endpoints[e].weight, 1U);
  return out;
}

/// All sites that are up and whose capacity and load are known, in one picture.
std::vector<SiteShare> load_of(const Service& service, const std::vector<EndpointState>& states,
                               const EffectiveWeights& effective, const std::vector<bool>& canary) {
  std::map<std::uint16_t, std::size_t> index;
  std::vector<SiteDemand> sites;
  const auto known = [&](std::size_t e) {
    return effective[e] > 0 && !canary[e] && service.endpoints[e].capacity > 0 && states[e].load;
  };
  for (std::size_t e = 0; e < states.size(); ++e) {
    if (!known(e) || !index.try_emplace(service.endpoints[e].site.value, sites.size()).second) continue;
    sites.push_back({static_cast<double>(service.endpoints[e].capacity), states[e].load->offered()});
  }
  if (sites.empty()) return {};
  const auto shares = share_load(sites, *service.spill_above);
  std::vector<SiteShare> out(states.size());
  for (std::size_t e = 0; e < states.size(); ++e) {
    if (known(e)) out[e] = shares[index.at(service.endpoints[e].site.value)];
  }
  return out;
}

std::uint8_t turn_of(const EndpointState& state) {
  if (!taken_out(state)) return 0;
  if (state.ordered == health::OrderKind::down) return 3;
  return state.verdict == health::Verdict::up ? 1 : 2;
}

}  // namespace

Guards guards_of(const Service& service, Aspect aspect, const std::vector<EndpointState>& states,
                 const EffectiveWeights& effective) {
  Guards out;
  for (const EndpointState& state : states) out.held.push_back(state.held);
  if (std::any_of(states.begin(), states.end(), taken_out)) {
    for (const EndpointState& state : states) out.turn.push_back(turn_of(state));
  }
  if (service.keep == 0 && !service.spill_above) return out;
  const std::vector<bool> canary = members_of_canary(service);
  if (service.keep > 0) out.kept = kept_of(service, aspect, states, effective, canary);
  if (service.spill_above) out.load = load_of(service, states, effective, canary);
  return out;
}

}  // namespace gslb::policy
