#include "engine/outcomes.hpp"

#include <algorithm>

namespace gslb::engine {

namespace {

/// What an endpoint is answered with: its addresses under the aspect, or its name where that is the answer.
std::string target_of(const policy::Service& service, const policy::Endpoint& endpoint, policy::Aspect aspect) {
  if (service.alias) return endpoint.host;
  std::string out;
  for (const auto family : {base::Family::v4, base::Family::v6}) {
    const auto& address = endpoint.address(family);
    if (address && aspect.sees(family)) out += (out.empty() ? "" : " ") + base::to_string(*address);
  }
  return out;
}

Outcome outcome_of(const Snapshot& snapshot, const policy::Service& service, policy::Aspect aspect,
                   std::span<const policy::EndpointIndex> members) {
  Outcome out;
  for (const policy::EndpointIndex member : members) {
    const bool fallback = member >= service.endpoints.size();
    out.targets.push_back(fallback ? base::to_string(service.fallback[member - service.endpoints.size()])
                                   : target_of(service, service.endpoints[member], aspect));
    out.sites.push_back(fallback ? "" : snapshot.sites[service.endpoints[member].site.value].name);
  }
  std::sort(out.targets.begin(), out.targets.end());
  std::sort(out.sites.begin(), out.sites.end());
  out.sites.erase(std::unique(out.sites.begin(), out.sites.end()), out.sites.end());
  return out;
}

}  // namespace

std::string Outcome::label() const {
  if (targets.empty()) return "nobody";
  std::string out;
  for (const std::string& site : sites) out += (out.empty() ? "" : "+") + (site.empty() ? "fallback" : site);
  return out;
}

std::uint32_t Outcomes::intern(const Outcome& outcome) {
  const auto next = static_cast<std::uint32_t>(all_.size());
  const auto [known, is_new] = ids_.try_emplace(outcome.targets, next, outcome);
  if (is_new) all_.push_back(&known->second.second);
  return known->second.first;
}

Distribution Outcomes::of(const Snapshot& snapshot, std::size_t service, policy::Aspect aspect,
                          const policy::AspectPlan& plan, const policy::ClassPlan& decision) {
  if (decision.draw == policy::Draw::nothing) return {false, {nobody()}};
  const policy::Service& asked = snapshot.services[service].service;
  std::map<std::uint32_t, std::uint32_t> ids;
  const auto id_of = [&](std::uint32_t set) {
    const auto [known, is_new] = ids.try_emplace(set, 0U);
    if (is_new) known->second = intern(outcome_of(snapshot, asked, aspect, plan.set(set)));
    return known->second;
  };
  if (decision.draw == policy::Draw::fixed) return {false, {id_of(decision.index)}};
  Distribution out{decision.draw == policy::Draw::by_query, {}};
  for (std::uint32_t slot = 0; slot < plan.slot_count; ++slot)
    out.outcome.push_back(id_of(plan.slots[decision.index + slot]));
  return out;
}

std::map<std::uint32_t, double> parts(const Distribution& distribution) {
  std::map<std::uint32_t, double> out;
  for (const std::uint32_t id : distribution.outcome) out[id] += 1.0 / static_cast<double>(distribution.outcome.size());
  return out;
}

namespace {

std::vector<Move> least_moves(const Distribution& before, const Distribution& after) {
  std::map<std::uint32_t, double> loses = parts(before);
  std::map<std::uint32_t, double> gains = parts(after);
  double moved = 0;
  for (auto& [id, part] : loses) {
    const double kept = std::min(part, gains.contains(id) ? gains[id] : 0.0);
    part -= kept;
    if (kept > 0) gains[id] -= kept;
    moved += part;
  }
  std::vector<Move> out;
  for (const auto& [from, lost] : loses) {
    for (const auto& [to, gained] : gains) {
      if (lost > 0 && gained > 0) out.push_back({from, to, lost * gained / moved});
    }
  }
  return out;
}

}  // namespace

std::vector<Move> moves(const Distribution& before, const Distribution& after) {
  if (before.by_query || after.by_query) return least_moves(before, after);
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> count;
  const std::size_t slots = std::max(before.outcome.size(), after.outcome.size());
  for (std::size_t slot = 0; slot < slots; ++slot) {
    // Sizes are powers of two, and a client's place is the same part of each.
    const std::uint32_t from = before.outcome[slot * before.outcome.size() / slots];
    const std::uint32_t to = after.outcome[slot * after.outcome.size() / slots];
    if (from != to) ++count[{from, to}];
  }
  std::vector<Move> out;
  out.reserve(count.size());
  for (const auto& [pair, n] : count)
    out.push_back({pair.first, pair.second, static_cast<double>(n) / static_cast<double>(slots)});
  return out;
}

}  // namespace gslb::engine
