// health/sharing/node_record.hpp: what every node says of itself, in its reports and in the shared store. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace gslb::health {

struct NodeRecord {
  std::uint64_t configuration = 0;  ///< hash of what is configured for all nodes alike; 0: unknown
  std::uint32_t weights = 0;        ///< hash of all effective weights; 0: unknown
  std::uint64_t generation = 0;     ///< how many it has published
  std::uint32_t orders = 0;         ///< which orders of people it obeys (mark_of)
  friend bool operator==(const NodeRecord&, const NodeRecord&) = default;
};

std::string to_text(const NodeRecord& record);
/// Fails if it is of another form; members that this release does not know are left alone.
[[nodiscard]] base::Result<NodeRecord> parse_node_record(std::string_view text);

}  // namespace gslb::health
