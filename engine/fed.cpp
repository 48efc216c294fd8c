#include "engine/fed.hpp"

#include <algorithm>

namespace gslb::engine {

namespace {

constexpr std::uint16_t whole = 1000;

bool is_about(const health::FeedSpec& feed, const policy::Service& service) {
  return feed.services.empty() || std::ranges::find(feed.services, service.name) != feed.services.end();
}

}  // namespace

FedEndpoints::FedEndpoints(const Snapshot& snapshot) {
  for (std::size_t s = 0; s < snapshot.services.size(); ++s) {
    const std::size_t endpoints = snapshot.services[s].service.endpoints.size();
    shares_.emplace_back(endpoints, whole);
    feeds_.emplace_back(endpoints);
    if (snapshot.feeds.empty()) continue;
    for (std::size_t e = 0; e < endpoints; ++e) feeds_[s][e] = feeds_of(snapshot, s, e);
  }
}

bool FedEndpoints::heed(const std::vector<health::FeedEffect>& effects) {
  bool changed = false;
  for (std::size_t s = 0; s < shares_.size(); ++s) {
    for (std::size_t e = 0; e < shares_[s].size(); ++e) {
      std::uint16_t least = whole;
      for (const std::size_t f : feeds_[s][e]) {
        const health::FeedEffect& effect = effects[f];
        least = std::min(least, effect.drained ? std::uint16_t{0} : effect.share);
      }
      changed = changed || shares_[s][e] != least;
      shares_[s][e] = least;
    }
  }
  return changed;
}

std::vector<std::size_t> feeds_of(const Snapshot& snapshot, std::size_t service, std::size_t endpoint) {
  std::vector<std::size_t> out;
  const policy::Service& asked = snapshot.services[service].service;
  const std::uint16_t site = asked.endpoints[endpoint].site.value;
  for (std::size_t f = 0; f < snapshot.feeds.size(); ++f) {
    const health::FeedSpec& feed = snapshot.feeds[f];
    if (site < snapshot.sites.size() && feed.site == snapshot.sites[site].name && is_about(feed, asked))
      out.push_back(f);
  }
  return out;
}

}  // namespace gslb::engine
