// health/feeds/feed_reader.hpp: asks feeds, each at its interval, and keeps what they said last.
//
//   FeedSpec ─► Adapter::ask ─► HTTP or Runtime API ─► Adapter::read ─► RateMeter ─► FeedState
//      ▲                              │ fails: rests longer each time, up to a minute; the last reading stays
//      └──── interval, ± a tenth ─────┘
//
// Threads: everything on the io_context's thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "health/feeds/feed_spec.hpp"
#include "health/feeds/reading.hpp"

namespace boost::asio {
class io_context;
}

namespace gslb::health {

/// What is known of a feed here.
struct FeedState {
  FeedSpec spec;
  FeedReading reading;                   ///< the last that could be read
  std::optional<base::SteadyTime> read;  ///< when; none: never
  std::string problem;                   ///< of the last try; "" if it could be read
  std::uint64_t asked = 0, failed = 0;   ///< since the program started
  base::Duration took{};                 ///< the last answer
  std::vector<Member> members;           ///< of the last reading; empty where the source does not name them
};

class FeedReader {
 public:
  /// Called after each reading that could be read, with the feed's place.
  using Read = std::function<void(std::size_t)>;
  /// @param seed  of the jitter
  FeedReader(boost::asio::io_context& context, std::uint64_t seed, Read read);
  ~FeedReader();
  FeedReader(const FeedReader&) = delete;
  FeedReader& operator=(const FeedReader&) = delete;

  /// Asks these from now on; those that stay as they were keep their state.
  void follow(const std::vector<FeedSpec>& feeds);
  std::vector<FeedState> states() const;
  const FeedState& state(std::size_t feed) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gslb::health
