// geo/merge.hpp: all databases and the overlay, walked side by side into one binary trie of place classes.
#pragma once

#include <span>
#include <vector>

#include "base/address.hpp"
#include "geo/classifier.hpp"
#include "geo/mmdb.hpp"
#include "geo/overlay.hpp"

namespace gslb::geo {

/// Leaves are place classes. No node has two equal leaves for children. Children stand before their parents.
struct MergedTrie {
  std::vector<TreeNode> nodes;
  Link root = leaf_bit;
};

/// A database and, for each of its records, what the merge uses of it (a fact or an AS number id; 0: not known).
struct MergeSource {
  const Database* database = nullptr;
  std::vector<std::uint32_t> value;
};

/// Of several sources of a kind the first that knows an address wins. If classifier.overflowed() the result means
/// nothing.
MergedTrie merge(base::Family family, std::span<const MergeSource> locations, std::span<const MergeSource> asns,
                 Overlay& overlay, Classifier& classifier);

}  // namespace gslb::geo
