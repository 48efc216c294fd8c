#include "server/feed_keeper.hpp"

#include <algorithm>
#include <random>

#include "base/log.hpp"

namespace gslb::server {

namespace {

std::vector<std::string> sites_of(const health::SharingSpec& sharing) {
  std::vector<std::string> out;
  for (const health::VantageSpec& vantage : sharing.vantages) out.push_back(vantage.site);
  return out;
}

}  // namespace

std::vector<health::FeedSpec> feeds_to_read(const std::vector<health::FeedSpec>& feeds,
                                            const health::SharingSpec& sharing, const std::string& self) {
  const auto own = std::ranges::find(sharing.vantages, self, &health::VantageSpec::name);
  if (own == sharing.vantages.end()) return feeds;
  const std::vector<std::string> sites = sites_of(sharing);
  std::vector<health::FeedSpec> out;
  for (const health::FeedSpec& feed : feeds) {
    const bool orphaned = std::ranges::find(sites, feed.site) == sites.end();
    if (feed.site == own->site || (orphaned && own->address)) out.push_back(feed);
  }
  return out;
}

std::vector<health::FeedBoard::Feed> on_board(const std::vector<health::FeedSpec>& feeds,
                                              const std::vector<std::string>& vantage_sites) {
  std::vector<health::FeedBoard::Feed> out;
  for (const health::FeedSpec& feed : feeds) {
    const bool orphaned = std::ranges::find(vantage_sites, feed.site) == vantage_sites.end();
    out.push_back({feed.name, feed.site, orphaned, feed.hold});
  }
  return out;
}

FeedKeeper::FeedKeeper(boost::asio::io_context& control, Told told)
    : told_(std::move(told)), reader_(control, std::random_device()(), [this](std::size_t feed) { take(feed); }) {}

void FeedKeeper::follow(const std::vector<health::FeedSpec>& feeds, const health::SharingSpec& sharing,
                        const std::string& self) {
  const std::vector<health::FeedSpec> own = feeds_to_read(feeds, sharing, self);
  {
    const std::lock_guard lock(mutex_);
    board_.follow(on_board(own, sites_of(sharing)));
  }
  reader_.follow(own);
}

void FeedKeeper::take(std::size_t feed) {
  const health::FeedState& state = reader_.state(feed);
  {
    const std::lock_guard lock(mutex_);
    board_.read(feed, state.reading, *state.read);
  }
  if (told_) told_(state.spec.name, state.reading, *state.read);
}

std::vector<health::SharedState> FeedKeeper::shared() {
  const std::lock_guard lock(mutex_);
  return board_.shared(base::steady_now());
}

}  // namespace gslb::server
