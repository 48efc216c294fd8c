// server/feed_keeper.hpp: reads the feeds of this vantage's site, and has them told.
//
//   FeedReader ─► told() ─► HealthService::feed
//        └─► shared() ─► this vantage's reports
//
// Threads: control, but for shared(), which any thread may call.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "health/feeds/feed_board.hpp"
#include "health/feeds/feed_reader.hpp"
#include "health/sharing/sharing_spec.hpp"

namespace gslb::server {

class FeedKeeper {
 public:
  using Told = std::function<void(const std::string& feed, const health::FeedReading&, base::SteadyTime when)>;
  /// @param told  called for each reading; may be empty
  FeedKeeper(boost::asio::io_context& control, Told told);

  /// Reads from now on what the vantage `self` has to read.
  void follow(const std::vector<health::FeedSpec>& feeds, const health::SharingSpec& sharing, const std::string& self);
  /// Of the feeds that are read here.
  std::vector<health::FeedState> states() const { return reader_.states(); }
  /// What this vantage's reports say of them.
  std::vector<health::SharedState> shared();

 private:
  void take(std::size_t feed);

  Told told_;
  std::mutex mutex_;
  health::FeedBoard board_;  ///< of own readings; under the mutex
  health::FeedReader reader_;
};

/// The feeds that the vantage `self` reads: those of its site, and, unless it only probes, those of sites without a
/// vantage. All where there is no other vantage.
std::vector<health::FeedSpec> feeds_to_read(const std::vector<health::FeedSpec>& feeds,
                                            const health::SharingSpec& sharing, const std::string& self);

/// What the board has to know of feeds.
std::vector<health::FeedBoard::Feed> on_board(const std::vector<health::FeedSpec>& feeds,
                                              const std::vector<std::string>& vantage_sites);

}  // namespace gslb::server
