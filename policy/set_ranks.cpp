#include "policy/set_ranks.hpp"

#include <algorithm>

namespace gslb::policy {

SetRanks::SetRanks(const Service& service, Aspect aspect) : ordered_(service.ordered(aspect)) {
  for (std::size_t e = 0; e < service.endpoints.size(); ++e)
    if (service.has(service.endpoints[e], aspect)) endpoints_.push_back(static_cast<EndpointIndex>(e));
  for (std::size_t i = 0; i < service.fallback.size(); ++i)
    if (aspect.sees(service.fallback[i].family))
      fallback_.push_back(static_cast<EndpointIndex>(service.endpoints.size() + i));
  take_ = std::min<std::size_t>(service.take, endpoints_.size());
  first_ = {0, 0};
  for (std::size_t size = 1; size <= take_ && !too_many(); ++size) {
    const std::uint32_t sets = ordered_ ? arrange(endpoints_.size(), size) : choose(endpoints_.size(), size);
    endpoint_sets_ = std::min(endpoint_sets_ + sets, limit + 1);
    first_.push_back(endpoint_sets_);
  }
}

/// Binomial coefficient; limit + 1 for all that is more.
std::uint32_t SetRanks::choose(std::size_t n, std::size_t k) const noexcept {
  if (k > n) return 0;
  std::uint64_t out = 1;
  for (std::size_t i = 1; i <= std::min(k, n - k); ++i) {
    out = out * (n - i + 1) / i;
    if (out > limit) return limit + 1;
  }
  return static_cast<std::uint32_t>(out);
}

/// n × (n - 1) × … of k factors; limit + 1 for all that is more.
std::uint32_t SetRanks::arrange(std::size_t n, std::size_t k) const noexcept {
  std::uint64_t out = 1;
  for (std::size_t i = 0; i < k; ++i) {
    out *= n - i;
    if (out > limit) return limit + 1;
  }
  return static_cast<std::uint32_t>(out);
}

std::uint32_t SetRanks::rank(std::span<const EndpointIndex> members) const {
  if (too_many() || members.empty()) return 0;
  if (!fallback_.empty() && std::ranges::find(fallback_, members.front()) != fallback_.end()) return endpoint_sets_;
  std::vector<std::size_t> positions;
  for (const EndpointIndex member : members)
    positions.push_back(static_cast<std::size_t>(std::ranges::lower_bound(endpoints_, member) - endpoints_.begin()));
  std::uint32_t out = 0;
  if (ordered_) {  // each position counts among those that are left
    for (auto at = positions.begin(); at != positions.end(); ++at) {
      const auto before = std::count_if(positions.begin(), at, [&](std::size_t other) { return other < *at; });
      const auto left = endpoints_.size() - static_cast<std::size_t>(at - positions.begin());
      out = static_cast<std::uint32_t>(out * left + *at - static_cast<std::size_t>(before));
    }
  } else {
    std::ranges::sort(positions);
    for (std::size_t i = 0; i < positions.size(); ++i) out += choose(positions[i], i + 1);
  }
  return first_[positions.size()] + out;
}

std::vector<EndpointIndex> SetRanks::set(std::uint32_t rank) const {
  if (rank == endpoint_sets_) return fallback_;
  std::size_t size = 1;
  while (rank >= first_[size + 1]) ++size;
  rank -= first_[size];
  std::vector<EndpointIndex> out(size);
  if (ordered_) {
    std::vector<EndpointIndex> left = endpoints_;
    for (std::size_t i = 0; i < size; ++i) {
      const std::uint32_t below = arrange(left.size() - 1, size - i - 1);
      const auto chosen = left.begin() + static_cast<std::ptrdiff_t>(rank / below);
      rank %= below;
      out[i] = *chosen;
      left.erase(chosen);
    }
    return out;
  }
  for (std::size_t i = size; i > 0; --i) {
    std::size_t position = i - 1;
    while (choose(position + 1, i) <= rank) ++position;
    rank -= choose(position, i);
    out[i - 1] = endpoints_[position];
  }
  return out;
}

}  // namespace gslb::policy
