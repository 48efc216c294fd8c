#include "geo/merge.hpp"

#include <algorithm>

namespace gslb::geo {

namespace {

class Merger {
 public:
  Merger(base::Family family, std::span<const MergeSource> locations, std::span<const MergeSource> asns,
         Overlay& overlay, Classifier& classifier)
      : longest_(base::bits(family)), location_count_(locations.size()), overlay_(overlay), classifier_(classifier) {
    for (const auto kind : {locations, asns}) {
      for (const MergeSource& source : kind) sources_.push_back(&source);
    }
    cursors_.assign((longest_ + 1) * sources_.size(), leaf_bit);
    for (std::size_t i = 0; i < sources_.size(); ++i) cursors_[i] = sources_[i]->database->root(family);
  }

  MergedTrie run(base::Family family) {
    out_.root = walk(0, overlay_.root(family), 0);
    return std::move(out_);
  }

 private:
  std::span<Link> cursors(unsigned depth) { return {cursors_.data() + depth * sources_.size(), sources_.size()}; }

  std::uint32_t value(std::size_t source, Link leaf) const { return sources_[source]->value[leaf_value(leaf)]; }

  /// Behind a source that knows the whole network no other of its kind matters. Returns whether all are leaves.
  bool settle(std::span<Link> here) {
    bool leaves = true;
    bool known = false;
    for (std::size_t i = 0; i < here.size(); ++i) {
      if (i == location_count_) known = false;
      if (known) here[i] = leaf_bit;
      leaves = leaves && is_leaf(here[i]);
      known = known || (is_leaf(here[i]) && value(i, here[i]) != 0);
    }
    return leaves;
  }

  Link classify(std::span<const Link> here, std::uint32_t state) {
    std::uint32_t fact = 0;
    std::uint32_t asn = 0;
    for (std::size_t i = 0; i < here.size(); ++i) {
      std::uint32_t& found = i < location_count_ ? fact : asn;
      if (found == 0) found = value(i, here[i]);
    }
    return leaf_bit | classifier_.classify(fact, asn, state);
  }

  Link walk(unsigned depth, std::uint32_t overlay_node, std::uint32_t state) {
    if (classifier_.overflowed()) return leaf_bit;
    const std::span<Link> here = cursors(depth);
    if (overlay_node != 0) {
      state = overlay_.enter(overlay_node, state);
      if (overlay_.state(state).special) std::fill(here.begin(), here.end(), leaf_bit);
    }
    if (settle(here) && !overlay_.has_children(overlay_node)) return classify(here, state);
    Link child[2] = {leaf_bit, leaf_bit};
    for (const unsigned bit : {0U, 1U}) {
      const std::span<Link> below = cursors(depth + 1);
      for (std::size_t i = 0; i < here.size(); ++i) {
        below[i] = is_leaf(here[i]) ? here[i] : sources_[i]->database->nodes()[here[i]].child[bit];
      }
      child[bit] = walk(depth + 1, overlay_.child(overlay_node, bit), state);
    }
    if (is_leaf(child[0]) && child[0] == child[1]) return child[0];
    out_.nodes.push_back({{child[0], child[1]}});
    return static_cast<Link>(out_.nodes.size() - 1);
  }

  unsigned longest_;
  std::size_t location_count_;
  Overlay& overlay_;
  Classifier& classifier_;
  std::vector<const MergeSource*> sources_;
  std::vector<Link> cursors_;
  MergedTrie out_;
};

}  // namespace

MergedTrie merge(base::Family family, std::span<const MergeSource> locations, std::span<const MergeSource> asns,
                 Overlay& overlay, Classifier& classifier) {
  return Merger(family, locations, asns, overlay, classifier).run(family);
}

}  // namespace gslb::geo
