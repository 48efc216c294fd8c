#include "policy/failback.hpp"

#include <algorithm>

namespace gslb::policy {

namespace {

/// Takes clients to a tier; to the first one is home.
Latch at(std::size_t tier, base::SteadyTime now) {
  if (tier == 0) return {};
  return {static_cast<std::uint16_t>(tier), now, std::nullopt};
}

}  // namespace

FailbackStep step(const Failback& rule, Latch latch, const std::vector<TierHealth>& tiers, base::SteadyTime now) {
  if (rule.mode == Failback::Mode::automatic) return {};
  const auto best = std::find_if(tiers.begin(), tiers.end(), [](TierHealth t) { return t != TierHealth::down; });
  if (best == tiers.end() || *best == TierHealth::undecided) {
    latch.back.reset();
    return {latch, std::nullopt};
  }
  const auto first = static_cast<std::size_t>(best - tiers.begin());
  if (first > latch.floor) return {at(first, now), std::nullopt};
  if (first == latch.floor) {
    latch.back.reset();
    return {latch, std::nullopt};
  }
  const bool stays = std::any_of(tiers.begin() + std::min<std::ptrdiff_t>(latch.floor, std::ssize(tiers)), tiers.end(),
                                 [](TierHealth t) { return t != TierHealth::down; });
  if (!stays) return {at(first, now), std::nullopt};
  if (!latch.back) latch.back = now;
  if (rule.mode == Failback::Mode::manual) return {latch, std::nullopt};
  const base::SteadyTime due = *latch.back + rule.wait;
  if (now >= due) return {at(first, now), std::nullopt};
  return {latch, due};
}

}  // namespace gslb::policy
