// health/sharing/node_record.hpp: what every node publishes of itself in the shared store, and whether nodes go on
// differing. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "health/sharing/shared_store.hpp"

namespace gslb::health {

/// Under /gslb/nodes/NAME.
struct NodeRecord {
  std::uint64_t configuration = 0;  ///< hash of the files that it runs; 0: unknown
  std::uint64_t weights = 0;        ///< hash of all effective weights; 0: unknown
  std::uint64_t generation = 0;     ///< how many it has published
  friend bool operator==(const NodeRecord&, const NodeRecord&) = default;
};

std::string to_text(const NodeRecord& record);
/// Fails if it is of another form; members that this release does not know are left alone.
[[nodiscard]] base::Result<NodeRecord> parse_node_record(std::string_view text);

/// Compares the others with this node each time the store was read.
class NodeWatch {
 public:
  static constexpr std::string_view prefix = "/gslb/nodes/";
  /// Weights may differ for so long: a verdict reaches every node, but not at the same moment.
  static constexpr std::chrono::seconds tolerated{30};
  /// A node that has not written for so long does not run, or does not reach the store.
  static constexpr std::chrono::minutes silent_after{3};
  /// How often a node writes, whatever changes.
  static constexpr std::chrono::seconds beat{60};

  struct Node {
    std::string name;
    NodeRecord record;
    bool silent = false;
    bool same_configuration = true;
    std::optional<base::Duration> weights_differ;  ///< for how long
  };
  void look(const Listing& listing, const std::string& self, const NodeRecord& own, base::SteadyTime now);
  /// The others, by name.
  const std::vector<Node>& nodes() const noexcept { return nodes_; }
  /// Lasting differences, a sentence each.
  std::vector<std::string> alarms() const;

 private:
  struct Seen {
    std::uint64_t revision = 0;
    base::SteadyTime written{};                     ///< when that revision was first seen
    std::optional<base::SteadyTime> differs_since;  ///< its weights
  };
  std::map<std::string, Seen> seen_;
  std::vector<Node> nodes_;
};

}  // namespace gslb::health
