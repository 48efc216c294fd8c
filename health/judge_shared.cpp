// The part of Judge that makes servers agree on what cannot be probed. What one of them says alone moves nothing far.
#include <algorithm>
#include <array>

#include "health/judge.hpp"
#include "health/shared_keys.hpp"

namespace gslb::health {
namespace {

/// Servers see the same return within this.
constexpr std::chrono::seconds same_return{10};

}  // namespace

std::vector<SharedState> Judge::shared(base::SteadyTime now) const {
  std::vector<SharedState> out;
  for (std::size_t s = 0; s < spec_.sites.size(); ++s) {
    if (const auto left = pace_.left(static_cast<std::uint16_t>(s)))
      out.push_back({pace_key(spec_.sites[s].name), 1, now - *left});
  }
  for (std::size_t t = 0; t < known_.size(); ++t) {
    const double penalty = known_[t].damping.penalty(now, spec_.targets[t].guards.damping.value_or(DampingSpec{}));
    if (penalty >= 0.1)
      out.push_back({damping_key(spec_.targets[t].id), static_cast<std::uint32_t>(penalty * 100), {}});
  }
  return out;
}

void Judge::spread_shared(std::size_t v) {
  Party& party = parties_[v];
  party.weights.reset();
  if (party.shared.empty() || !party.arrival) return;
  std::vector<SharedState> sorted = party.shared;
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  const auto find = [&](std::uint64_t key) -> const SharedState* {
    const auto at = std::lower_bound(sorted.begin(), sorted.end(), key,
                                     [](const SharedState& one, std::uint64_t wanted) { return one.key < wanted; });
    return at != sorted.end() && at->key == key ? &*at : nullptr;
  };
  if (const SharedState* weights = find(weights_key())) party.weights = weights->value;
  for (std::size_t s = 0; s < spec_.sites.size(); ++s) {
    const SharedState* left = find(pace_key(spec_.sites[s].name));
    if (left == nullptr || left->age.count() < 0) continue;
    const base::SteadyTime when = *party.arrival - left->age;
    if (!said_left_[s] || *said_left_[s] < when) said_left_[s] = when;
  }
  for (std::size_t t = 0; t < known_.size(); ++t) {
    const SharedState* penalty = find(damping_key(spec_.targets[t].id));
    if (penalty != nullptr) heard(t, v).penalty = static_cast<std::uint16_t>(std::min(penalty->value, 60'000U));
  }
}

/// The latest of the servers that saw the same return, so that slow start is as far everywhere.
void Judge::agree_on_return(std::size_t t) {
  Known& known = known_[t];
  if (!known.returned_here || known.verdict != Verdict::up) return;
  for (std::size_t v = 1; v < parties_.size(); ++v) {
    const auto& returned = heard(t, v).returned;
    if (!returned || !ballots_[v].counted() || *returned > *known.returned_here + same_return) continue;
    known.returned_at = std::max(*known.returned_at, *returned);
  }
}

/// The middle one of the servers' penalties: one that has forgotten learns from the others, and one that lies is not
/// heard.
void Judge::agree_on_penalty(std::size_t t, const DampingSpec& spec, base::SteadyTime now) {
  std::array<std::uint16_t, most_vantages> penalties;
  penalties[0] = static_cast<std::uint16_t>(known_[t].damping.penalty(now, spec) * 100);
  std::size_t servers = 1;
  for (std::size_t v = 1; v < parties_.size(); ++v) {
    if (parties_[v].weights && parties_[v].standing == Standing::counted) penalties[servers++] = heard(t, v).penalty;
  }
  if (servers < 3) return;
  const auto middle = static_cast<std::ptrdiff_t>((servers - 1) / 2);
  std::nth_element(penalties.begin(), penalties.begin() + middle,
                   penalties.begin() + static_cast<std::ptrdiff_t>(servers));
  known_[t].damping.learn(penalties[(servers - 1) / 2] / 100.0, now, spec);
}

}  // namespace gslb::health
