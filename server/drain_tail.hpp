// server/drain_tail.hpp: how long after a drain clients go on coming, as the drained site's own balancer counts them:
// resolvers and clients keep answers for longer than their TTL. Pure.
//
// Threads: one object, one thread.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "health/feeds/reading.hpp"

namespace gslb::server {

class DrainTail {
 public:
  static constexpr double few = 0.01;    ///< of the requests before: the tail has ended
  static constexpr double needed = 5.0;  ///< requests a second before, to tell at all
  /// A balancer's last word counts for so long.
  static constexpr std::chrono::seconds fresh{30};

  /// What a balancer says of itself now.
  struct Left {
    std::optional<double> connections, requests;  ///< requests a second
  };

  /// A reading of a site's balancer. @param drained  whether the whole site is
  /// @return the tail of this drain, at the reading that shows its end
  std::optional<base::Duration> see(const std::string& feed, const std::string& site,
                                    const health::FeedReading& reading, bool drained, base::SteadyTime now);
  /// What goes on at a site; nothing if no balancer of it is read here.
  Left left(const std::string& site, base::SteadyTime now) const;
  /// Of the last drain of the site whose end was seen.
  std::optional<base::Duration> tail(const std::string& site) const;

 private:
  struct Balancer {
    std::string site;
    Left left;
    base::SteadyTime when{};
  };
  struct Site {
    double before = 0;  ///< requests a second, when it was last not drained
    std::optional<base::SteadyTime> drained;
    bool ended = false;
    std::optional<base::Duration> tail;
  };
  std::map<std::string, Balancer> balancers_;  ///< by feed
  std::map<std::string, Site> sites_;
};

}  // namespace gslb::server
