// geo/scopes.hpp: for one signature, which networks are of one service class, and what most of a mixed one is.
#pragma once

#include <cstdint>
#include <vector>

#include "geo/merge.hpp"
#include "geo/poptrie.hpp"

namespace gslb::geo {

/// See image::SignatureFamily.
struct Scopes {
  std::vector<std::uint8_t> depth;
  std::vector<std::uint64_t> mixed;
  std::vector<std::uint32_t> rank;
  std::vector<std::uint16_t> majority;
  std::vector<std::uint32_t> many;
  std::vector<std::uint16_t> many_majority;
};

Scopes build_scopes(const MergedTrie& trie, const Poptrie& poptrie, const std::vector<std::uint16_t>& service_class);

}  // namespace gslb::geo
