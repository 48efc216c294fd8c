// health/feeds/reading.hpp: what a balancer or a registry says of a site, whichever system it is. Pure.
//
//   answer ─► adapter ─► FeedReading ─RateMeter─► rates ─► report ─► FeedEffect ─► weight
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace gslb::health {

/// One server behind a balancer, or what is registered once.
struct Member {
  std::string name;  ///< address and port where they are known
  bool up = false;
  bool draining = false;  ///< people took it out; it is not broken
  double weight = 1;
  bool operator==(const Member&) const = default;
};

enum class FeedSays : std::uint8_t {
  unknown,   ///< nothing of health: it tells of load only
  serving,   ///< at least one member takes requests
  draining,  ///< none takes new ones, because people took them out
  failing,   ///< none works
};
std::string_view to_string(FeedSays says) noexcept;

/// What is not said is absent. Counters only rise, but for restarts of the source.
struct FeedReading {
  FeedSays says = FeedSays::unknown;
  std::uint32_t members = 0, usable = 0;
  double capacity = 1;  ///< share of the members' weight that is usable, 0 to 1
  std::optional<double> connections;
  std::optional<double> connection_limit;
  std::optional<double> queue;   ///< requests that wait for a server
  std::optional<double> rate;    ///< requests a second
  std::optional<double> errors;  ///< share of the requests that failed, 0 to 1
  std::optional<base::Duration> response_time;
  std::optional<std::uint64_t> requests_counted, errors_counted;
  std::optional<double> utilization;  ///< of what the site can bear; above 1: overloaded
  bool operator==(const FeedReading&) const = default;
};

/// Of members that are all there are. Without any: unknown, for an empty list says nothing of health.
FeedReading reading_of(std::span<const Member> members);

/// Turns counters into rates. A counter that falls begins anew: its source was restarted.
class RateMeter {
 public:
  /// Fills in `rate` and `errors` where counters allow it and they are not said.
  void add(FeedReading& reading, base::SteadyTime now);

 private:
  /// Fewer requests in between say nothing of the share that fails.
  static constexpr std::uint64_t fewest = 20;
  std::optional<std::uint64_t> requests_, errors_;
  base::SteadyTime when_{};
  std::uint64_t asked_ = 0, failed_ = 0;  ///< since the share was last known
  std::optional<double> share_;
};

}  // namespace gslb::health
