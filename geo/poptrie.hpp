// geo/poptrie.hpp: a binary trie of place classes into the tables a look-up reads.
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.hpp"
#include "geo/image.hpp"
#include "geo/merge.hpp"

namespace gslb::geo {

/// See geo/image.hpp for the tables.
struct Poptrie {
  std::vector<std::uint32_t> direct;
  std::vector<image::Node> nodes;
  std::vector<std::uint16_t> leaves;
  std::vector<image::ScopeNode> scope_nodes;
  std::vector<std::uint64_t> top_split;
  std::vector<std::uint32_t> top_rank;
  std::vector<std::uint8_t> place_depth;
  std::uint32_t positions = 0;
  std::uint32_t shallow_positions = 0;
  std::vector<std::uint32_t> position_of;  ///< by node of the binary trie
};

Poptrie build_poptrie(base::Family family, const MergedTrie& trie);

}  // namespace gslb::geo
