#include "health/host_core.hpp"

#include "base/hash.hpp"

namespace gslb::health {

void HostCore::restore(std::vector<base::IpAddress> addresses) {
  std::ranges::sort(addresses);
  for (const base::IpAddress& address : addresses) said_[static_cast<std::size_t>(address.family)].push_back(address);
  in_use_ = std::move(addresses);
}

void HostCore::answered(base::SteadyTime now, const HostSaid& v4, const HostSaid& v6) {
  asked_ = true;
  problem_ = v4.failed ? v4.problem : v6.failed ? v6.problem : std::string();
  const bool some = (!v4.failed && !v4.addresses.empty()) || (!v6.failed && !v6.addresses.empty());
  if (problem_.empty() && !some) problem_ = "it has no addresses";
  if (some) {  // then "no address of this family" is believed too
    if (!v4.failed) said_[0] = v4.addresses;
    if (!v6.failed) said_[1] = v6.addresses;
  }
  if (!problem_.empty()) {
    next_question_ = now + retry_;
    retry_ = std::min<base::Duration>(2 * retry_, longest_retry);
    return;
  }
  retry_ = soonest;
  std::uint32_t ttl = 0xffffffff;
  for (const HostSaid* said : {&v4, &v6})
    if (!said->addresses.empty()) ttl = std::min(ttl, said->ttl);
  next_question_ = now + std::clamp<base::Duration>(std::chrono::seconds(ttl), soonest, latest);
}

/// Of too many addresses those that are in use already, then always the same ones: a host that shuffles its addresses
/// changes as little as can be.
std::vector<base::IpAddress> HostCore::wanted() const {
  std::vector<base::IpAddress> out;
  for (const auto& said : said_) {
    auto candidates = said;
    const auto key = [this](const base::IpAddress& address) {
      return std::pair(!std::ranges::binary_search(in_use_, address), base::hash_bytes(address.bytes()));
    };
    std::ranges::sort(candidates);
    candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
    std::ranges::sort(candidates, {}, key);
    candidates.resize(std::min(candidates.size(), most_in_use));
    out.insert(out.end(), candidates.begin(), candidates.end());
  }
  std::ranges::sort(out);
  return out;
}

std::optional<base::SteadyTime> HostCore::next_change() const {
  if (!changed_ || wanted() == in_use_) return std::nullopt;
  return *changed_ + between_changes;
}

bool HostCore::take_change(base::SteadyTime now) {
  if (changed_ && now < *changed_ + between_changes) return false;
  auto next = wanted();
  if (next == in_use_) return false;
  in_use_ = std::move(next);
  changed_ = now;
  return true;
}

}  // namespace gslb::health
