#include "health/sharing/opinions.hpp"

#include <algorithm>

namespace gslb::health {

namespace {

Opinion opinion_of(std::uint64_t target, const TargetState& state, base::SteadyTime now) {
  Opinion out{.target = target, .verdict = state.verdict, .returned = {}};
  out.in_motion = state.in_motion;
  if (state.in_motion) out.until_change = std::max(state.until_change, base::Duration{});
  out.latency = std::max(state.latency, base::Duration{});
  if (state.returned_at && state.verdict == Verdict::up)
    out.returned = std::max(now - *state.returned_at, base::Duration{});
  return out;
}

}  // namespace

ReportOrder report_order(const std::vector<Target>& targets) {
  ReportOrder out;
  out.reserve(targets.size());
  for (const Target& target : targets) out.emplace_back(target.id(), static_cast<std::uint32_t>(out.size()));
  std::ranges::sort(out);
  const auto twice = std::ranges::unique(out, {}, &ReportOrder::value_type::first);
  out.erase(twice.begin(), twice.end());
  if (out.size() > most_opinions) out.resize(most_opinions);
  return out;
}

Report report_of(const ReportOrder& order, const std::vector<TargetState>& states, base::SteadyTime now) {
  Report out;
  out.opinions.reserve(order.size());
  for (const auto& [id, at] : order) out.opinions.push_back(opinion_of(id, states[at], now));
  out.settled = std::ranges::all_of(
      states, [](const TargetState& state) { return state.verdict != Verdict::unknown && !state.restored; });
  return out;
}

}  // namespace gslb::health
