#include "health/sharing/opinions.hpp"

#include <algorithm>

namespace gslb::health {

namespace {

Opinion opinion_of(std::uint64_t target, const TargetState& state, base::SteadyTime now) {
  Opinion out{.target = target, .verdict = state.verdict, .returned = {}};
  out.in_motion = state.in_motion;
  if (state.in_motion) out.until_change = std::max(state.until_change, base::Duration{});
  out.failed = state.failed;
  out.latency = std::max(state.latency, base::Duration{});
  if (state.returned_at && state.verdict == Verdict::up)
    out.returned = std::max(now - *state.returned_at, base::Duration{});
  return out;
}

}  // namespace

Report report_of(std::span<const std::uint64_t> ids, const std::vector<TargetState>& states, base::SteadyTime now) {
  Report out;
  out.settled = true;
  out.opinions.reserve(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    out.settled = out.settled && states[i].verdict != Verdict::unknown && !states[i].restored;
    out.opinions.push_back(opinion_of(ids[i], states[i], now));
  }
  std::ranges::stable_sort(out.opinions, {}, &Opinion::target);
  const auto same = [](const Opinion& a, const Opinion& b) { return a.target == b.target; };
  out.opinions.erase(std::unique(out.opinions.begin(), out.opinions.end(), same), out.opinions.end());
  if (out.opinions.size() > most_opinions) out.opinions.resize(most_opinions);
  return out;
}

}  // namespace gslb::health
