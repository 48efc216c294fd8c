// control/feed_view.hpp: what sites' balancers and registries say, for people and as JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace gslb::control {

struct FeedView {
  std::string name;
  std::string site;
  std::string kind;  ///< "haproxy"
  bool known = false;
  std::string says;  ///< "serving", "draining", "failing", "unknown"
  double share = 1;  ///< of the weight of the site's endpoints; 0: they are drained
  std::optional<double> utilization;
  base::Duration age{};    ///< of the reading that counts
  bool disagrees = false;  ///< it says that nothing works there, but probes succeed
  // Only of feeds that are read here:
  bool here = false;
  std::uint64_t asked = 0, failed = 0;
  std::string problem;  ///< of the last try; "" if it could be read
  unsigned members = 0, usable = 0;
  std::optional<double> connections, connection_limit, queue, rate, errors;
  base::Duration response_time{};
  std::vector<std::string> broken;  ///< members that do not work, or are drained: "web2 (draining)"
};

std::string to_json(const std::vector<FeedView>& feeds);
[[nodiscard]] base::Result<std::vector<FeedView>> feeds_from_json(std::string_view text);
std::string render_feeds(const std::vector<FeedView>& feeds, bool color);

}  // namespace gslb::control
