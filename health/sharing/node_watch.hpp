// health/sharing/node_watch.hpp: whether nodes go on differing that should answer alike. Pure.
//
//   reports ────────┬─► NodeRecord of each other node ─► compare with our own ─► alarms
//   shared store ───┘
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "health/report.hpp"
#include "health/sharing/node_record.hpp"
#include "health/sharing/shared_store.hpp"

namespace gslb::health {

/// What a report says of the node that sent it; nothing if that answers nobody.
std::optional<NodeRecord> record_in(const Report& report);

class NodeWatch {
 public:
  static constexpr std::string_view prefix = "/gslb/nodes/";
  /// The same two weights may differ for so long: a verdict reaches every node, but not at the same moment.
  static constexpr std::chrono::seconds tolerated{30};
  /// Weights that move meanwhile, as in a slow start, may.
  static constexpr std::chrono::minutes tolerated_moving{5};
  /// Configurations may: somebody rolls one out.
  static constexpr std::chrono::minutes tolerated_configuration{10};
  /// A node that was not heard of for so long does not run, or is cut off.
  static constexpr std::chrono::minutes silent_after{3};
  /// How often a node writes to the store, whatever changes.
  static constexpr std::chrono::seconds beat{60};

  struct Node {
    std::string name;
    NodeRecord record;
    bool silent = false;
    std::optional<base::Duration> weights_differ;  ///< for how long
    std::optional<base::Duration> configuration_differs;
    bool alarms = false;  ///< weights differ for longer than is tolerated
  };

  /// These report; others are known from the store alone.
  void follow(const std::vector<std::string>& reporting);
  /// A node has reported this.
  void heard(const std::string& name, const NodeRecord& record, base::SteadyTime now);
  /// All that is in the store: what is new there since the last time.
  void read(const Listing& listing, const std::string& self, base::SteadyTime now);
  /// Others with this node, as it is now.
  void compare(const NodeRecord& own, base::SteadyTime now);

  /// Whether the node has said that it obeys these orders (mark_of).
  bool obeys(const std::string& name, std::uint32_t orders) const;

  /// The others, by name, as of the last compare().
  const std::vector<Node>& nodes() const noexcept { return nodes_; }
  /// Lasting differences, a sentence each.
  std::vector<std::string> alarms() const;

 private:
  struct Seen {
    NodeRecord record;
    base::SteadyTime when{};  ///< when it was last heard of
    std::optional<base::SteadyTime> reported;
    std::optional<std::uint64_t> revision;  ///< in the store; none: it is not there
    std::optional<base::SteadyTime> weights_since, steady_since, configuration_since;
    std::uint32_t weights_then = 0, own_then = 0;  ///< since `steady_since`
  };
  static Node compare(const std::string& name, Seen& seen, const NodeRecord& own, base::SteadyTime now);

  /// Those that neither report nor are in the store.
  void forget();

  std::map<std::string, Seen> seen_;
  std::vector<Node> nodes_;
};

}  // namespace gslb::health
