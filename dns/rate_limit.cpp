#include "dns/rate_limit.hpp"

#include <algorithm>
#include <cstring>
#include <span>

#include "base/hash.hpp"

namespace gslb::dns {

namespace {
constexpr unsigned counted_length(base::Family family) noexcept { return family == base::Family::v4 ? 24 : 56; }
constexpr std::size_t index(base::Family family) noexcept { return family == base::Family::v4 ? 0 : 1; }
}  // namespace

RateLimiter::RateLimiter(std::uint64_t seed) : seed_(seed), sets_(std::make_unique<Set[]>(set_count)) {
  rates_.fill(unlimited);
}

void RateLimiter::configure(const RateLimits& limits, unsigned workers) noexcept {
  const auto part = [workers](std::uint32_t rate) {
    return rate == unlimited ? unlimited : std::max(1U, rate / std::max(1U, workers));
  };
  // Insertion keeps the longest prefix first, without the memory that a sorted copy would take.
  listed_ = std::min(limits.networks.size(), RateLimits::most_networks);
  for (std::size_t i = 0; i < listed_; ++i) {
    std::size_t at = i;
    for (; at > 0 && prefixes_[at - 1].length < limits.networks[i].prefix.length; --at) {
      prefixes_[at] = prefixes_[at - 1];
      rates_[at + 1] = rates_[at];
    }
    prefixes_[at] = limits.networks[i].prefix;
    rates_[at + 1] = part(limits.networks[i].rate);
  }
  rates_[0] = part(limits.rate);
  within_ = {};
  for (const base::Prefix& prefix : std::span(prefixes_).first(listed_))
    if (prefix.length > counted_length(prefix.address.family)) within_[index(prefix.address.family)] = true;
  std::fill_n(sets_.get(), set_count, Set{});  // entries name networks by their place in the list
}

std::uint64_t RateLimiter::key(const base::IpAddress& client) const noexcept {
  std::uint64_t network;
  std::memcpy(&network, client.octets.data(), sizeof network);  // little-endian: the first octets are the low ones
  network &= client.family == base::Family::v4 ? 0x0000'0000'00ff'ffffULL : 0x00ff'ffff'ffff'ffffULL;
  const std::uint64_t apart = within_[index(client.family)] ? network_of(client) : 0;
  return base::combine(seed_ + static_cast<std::uint64_t>(client.family) + (apart << 8), network);
}

std::uint8_t RateLimiter::network_of(const base::IpAddress& client) const noexcept {
  for (std::size_t i = 0; i < listed_; ++i)
    if (prefixes_[i].contains(client)) return static_cast<std::uint8_t>(i + 1);
  return 0;
}

Allowance RateLimiter::account(std::uint64_t key, const base::IpAddress& client, std::uint32_t second) noexcept {
  const auto tag = static_cast<std::uint32_t>(key) | 1U;  // an unused entry has tag 0
  auto& entries = sets_[place(key)].entries;
  auto found = std::find_if(entries.begin(), entries.end(), [tag](const Entry& e) { return e.tag == tag; });
  if (found == entries.end()) {
    found = std::min_element(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
      return a.second != b.second ? a.second < b.second : a.count < b.count;
    });
    *found = Entry{tag, second, 0, network_of(client), false};
  }
  Entry& entry = *found;
  const std::uint32_t rate = rates_[entry.network];
  if (entry.second != second) {
    entry.heavy = entry.second + 1 == second && entry.count > rate / 2;
    entry.second = second;
    entry.count = 0;
  }
  ++entry.count;  // 32 bits are more than a second has room for
  if (entry.count > rate) return (entry.count - rate) % 2 == 0 ? Allowance::drop : Allowance::slip;
  return entry.heavy || entry.count > rate / 2 ? Allowance::small : Allowance::whole;
}

}  // namespace gslb::dns
