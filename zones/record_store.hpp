// zones/record_store.hpp: the records of a zone between reading and compiling, one after another in mapped chunks.
//
// A million records take 40 octets each here and about 70 in the image. So that both are never whole at the same time,
// chunks go back to the system one by one while the image grows, which malloc would not promise.
// Owned by one build, on one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "dns/name.hpp"

namespace gslb::zones {

/// Says which record: 0 is none.
using RecordRef = std::uint32_t;

struct StoredRecord {
  static constexpr std::uint32_t no_slot = 0xffffffff;

  RecordRef next = 0;            ///< another record of the same owner
  std::uint32_t slot = no_slot;  ///< its owner's slot, if this is the first of the owner's list
  std::uint32_t ttl = 0;
  std::uint32_t line = 0;    ///< within `source`: a line, or an index
  std::uint16_t source = 0;  ///< who wrote it; the builder knows their numbers
  std::uint16_t type = 0;    ///< 0: no record, only a name that exists
  std::uint16_t rdata_size = 0;
  std::uint8_t name_size = 0;
  std::uint8_t reserved = 0;

  /// The owner without the apex's labels.
  dns::NameView name() const noexcept { return {reinterpret_cast<const std::uint8_t*>(this + 1), name_size}; }
  std::span<const std::uint8_t> rdata() const noexcept {
    return {reinterpret_cast<const std::uint8_t*>(this + 1) + name_size, rdata_size};
  }
};

class RecordStore {
 public:
  /// Appends a copy; the sizes are set from `name` and `rdata`. Throws std::length_error when 4 GiB are full.
  RecordRef add(StoredRecord record, dns::NameView name, std::span<const std::uint8_t> rdata);

  StoredRecord& operator[](RecordRef ref) noexcept { return *reinterpret_cast<StoredRecord*>(at(ref)); }
  const StoredRecord& operator[](RecordRef ref) const noexcept {
    return *reinterpret_cast<const StoredRecord*>(const_cast<RecordStore*>(this)->at(ref));
  }

  /// Calls `visit` with each record that is here now, in the order of adding. Some records earlier, the cache line at
  /// needs(record) is fetched, so that the misses of many overlap. `visit` may add records and release any up to its
  /// own. (`needs` only returns the address: g++ 12 drops calls of functions that do nothing but prefetch.)
  template <class Needs, class Visit>
  void visit(Needs&& needs, Visit&& visit) const {
    constexpr std::size_t look_ahead = 16;
    std::size_t to_fetch = size_;
    RecordRef ahead = start;
    const auto fetch_next = [&] {
      __builtin_prefetch(needs((*this)[ahead]), 1);
      ahead = after(ahead);
      --to_fetch;
    };
    while (to_fetch > 0 && size_ - to_fetch < look_ahead) fetch_next();
    RecordRef next = start;
    for (std::size_t left = size_; left > 0; --left) {
      if (to_fetch > 0) fetch_next();
      const RecordRef ref = next;
      next = after(ref);
      visit(ref);
    }
  }
  std::size_t size() const noexcept { return size_; }

  /// This record is not needed any more. Its memory goes when that is so of all its neighbours.
  void release(RecordRef ref) noexcept;

 private:
  static constexpr std::size_t chunk_size = std::size_t{1} << 20;
  static constexpr std::uint32_t start = 8;  ///< so that no record has ref 0

  struct Unmap {
    void operator()(std::uint8_t* memory) const noexcept;
  };
  struct Chunk {
    std::unique_ptr<std::uint8_t[], Unmap> memory;
    std::uint32_t used = 0;     ///< octets
    std::uint32_t pending = 0;  ///< records not yet released
  };

  RecordRef after(RecordRef ref) const noexcept;  ///< the next one in the order of adding; 0 after the last
  std::uint8_t* at(RecordRef ref) noexcept { return chunks_[ref / chunk_size].memory.get() + ref % chunk_size; }

  std::vector<Chunk> chunks_;
  std::size_t size_ = 0;
};

}  // namespace gslb::zones
