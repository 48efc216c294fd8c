#include "server/soak.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "base/text.hpp"

namespace gslb::server {

namespace {

std::vector<std::uint64_t> difference(const std::vector<std::uint64_t>& from, const std::vector<std::uint64_t>& to) {
  std::vector<std::uint64_t> out(to.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = to[i] - (i < from.size() ? from[i] : 0);
  return out;
}

std::uint64_t sum(const std::vector<std::uint64_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

double part(std::uint64_t some, std::uint64_t all) {
  return all == 0 ? 0 : static_cast<double>(some) / static_cast<double>(all);
}

/// The part of the answers that would have to go elsewhere to make one division of another.
double moved(const std::vector<std::uint64_t>& before, const std::vector<std::uint64_t>& after) {
  const std::uint64_t all_before = sum(before);
  const std::uint64_t all_after = sum(after);
  double out = 0;
  for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i) {
    const double then = i < before.size() ? part(before[i], all_before) : 0;
    const double now = i < after.size() ? part(after[i], all_after) : 0;
    out += std::abs(now - then) / 2;
  }
  return out;
}

std::string percent(double share) {
  char out[32];
  std::snprintf(out, sizeof out, "%.1f %%", 100 * share);
  return out;
}

}  // namespace

Soak::Soak(const Reading& earlier, Reading start, double predicted, base::SteadyTime now, base::Duration length)
    : start_(std::move(start)),
      failures_before_(part(start_.failures - earlier.failures, start_.replies - earlier.replies)),
      before_(difference(earlier.sites, start_.sites)),
      predicted_(predicted),
      began_(now),
      end_(now + length) {}

std::optional<std::string> Soak::trouble(const Reading& now, base::SteadyTime at) {
  const std::uint64_t replies = now.replies - start_.replies;
  const std::uint64_t failures = now.failures - start_.failures;
  if (failures >= few_failures && part(failures, replies) > failures_before_ + more_failures)
    return "SERVFAIL is " + percent(part(failures, replies)) + " of " + base::with_thousands(replies) + " replies, " +
           percent(failures_before_) + " before";
  std::erase_if(opened_, [&](const auto& one) { return !now.open.contains(one.first); });
  for (const std::string& service : now.open) {
    if (start_.open.contains(service)) continue;
    const base::SteadyTime since = opened_.try_emplace(service, at).first->second;
    if (at - since >= std::min<base::Duration>(patience, (end_ - began_) / 2))
      return service + " answers as if all were up, and did not before";
  }
  const std::vector<std::uint64_t> after = difference(start_.sites, now.sites);
  if (sum(before_) < few_answers || sum(after) < few_answers) return std::nullopt;
  const double now_moved = moved(before_, after);
  if (now_moved <= predicted_ + more_moves) return std::nullopt;
  return percent(now_moved) + " of the answers go to other sites, and " + percent(predicted_) + " were predicted";
}

}  // namespace gslb::server
