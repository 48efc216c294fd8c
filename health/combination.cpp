#include "health/combination.hpp"

#include <algorithm>
#include <optional>

namespace gslb::health {
namespace {

std::uint64_t weight_of(std::span<const Combined> members, Verdict verdict) {
  std::uint64_t sum = 0;
  for (const Combined& member : members)
    if (member.state->verdict == verdict) sum += member.weight;
  return sum;
}

/// Of the members with `verdict`, in the order of `when(state)`: what the one has whose weight makes the sum `enough`.
template <class When>
auto at_which(std::span<const Combined> members, Verdict verdict, std::uint64_t enough, When when) {
  using Moment = decltype(when(*members[0].state));
  std::vector<std::pair<Moment, std::uint64_t>> order;
  for (const Combined& member : members)
    if (member.state->verdict == verdict) order.emplace_back(when(*member.state), member.weight);
  std::ranges::sort(order);
  std::uint64_t sum = 0;
  for (const auto& [moment, weight] : order) {
    sum += weight;
    if (sum >= enough) return std::optional<Moment>(moment);
  }
  return std::optional<Moment>();
}

/// @return when enough weight of the members in motion from `verdict` could have turned
std::optional<base::Duration> turn(std::span<const Combined> members, Verdict verdict, std::uint64_t enough) {
  std::vector<Combined> moving;
  std::ranges::copy_if(members, std::back_inserter(moving), [](const Combined& m) { return m.state->in_motion; });
  return at_which(moving, verdict, enough, [](const TargetState& state) { return state.until_change; });
}

std::string reason_of(std::span<const Combined> members, std::uint64_t up, std::uint32_t need) {
  std::string out = std::to_string(up) + " of " + std::to_string(need) + " needed";
  for (const Combined& member : members)
    if (member.state->verdict != Verdict::up || member.state->in_motion)
      ((((out += "; ") += member.name) += ": ") +=
       member.state->reason.empty() ? std::string_view("no outcome yet") : std::string_view(member.state->reason));
  return out;
}

}  // namespace

TargetState combine(std::span<const Combined> members, std::uint32_t need) {
  const std::uint64_t up = weight_of(members, Verdict::up);
  const std::uint64_t unknown = weight_of(members, Verdict::unknown);
  const std::uint64_t down = weight_of(members, Verdict::down);
  TargetState out;
  std::optional<base::Duration> change;
  const auto since = [](const TargetState& state) { return state.since; };
  if (up >= need) {
    out.verdict = Verdict::up;
    out.since = at_which(members, Verdict::up, need, since).value_or(base::WallTime{});
    out.returned_at = at_which(members, Verdict::up, need, [](const TargetState& state) {
                        return state.returned_at;
                      }).value_or(std::nullopt);
    change = turn(members, Verdict::up, up - need + 1);
  } else if (up + unknown < need) {
    out.verdict = Verdict::down;
    out.since = at_which(members, Verdict::down, up + unknown + down - need + 1, since).value_or(base::WallTime{});
    change = turn(members, Verdict::down, need - up - unknown);
  }
  out.in_motion = change.has_value();
  out.until_change = change.value_or(base::Duration{});
  for (const Combined& member : members) {
    out.restored = out.restored || member.state->restored;
    if (out.in_motion) out.streak = std::max(out.streak, member.state->streak);
    if (member.state->verdict == Verdict::up) out.latency = std::max(out.latency, member.state->latency);
    if (out.warning.empty()) out.warning = member.state->warning;
    out.probes += member.state->probes;
    out.failures += member.state->failures;
  }
  out.reason = reason_of(members, up, need);
  return out;
}

}  // namespace gslb::health
