#include "geo/image.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <type_traits>

#include "base/hash.hpp"

namespace gslb::geo::image {

static_assert(std::endian::native == std::endian::little, "images are little-endian");
static_assert(std::is_trivially_copyable_v<Header> && sizeof(Header) % 8 == 0);
static_assert(sizeof(Node) == 24 && sizeof(ScopeNode) == 16);

namespace {

std::uint64_t checksum(std::span<const std::uint8_t> bytes) {
  Header header;
  std::memcpy(&header, bytes.data(), sizeof header);
  header.checksum = 0;
  const std::uint64_t start = base::hash_bytes(&header, sizeof header);
  return base::hash_bytes(bytes.subspan(sizeof header), start);
}

unsigned ones(std::uint64_t word) noexcept { return static_cast<unsigned>(std::popcount(word)); }

/// Checks one image; the first thing wrong ends it.
class Checker {
 public:
  explicit Checker(std::span<const std::uint8_t> bytes)
      : bytes_(bytes), header_(*reinterpret_cast<const Header*>(bytes.data())) {}

  bool run() {
    if (!span_fits<std::uint8_t>(header_.special) || !span_fits<Signature>(header_.signatures)) return false;
    if (header_.special.count != header_.place_classes) return false;
    return family(base::Family::v4) && family(base::Family::v6) &&
           std::ranges::all_of(records<Signature>(header_.signatures), [&](const auto& s) { return signature(s); });
  }

 private:
  template <class T>
  bool span_fits(Span span) const noexcept {
    return span.offset % 8 == 0 && span.offset <= bytes_.size() &&
           span.count <= (bytes_.size() - span.offset) / sizeof(T);
  }
  template <class T>
  std::span<const T> records(Span span) const noexcept {
    return all<T>(bytes_.data(), span);
  }

  bool family(base::Family which) const {
    const Family& f = header_.family[which == base::Family::v4 ? 0 : 1];
    const bool fits = span_fits<std::uint32_t>(f.direct) && span_fits<Node>(f.nodes) &&
                      span_fits<std::uint16_t>(f.leaves) && span_fits<ScopeNode>(f.scope_nodes) &&
                      span_fits<std::uint64_t>(f.top_split) && span_fits<std::uint32_t>(f.top_rank) &&
                      span_fits<std::uint8_t>(f.place_depth);
    if (!fits || f.direct.count != direct_slots || f.scope_nodes.count != f.nodes.count ||
        f.top_split.count != direct_slots / 64 || f.top_rank.count != f.top_split.count) {
      return false;
    }
    const auto leaves = records<std::uint16_t>(f.leaves);
    return f.shallow_positions <= f.positions && direct(f) && depths(f, f.place_depth) && nodes(f, which) && ranks(f) &&
           std::ranges::all_of(leaves, [&](auto leaf) { return leaf < header_.place_classes; });
  }

  bool direct(const Family& f) const {
    return std::ranges::all_of(records<std::uint32_t>(f.direct), [&](std::uint32_t slot) {
      return (slot & direct_leaf) != 0 ? (slot & ~direct_leaf) < header_.place_classes : slot < f.nodes.count;
    });
  }

  /// Only a slot that holds a node may be divided below it.
  bool depths(const Family& f, Span span) const {
    const auto slots = records<std::uint32_t>(f.direct);
    const auto depth = records<std::uint8_t>(span);
    if (depth.size() != direct_slots) return false;
    for (std::size_t i = 0; i < depth.size(); ++i) {
      if (depth[i] > direct_bits && (depth[i] != deeper || (slots[i] & direct_leaf) != 0)) return false;
    }
    return true;
  }

  /// Children come after their parents and end where addresses do, so every walk ends.
  bool nodes(const Family& f, base::Family which) const {
    const auto all_nodes = records<Node>(f.nodes);
    const auto scope_nodes = records<ScopeNode>(f.scope_nodes);
    std::vector<std::uint8_t> depth(all_nodes.size(), direct_bits);
    for (std::size_t i = 0; i < all_nodes.size(); ++i) {
      const Node& node = all_nodes[i];
      const std::uint64_t children = ones(node.vector);
      if (depth[i] >= base::bits(which)) return false;
      if (children != 0 && (node.nodes <= i || node.nodes + children > all_nodes.size())) return false;
      if (~node.vector != 0 && (node.runs & ~node.vector & (node.vector + 1)) == 0) return false;
      if (std::uint64_t{node.leaves} + ones(node.runs) > f.leaves.count) return false;
      for (std::uint64_t child = 0; child < children; ++child) {
        depth[node.nodes + child] = static_cast<std::uint8_t>(depth[i] + stride);
      }
      const std::uint64_t shallow = shallow_mask(which, depth[i]);
      const ScopeNode& scope = scope_nodes[i];
      if (scope.split >> 63 != 0 || std::uint64_t{scope.shallow} + ones(scope.split & shallow) > f.shallow_positions ||
          std::uint64_t{scope.deep} + ones(scope.split & ~shallow) > f.positions) {
        return false;
      }
    }
    return true;
  }

  bool ranks(const Family& f) const {
    const auto split = records<std::uint64_t>(f.top_split);
    const auto rank = records<std::uint32_t>(f.top_rank);
    std::uint32_t before = 0;
    for (std::size_t i = 0; i < split.size(); ++i) {
      if (rank[i] != before) return false;
      before += ones(split[i]);
    }
    return before <= f.shallow_positions;
  }

  bool signature(const Signature& s) const {
    if (!span_fits<std::uint16_t>(s.service_class) || !span_fits<std::uint8_t>(s.points) ||
        !span_fits<std::uint8_t>(s.answers) || s.classes == 0 || s.service_class.count != header_.place_classes) {
      return false;
    }
    std::uint64_t width = s.regions;
    for (const std::uint8_t count : records<std::uint8_t>(s.points)) {
      if (count == 0) return false;
      width += count;
    }
    const auto classes = records<std::uint16_t>(s.service_class);
    return s.answers.count == width * s.classes &&
           std::ranges::all_of(classes, [&](auto one) { return one < s.classes; }) &&
           scopes(s, header_.family[0], s.family[0]) && scopes(s, header_.family[1], s.family[1]);
  }

  bool scopes(const Signature& s, const Family& f, const SignatureFamily& scopes) const {
    if (scopes.depth.count == 0) return true;
    if (!span_fits<std::uint8_t>(scopes.depth) || !span_fits<std::uint64_t>(scopes.mixed) ||
        !span_fits<std::uint32_t>(scopes.rank) || !span_fits<std::uint16_t>(scopes.majority) ||
        scopes.mixed.count != (std::uint64_t{f.positions} + 63) / 64 ||
        scopes.rank.count != (std::uint64_t{f.shallow_positions} + 63) / 64 || !depths(f, scopes.depth)) {
      return false;
    }
    if (!span_fits<std::uint32_t>(scopes.many) || !span_fits<std::uint16_t>(scopes.many_majority) ||
        scopes.many.count != scopes.many_majority.count) {
      return false;
    }
    const auto classes = [&](Span span) {
      return std::ranges::all_of(records<std::uint16_t>(span), [&](auto one) { return one < s.classes; });
    };
    const auto mixed = records<std::uint64_t>(scopes.mixed);
    const auto rank = records<std::uint32_t>(scopes.rank);
    std::uint32_t before = 0;
    for (std::size_t i = 0; i < rank.size(); ++i) {
      if (rank[i] != before) return false;
      const std::uint64_t left = f.shallow_positions - i * 64;
      before += ones(left >= 64 ? mixed[i] : mixed[i] & ((std::uint64_t{1} << left) - 1));
    }
    return before == scopes.majority.count && classes(scopes.majority) && classes(scopes.many_majority);
  }

  std::span<const std::uint8_t> bytes_;
  const Header& header_;
};

}  // namespace

void Buffer::copy_in(const void* data, std::size_t octets) {
  const std::size_t start = size();
  append_zeros(octets);
  if (octets != 0) std::memcpy(reinterpret_cast<std::uint8_t*>(words_.data()) + start, data, octets);
}

base::Result<void> Buffer::finish(std::uint64_t key) {
  if (size() > std::numeric_limits<std::uint32_t>::max()) return base::Error{"the image is larger than 4 GiB"};
  header().magic = magic;
  header().version = version;
  header().size = static_cast<std::uint32_t>(size());
  header().key = key;
  header().checksum = checksum(bytes());
  return {};
}

bool matches(std::span<const std::uint8_t> bytes, std::uint64_t key) noexcept {
  if (bytes.size() < sizeof(Header)) return false;
  Header header;
  std::memcpy(&header, bytes.data(), sizeof header);
  return header.magic == magic && header.version == version && header.size == bytes.size() && header.key == key;
}

base::Result<void> check(std::span<const std::uint8_t> bytes) {
  const base::Error damaged{"the image is damaged"};
  if (bytes.size() < sizeof(Header) || bytes.size() % 8 != 0) return damaged;
  if (reinterpret_cast<const Header*>(bytes.data())->checksum != checksum(bytes)) return damaged;
  return Checker(bytes).run() ? base::Result<void>() : damaged;
}

}  // namespace gslb::geo::image
