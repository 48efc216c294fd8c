#include "geo/poptrie.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace gslb::geo {

namespace {

using image::direct_bits;
using image::stride;

class Builder {
 public:
  Builder(base::Family family, const MergedTrie& trie) : family_(family), trie_(trie) {
    out_.direct.resize(image::direct_slots);
    out_.place_depth.resize(image::direct_slots);
    out_.top_split.resize(image::direct_slots / 64);
    out_.position_of.resize(trie.nodes.size());
  }

  Poptrie run() {
    std::vector<std::uint32_t> top(image::direct_slots);
    fill_top(trie_.root, 0, 0, top);
    number_top(top);
    unsigned depth = direct_bits;
    for (std::size_t begin = 0, end = binary_.size(); begin != end; depth += stride) {
      for (std::size_t i = begin; i < end; ++i) add_node(binary_[i], depth);
      begin = end;
      end = binary_.size();
    }
    number_deep();
    return std::move(out_);
  }

 private:
  /// `top` receives the binary node of each heap index that is split.
  void fill_top(Link link, unsigned depth, std::uint32_t path, std::vector<std::uint32_t>& top) {
    const std::uint32_t slot = path << (direct_bits - depth);
    if (is_leaf(link)) {
      const std::uint32_t count = 1U << (direct_bits - depth);
      std::fill_n(out_.direct.begin() + slot, count, image::direct_leaf | leaf_value(link));
      std::fill_n(out_.place_depth.begin() + slot, count, static_cast<std::uint8_t>(depth));
      return;
    }
    if (depth == direct_bits) {
      out_.direct[slot] = static_cast<std::uint32_t>(binary_.size());
      out_.place_depth[slot] = image::deeper;
      binary_.push_back(link);
      return;
    }
    const std::uint32_t heap = (1U << depth) + path;
    out_.top_split[heap / 64] |= std::uint64_t{1} << (heap % 64);
    top[heap] = link;
    for (const unsigned bit : {0U, 1U}) fill_top(trie_.nodes[link].child[bit], depth + 1, path << 1 | bit, top);
  }

  void number_top(const std::vector<std::uint32_t>& top) {
    for (std::uint32_t word = 0; word < out_.top_split.size(); ++word) {
      out_.top_rank.push_back(shallow_);
      for (std::uint64_t rest = out_.top_split[word]; rest != 0; rest &= rest - 1) {
        out_.position_of[top[word * 64 + static_cast<unsigned>(std::countr_zero(rest))]] = shallow_++;
      }
    }
  }

  /// One poptrie node for the binary node `link` at `depth`; its children are queued.
  void add_node(Link link, unsigned depth) {
    std::array<Link, 64> entries{};
    std::array<std::uint32_t, 63> inner{};
    image::Node node;
    image::ScopeNode scope;
    expand(link, 0, 0, entries, inner, scope.split);
    node.leaves = static_cast<std::uint32_t>(out_.leaves.size());
    node.nodes = static_cast<std::uint32_t>(binary_.size());
    Link run = 0;
    for (unsigned i = 0; i < 64; ++i) {
      if (!is_leaf(entries[i])) {
        node.vector |= std::uint64_t{1} << i;
        binary_.push_back(entries[i]);
      } else if (entries[i] != run) {
        run = entries[i];
        node.runs |= std::uint64_t{1} << i;
        out_.leaves.push_back(static_cast<std::uint16_t>(leaf_value(run)));
      }
    }
    number(scope, inner, image::shallow_mask(family_, depth));
    out_.nodes.push_back(node);
    out_.scope_nodes.push_back(scope);
  }

  void expand(Link link, unsigned depth, unsigned path, std::array<Link, 64>& entries,
              std::array<std::uint32_t, 63>& inner, std::uint64_t& split) const {
    if (is_leaf(link) || depth == stride) {
      const unsigned width = stride - depth;
      std::fill_n(entries.begin() + (path << width), std::size_t{1} << width, link);
      return;
    }
    const unsigned heap = (1U << depth) + path - 1;
    split |= std::uint64_t{1} << heap;
    inner[heap] = link;
    for (const unsigned bit : {0U, 1U})
      expand(trie_.nodes[link].child[bit], depth + 1, path << 1 | bit, entries, inner, split);
  }

  /// Deep positions count from 0 until number_deep() knows where they begin.
  void number(image::ScopeNode& scope, const std::array<std::uint32_t, 63>& inner, std::uint64_t mask) {
    scope.shallow = shallow_;
    scope.deep = deep_;
    for (std::uint64_t rest = scope.split; rest != 0; rest &= rest - 1) {
      const auto heap = static_cast<unsigned>(std::countr_zero(rest));
      const bool shallow = (mask >> heap & 1) != 0;
      out_.position_of[inner[heap]] = shallow ? shallow_++ : deep_++ | deep_mark;
    }
  }

  void number_deep() {
    for (std::uint32_t& position : out_.position_of) {
      if ((position & deep_mark) != 0) position = (position & ~deep_mark) + shallow_;
    }
    for (image::ScopeNode& scope : out_.scope_nodes) scope.deep += shallow_;
    out_.shallow_positions = shallow_;
    out_.positions = shallow_ + deep_;
  }

  static constexpr std::uint32_t deep_mark = 0x80000000U;

  base::Family family_;
  const MergedTrie& trie_;
  Poptrie out_;
  std::vector<std::uint32_t> binary_;  ///< binary node of each poptrie node, level by level
  std::uint32_t shallow_ = 0;
  std::uint32_t deep_ = 0;
};

}  // namespace

Poptrie build_poptrie(base::Family family, const MergedTrie& trie) { return Builder(family, trie).run(); }

}  // namespace gslb::geo
