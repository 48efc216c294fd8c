// config/monitor_draft.hpp: a monitor while it is read. Private to the readers of `monitors`.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <utility>
#include <vector>

#include "config/draft.hpp"
#include "config/values.hpp"

namespace gslb::config {

/// A set of kinds of monitors.
class Kinds {
 public:
  constexpr Kinds(std::initializer_list<health::ProbeKind> kinds) {
    for (const health::ProbeKind kind : kinds) bits_ |= bit(kind);
  }
  constexpr bool has(health::ProbeKind kind) const noexcept { return (bits_ & bit(kind)) != 0; }

 private:
  static constexpr std::uint32_t bit(health::ProbeKind kind) noexcept { return 1U << static_cast<unsigned>(kind); }
  std::uint32_t bits_ = 0;
};

struct MonitorDraft {
  health::MonitorSpec spec;
  std::vector<Node> kinds;                      ///< http, https, tcp and so on as written: one is right
  std::vector<std::pair<Node, Kinds>> limited;  ///< keys that mean something to some kinds only
  bool has_timeout = false;

  /// The key at `node` is for these kinds only.
  void only_for(const Node& node, Kinds kinds_it_is_for) { limited.emplace_back(node, kinds_it_is_for); }
};

using MonitorKey = Key<MonitorDraft>;

/// The keys of some kinds, each list in its file.
std::span<const MonitorKey> http_monitor_keys();
std::span<const MonitorKey> tls_monitor_keys();
std::span<const MonitorKey> other_monitor_keys();  ///< dns and command

}  // namespace gslb::config
