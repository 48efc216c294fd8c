// health/feeds/feed_board.hpp: what all feeds say now, here and at other vantages, and what that may do. Pure.
//
//   own readings ──────┐
//   reports of others ─┴─► FeedBoard ─► FeedEffect of each feed: a share of the weight, or a drain; never a verdict
//
// A feed is read by the vantages of its own site and travels in their reports (shared_keys.hpp). The freshest counts.
// Threads: the health thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "health/feeds/reading.hpp"
#include "health/report.hpp"
#include "health/shared_keys.hpp"

namespace gslb::health {

/// What one feed may change. It never makes a target down, and nothing that probes say is overruled by it.
struct FeedEffect {
  bool known = false;
  bool serving = false;           ///< somebody works there
  bool drained = false;           ///< nothing new should go there: its people have taken it out
  bool disagrees = false;         ///< it says that nothing works there; what probes say decides, and people should look
  std::uint16_t share = 1000;     ///< of the weight, in thousandths
  std::uint16_t utilization = 0;  ///< hundredths of what the site bears; 0: not said
  base::Duration age{};
  bool operator==(const FeedEffect& o) const {
    return known == o.known && serving == o.serving && drained == o.drained && disagrees == o.disagrees &&
           share == o.share && utilization == o.utilization;
  }
};

/// A reading as the value of a shared state, and what can be read from it: numbers are rounded.
std::uint32_t pack(const FeedReading& reading) noexcept;
FeedReading unpack(std::uint32_t value) noexcept;

class FeedBoard {
 public:
  /// At least this share stays, whatever a feed says, unless it drains.
  static constexpr std::uint16_t least = 100;

  struct Feed {
    std::string name;
    std::string site;          ///< whose vantages are believed
    bool from_anyone = false;  ///< no vantage is there
    base::Duration hold{};     ///< a reading counts for so long
    bool operator==(const Feed&) const = default;
  };
  /// What is known of feeds that stay is kept.
  void follow(std::vector<Feed> feeds);
  /// The place of the feed of that name, if there is one.
  std::optional<std::size_t> find(std::string_view name) const;
  /// A reading of this vantage's own.
  void read(std::size_t feed, const FeedReading& reading, base::SteadyTime when);
  /// What another vantage sent, which is at `site`.
  void receive(const std::vector<SharedState>& shared, std::string_view site, base::SteadyTime arrival);
  /// Of each feed, in their order. Shares move in tenths, and not for less than three quarters of one.
  const std::vector<FeedEffect>& effects(base::SteadyTime now);
  /// When the next reading gets too old.
  std::optional<base::SteadyTime> next() const noexcept;
  /// This vantage's own readings, for its report.
  std::vector<SharedState> shared(base::SteadyTime now) const;

 private:
  struct Known {
    std::optional<std::uint32_t> value;
    base::SteadyTime when{};
    std::optional<std::uint32_t> own;
    base::SteadyTime own_when{};
  };
  void take(std::size_t feed, std::uint32_t value, base::SteadyTime when);

  std::vector<Feed> feeds_;
  std::vector<Known> known_;
  std::vector<FeedEffect> effects_;
  std::map<std::uint64_t, std::size_t> by_key_;
};

}  // namespace gslb::health
