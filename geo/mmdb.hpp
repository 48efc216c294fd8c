// geo/mmdb.hpp: a MaxMind DB file, read whole and checked whole before anything believes it.
//
//   file ──copy──► sealed memory ──libmaxminddb──► nodes and records, every one checked ──► Tree
//
// Owns:    plain arrays; file, copy and library handle are gone when open() returns. Threads: any.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/result.hpp"
#include "geo/record.hpp"

namespace gslb::geo {

/// A link of a binary tree: an inner node's index, or with the top bit set a leaf's value.
using Link = std::uint32_t;
constexpr Link leaf_bit = 0x80000000U;
constexpr bool is_leaf(Link link) noexcept { return (link & leaf_bit) != 0; }
constexpr std::uint32_t leaf_value(Link link) noexcept { return link & ~leaf_bit; }

struct TreeNode {
  Link child[2];
};

class Database {
 public:
  /// Opens, walks and checks the file. A later change of the file changes nothing here. Fails, naming the file and the
  /// reason, if the file is not a sound MaxMind DB, or if it holds neither places nor AS numbers.
  [[nodiscard]] static base::Result<Database> open(const std::string& path);
  /// The same of octets in memory; `name` stands for the file in errors.
  [[nodiscard]] static base::Result<Database> open(std::span<const std::uint8_t> content, const std::string& name);

  /// Where the tree of a family begins. Below it leaves are indices into records(); 0 is "nothing known".
  Link root(base::Family family) const noexcept { return family == base::Family::v4 ? v4_root_ : v6_root_; }
  const std::vector<TreeNode>& nodes() const noexcept { return nodes_; }
  const std::vector<Record>& records() const noexcept { return records_; }

  bool has_places() const noexcept { return has_places_; }
  bool has_asns() const noexcept { return has_asns_; }
  /// Of the octets that were read; equals hash_of_file() (geo/sealed_copy.hpp).
  std::uint64_t content_hash() const noexcept { return content_hash_; }

 private:
  friend class DatabaseReader;
  std::vector<TreeNode> nodes_;
  std::vector<Record> records_{Record{}};
  Link v4_root_ = leaf_bit;
  Link v6_root_ = leaf_bit;
  bool has_places_ = false;
  bool has_asns_ = false;
  std::uint64_t content_hash_ = 0;
};

}  // namespace gslb::geo
