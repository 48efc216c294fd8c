#include "geo/scopes.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace gslb::geo {

namespace {

/// One service class's share of a network. Shares are sums of powers of two: exact for IPv4.
struct Share {
  std::uint32_t service_class = 0;
  double part = 0;
};

/// DeepVote counts what has fewer divisions: they have fewer classes and need fewer visits than it can do.
constexpr std::uint8_t many_divisions = 120;

constexpr std::uint32_t is_mixed = 0xffffffffU;

class Builder {
 public:
  Builder(const MergedTrie& trie, const Poptrie& poptrie, const std::vector<std::uint16_t>& service_class)
      : trie_(trie),
        poptrie_(poptrie),
        service_class_(service_class),
        class_of_(trie.nodes.size()),
        divisions_(trie.nodes.size()) {
    out_.mixed.resize((poptrie.positions + 63) / 64);
    majority_.resize(poptrie.shallow_positions);
  }

  Scopes run() {
    // Children stand before their parents, so when a node comes, the shares of its mixed children end the stack.
    for (std::uint32_t i = 0; i < trie_.nodes.size(); ++i) add(i);
    out_.depth.resize(image::direct_slots);
    fill_depth(trie_.root, 0, 0);
    pack();
    std::sort(many_.begin(), many_.end());
    for (const auto& [position, majority] : many_) {
      out_.many.push_back(position);
      out_.many_majority.push_back(majority);
    }
    return std::move(out_);
  }

 private:
  std::uint32_t class_of(Link link) const { return is_leaf(link) ? service_class_[leaf_value(link)] : class_of_[link]; }

  /// The shares of a child: its own, or the stack's last.
  std::span<const Share> shares(Link link, Share& alone) {
    const std::uint32_t one = class_of(link);
    if (one != is_mixed) {
      alone = {one, 1};
      return {&alone, 1};
    }
    const std::size_t end = end_;
    end_ = starts_.back();
    starts_.pop_back();
    return std::span<const Share>(stack_).subspan(end_, end - end_);
  }

  void add(std::uint32_t node) {
    const auto [left, right] = trie_.nodes[node].child;
    divisions_[node] = static_cast<std::uint8_t>(std::min(255U, 1U + divisions(left) + divisions(right)));
    const std::uint32_t one = class_of(left);
    if (one != is_mixed && one == class_of(right)) {
      class_of_[node] = one;
      return;
    }
    class_of_[node] = is_mixed;
    Share left_alone;
    Share right_alone;
    const std::span<const Share> b = shares(right, right_alone);
    const std::span<const Share> a = shares(left, left_alone);
    halve_and_add(a, b);
    starts_.push_back(static_cast<std::uint32_t>(end_));
    stack_.resize(std::max(stack_.size(), end_ + sum_.size()));
    std::copy(sum_.begin(), sum_.end(), stack_.begin() + static_cast<std::ptrdiff_t>(end_));
    end_ += sum_.size();
    mark(poptrie_.position_of[node], divisions_[node]);
  }

  void halve_and_add(std::span<const Share> a, std::span<const Share> b) {
    sum_.clear();
    while (!a.empty() || !b.empty()) {
      const bool from_a = b.empty() || (!a.empty() && a.front().service_class <= b.front().service_class);
      const bool from_b = a.empty() || (!b.empty() && b.front().service_class <= a.front().service_class);
      Share share{from_a ? a.front().service_class : b.front().service_class, 0};
      if (from_a) share.part += a.front().part / 2;
      if (from_b) share.part += b.front().part / 2;
      if (from_a) a = a.subspan(1);
      if (from_b) b = b.subspan(1);
      sum_.push_back(share);
    }
  }

  unsigned divisions(Link link) const { return is_leaf(link) ? 0 : divisions_[link]; }

  void mark(std::uint32_t position, std::uint8_t divisions) {
    out_.mixed[position / 64] |= std::uint64_t{1} << (position % 64);
    const bool shallow = position < majority_.size();
    if (!shallow && divisions < many_divisions) return;
    const auto most =
        std::max_element(sum_.begin(), sum_.end(), [](const Share& x, const Share& y) { return x.part < y.part; });
    const auto majority = static_cast<std::uint16_t>(most->service_class);
    if (shallow) {
      majority_[position] = majority;
    } else {
      many_.emplace_back(position, majority);
    }
  }

  void fill_depth(Link link, unsigned depth, std::uint32_t path) {
    const unsigned width = image::direct_bits - depth;
    if (class_of(link) != is_mixed) {
      std::fill_n(out_.depth.begin() + (path << width), std::size_t{1} << width, static_cast<std::uint8_t>(depth));
    } else if (width == 0) {
      out_.depth[path] = image::deeper;
    } else {
      for (const unsigned bit : {0U, 1U}) fill_depth(trie_.nodes[link].child[bit], depth + 1, path << 1 | bit);
    }
  }

  void pack() {
    for (std::uint32_t position = 0; position < majority_.size(); ++position) {
      if (position % 64 == 0) out_.rank.push_back(static_cast<std::uint32_t>(out_.majority.size()));
      if ((out_.mixed[position / 64] >> (position % 64) & 1) != 0) out_.majority.push_back(majority_[position]);
    }
  }

  const MergedTrie& trie_;
  const Poptrie& poptrie_;
  const std::vector<std::uint16_t>& service_class_;
  std::vector<std::uint32_t> class_of_;  ///< by binary node
  std::vector<std::uint8_t> divisions_;  ///< below each binary node, at most 255
  std::vector<std::uint16_t> majority_;  ///< by shallow position
  std::vector<std::pair<std::uint32_t, std::uint16_t>> many_;
  std::vector<Share> stack_;
  std::size_t end_ = 0;                ///< of the shares on the stack
  std::vector<std::uint32_t> starts_;  ///< of each mixed node's shares
  std::vector<Share> sum_;
  Scopes out_;
};

}  // namespace

Scopes build_scopes(const MergedTrie& trie, const Poptrie& poptrie, const std::vector<std::uint16_t>& service_class) {
  return Builder(trie, poptrie, service_class).run();
}

}  // namespace gslb::geo
