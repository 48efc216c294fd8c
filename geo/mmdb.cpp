#include "geo/mmdb.hpp"

#include <maxminddb.h>

#include <memory>
#include <optional>

#include "base/hash.hpp"
#include "geo/sealed_copy.hpp"

namespace gslb::geo {

namespace {

struct Close {
  void operator()(MMDB_s* handle) const noexcept {
    MMDB_close(handle);
    delete handle;
  }
};
using Handle = std::unique_ptr<MMDB_s, Close>;

/// From data section offsets to record indices. Open addressing: some files have ten million links to look up.
class OffsetTable {
 public:
  OffsetTable() : slots_(1 << 12) {}

  /// The index of `offset`; `next` is entered, and returned, if it is new.
  std::uint32_t find_or_add(std::uint32_t offset, std::uint32_t next) {
    if (used_ * 2 > slots_.size()) grow();
    Slot& slot = slot_of(offset);
    if (slot.index == 0) {
      slot = {offset, next};
      ++used_;
    }
    return slot.index;
  }

 private:
  struct Slot {
    std::uint32_t offset = 0;
    std::uint32_t index = 0;  ///< 0: free
  };

  Slot& slot_of(std::uint32_t offset) {
    std::size_t at = (offset * 0x9e3779b97f4a7c15ULL >> 20) & (slots_.size() - 1);
    while (slots_[at].index != 0 && slots_[at].offset != offset) at = (at + 1) & (slots_.size() - 1);
    return slots_[at];
  }

  void grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.index != 0) slot_of(slot.offset) = slot;
    }
  }

  std::vector<Slot> slots_;
  std::size_t used_ = 0;
};

using Path = unsigned __int128;

/// Where GeoIP2 files link the IPv4 tree a second time: IPv4-mapped, Teredo, 6to4. Such links are cut: an address there
/// is special-purpose anyway.
constexpr bool is_alias(Path path, unsigned depth) noexcept {
  constexpr Path mapped = Path{0xffff} << 32;
  constexpr Path teredo = Path{0x20010000} << 96;
  constexpr Path sixtofour = Path{0x2002} << 112;
  return (depth == 96 && path == mapped) || (depth == 32 && path == teredo) || (depth == 16 && path == sixtofour);
}

}  // namespace

class DatabaseReader {
 public:
  DatabaseReader(const SealedCopy& copy, std::string name) : copy_(copy), name_(std::move(name)) {}

  base::Result<Database> read() {
    auto raw = std::make_unique<MMDB_s>();
    if (const int status = MMDB_open(copy_.path().c_str(), MMDB_MODE_MMAP, raw.get()); status != MMDB_SUCCESS) {
      return refuse(std::string("is not a sound MaxMind DB file: ") + MMDB_strerror(status));
    }
    const Handle handle(raw.release());
    data_size_ = handle->data_section_size;
    reader_.emplace(std::span(handle->data_section, data_size_));
    if (const auto done = read_nodes(*handle); !done) return done.error();
    if (const auto done = check_shape(handle->metadata.ip_version == 6 ? 128 : 32); !done) return done.error();
    for (const Record& record : out_.records_) {
      out_.has_places_ = out_.has_places_ || record.has_place();
      out_.has_asns_ = out_.has_asns_ || record.asn != 0;
    }
    if (!out_.has_places_ && !out_.has_asns_) return refuse("has neither places nor AS numbers");
    set_roots(handle->metadata.ip_version);
    out_.content_hash_ = copy_.hash();
    return std::move(out_);
  }

 private:
  base::Error refuse(const std::string& why) const { return {name_ + ": " + why}; }

  base::Result<void> read_nodes(const MMDB_s& handle) {
    const std::uint32_t count = handle.metadata.node_count;
    if (count == 0 || count >= leaf_bit) return refuse("has no search tree");
    out_.nodes_.resize(count);
    for (std::uint32_t i = 0; i < count; ++i) {
      MMDB_search_node_s node;
      if (MMDB_read_node(&handle, i, &node) != MMDB_SUCCESS) return refuse("the search tree is cut short");
      const auto left = link(node.left_record_type, node.left_record, node.left_record_entry.offset);
      if (!left) return left.error();
      const auto right = link(node.right_record_type, node.right_record, node.right_record_entry.offset);
      if (!right) return right.error();
      out_.nodes_[i] = {{*left, *right}};
    }
    return {};
  }

  base::Result<Link> link(unsigned type, std::uint64_t value, std::uint32_t offset) {
    switch (type) {
      case MMDB_RECORD_TYPE_SEARCH_NODE:
        return static_cast<Link>(value);
      case MMDB_RECORD_TYPE_EMPTY:
        return leaf_bit;
      case MMDB_RECORD_TYPE_DATA:
        break;
      default:
        return refuse("a link of the search tree leads nowhere");
    }
    if (offset >= data_size_) return refuse("a link of the search tree leads nowhere");
    const auto next = static_cast<std::uint32_t>(out_.records_.size());
    const std::uint32_t index = offsets_.find_or_add(offset, next);
    if (index != next) return leaf_bit | index;
    const auto record = reader_->read(offset);
    if (!record)
      return refuse("the record at offset " + std::to_string(offset) + " is damaged: " + record.error().what);
    out_.records_.push_back(*record);
    return leaf_bit | index;
  }

  /// From the root every node is met once, and no deeper than an address is long. Cuts alias links.
  base::Result<void> check_shape(unsigned longest) {
    struct Step {
      std::uint32_t node;
      unsigned depth;
      Path path;
    };
    std::vector<bool> met(out_.nodes_.size());
    std::vector<Step> todo{{0, 0, 0}};
    while (!todo.empty()) {
      const Step step = todo.back();
      todo.pop_back();
      if (step.depth == longest) return refuse("the search tree is deeper than an address is long");
      if (met[step.node]) return refuse("the search tree is not a tree");
      met[step.node] = true;
      for (const unsigned bit : {1U, 0U}) {
        Link& child = out_.nodes_[step.node].child[bit];
        const Path path = step.path | Path{bit} << (longest - 1 - step.depth);
        if (longest == 128 && is_alias(path, step.depth + 1)) child = leaf_bit;
        if (!is_leaf(child)) todo.push_back({child, step.depth + 1, path});
      }
    }
    return {};
  }

  /// IPv4 stands under ::/96 in a tree for both. A leaf above that depth speaks of IPv6 only.
  void set_roots(unsigned ip_version) {
    if (ip_version == 4) {
      out_.v4_root_ = 0;
      return;
    }
    out_.v6_root_ = 0;
    Link at = 0;
    for (unsigned depth = 0; depth < 96; ++depth) {
      if (is_leaf(at)) return;
      at = out_.nodes_[at].child[0];
    }
    out_.v4_root_ = at;
  }

  const SealedCopy& copy_;
  std::string name_;
  std::optional<RecordReader> reader_;
  std::uint32_t data_size_ = 0;
  OffsetTable offsets_;
  Database out_;
};

base::Result<Database> Database::open(const std::string& path) {
  const auto copy = SealedCopy::of_file(path);
  if (!copy) return copy.error();
  return DatabaseReader(*copy, path).read();
}

base::Result<Database> Database::open(std::span<const std::uint8_t> content, const std::string& name) {
  const auto copy = SealedCopy::of_bytes(content);
  if (!copy) return base::Error{name + ": " + copy.error().what};
  return DatabaseReader(*copy, name).read();
}

}  // namespace gslb::geo
