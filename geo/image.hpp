// geo/image.hpp: the layout of a compiled geography: one block of little-endian records without pointers.
//
//   Header ─┬─ for each family: direct ─► nodes ─► leaves (place classes)      the look-up path
//           │                   top_split, scope_nodes                         where the trie divides
//           ├─ for each signature: service classes, answers, and for each family what is mixed
//           └─ special (by place class)
//
// Positions. Every inner node of the binary trie has a number: first those above the direct table, in heap order; then
// the shallow ones of each poptrie node, then the deep ones. Per signature, `mixed` has a bit by position: two clients
// below that node differ. Majorities are kept for mixed nodes above and shallow, in the order of positions, and for
// deep ones that a look-up should not count.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/result.hpp"

namespace gslb::geo::image {

constexpr std::array<char, 8> magic{'g', 's', 'l', 'b', 'g', 'e', 'o', '\n'};
constexpr std::uint32_t version = 3;

constexpr unsigned direct_bits = 18;
constexpr std::uint32_t direct_slots = 1U << direct_bits;
constexpr unsigned stride = 6;
/// Top bit of a direct slot: the rest is a place class, not the index of a node.
constexpr std::uint32_t direct_leaf = 0x80000000U;
/// Instead of a depth up to `direct_bits`: deeper.
constexpr std::uint8_t deeper = 255;

/// Longest source prefix for which majorities are kept.
constexpr unsigned shallow_bits(base::Family family) noexcept { return family == base::Family::v4 ? 24 : 56; }

/// Of a poptrie node at `depth`: which of its 63 binary nodes, in heap order, are shallow.
constexpr std::uint64_t shallow_mask(base::Family family, unsigned depth) noexcept {
  if (depth > shallow_bits(family)) return 0;
  const unsigned levels = shallow_bits(family) - depth + 1;
  return levels >= stride ? ~std::uint64_t{0} >> 1 : (std::uint64_t{1} << ((1U << levels) - 1)) - 1;
}

/// Consecutive records of one kind; `offset` in octets from the start of the image, a multiple of 8.
struct Span {
  std::uint32_t offset = 0;
  std::uint32_t count = 0;
};

struct Node {
  std::uint64_t vector = 0;  ///< entries that are nodes
  std::uint64_t runs = 0;    ///< entries where a run of equal leaves begins
  std::uint32_t leaves = 0;  ///< index of the first run's leaf
  std::uint32_t nodes = 0;   ///< index of the first child
};

/// Beside each Node, apart from it so that plain look-ups stay dense.
struct ScopeNode {
  std::uint64_t split = 0;  ///< which of the 63 binary nodes are not one place class
  std::uint32_t shallow = 0;
  std::uint32_t deep = 0;  ///< positions of the first shallow and of the first deep one
};

struct Family {
  Span direct;       ///< u32 for each slot
  Span nodes;        ///< Node
  Span leaves;       ///< u16
  Span scope_nodes;  ///< ScopeNode
  Span top_split;    ///< u64 words, bit by heap index
  Span top_rank;     ///< u32 for each word: split bits before it
  Span place_depth;  ///< u8 for each slot: where one place class begins, or `deeper`
  std::uint32_t positions = 0;
  std::uint32_t shallow_positions = 0;
};

struct SignatureFamily {
  Span depth;          ///< u8 for each slot: where one service class begins, or `deeper`; none: at 0 everywhere
  Span mixed;          ///< u64 words, bit by position
  Span rank;           ///< u32 for each word that has shallow positions: mixed bits before it
  Span majority;       ///< u16
  Span many;           ///< u32: positions of deep mixed nodes with many divisions below, in order
  Span many_majority;  ///< u16 for each of them
};

struct Signature {
  Span service_class;  ///< u16 by place class
  Span points;         ///< u8: octets of the answer to each nearest question, then to each fastest one
  Span answers;        ///< u8: for each class, these answers, then 0 or 1 for each region
  std::uint32_t classes = 0;
  std::uint32_t regions = 0;
  SignatureFamily family[2];
};

struct Header {
  std::array<char, 8> magic{};
  std::uint32_t version = 0;
  std::uint32_t size = 0;
  std::uint64_t key = 0;
  std::uint64_t checksum = 0;  ///< of the whole image with this field zero
  std::uint32_t place_classes = 0;
  std::uint32_t reserved = 0;
  Span special;     ///< u8 by place class
  Span signatures;  ///< Signature
  Family family[2];
};

/// The records a span names. The span was checked.
template <class T>
const T* at(const std::uint8_t* base, Span span) noexcept {
  return reinterpret_cast<const T*>(base + span.offset);
}
template <class T>
std::span<const T> all(const std::uint8_t* base, Span span) noexcept {
  return {at<T>(base, span), span.count};
}

/// Whole image in memory; suitably aligned.
class Buffer {
 public:
  Buffer() { append_zeros(sizeof(Header)); }

  Header& header() noexcept { return *reinterpret_cast<Header*>(words_.data()); }

  template <class T>
  Span append(std::span<const T> records) {
    const Span span{static_cast<std::uint32_t>(size()), static_cast<std::uint32_t>(records.size())};
    copy_in(records.data(), records.size_bytes());
    return span;
  }
  template <class T>
  Span append(const std::vector<T>& records) {
    return append(std::span<const T>(records));
  }

  std::size_t size() const noexcept { return words_.size() * 8; }
  std::span<const std::uint8_t> bytes() const noexcept {
    return {reinterpret_cast<const std::uint8_t*>(words_.data()), size()};
  }
  /// Fills in magic, version, size, key and checksum. Fails if offsets do not fit.
  [[nodiscard]] base::Result<void> finish(std::uint64_t key);

 private:
  void append_zeros(std::size_t octets) { words_.resize(words_.size() + (octets + 7) / 8); }
  void copy_in(const void* data, std::size_t octets);

  std::vector<std::uint64_t> words_;
};

/// Whether magic, version, size and `key` are as they should be: cheap, before check().
[[nodiscard]] bool matches(std::span<const std::uint8_t> bytes, std::uint64_t key) noexcept;

/// Checks the checksum, and every offset, index and class, so that no look-up can read outside the image.
[[nodiscard]] base::Result<void> check(std::span<const std::uint8_t> bytes);

}  // namespace gslb::geo::image
