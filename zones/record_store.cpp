#include "zones/record_store.hpp"

#include <sys/mman.h>

#include <limits>
#include <new>
#include <stdexcept>

namespace gslb::zones {

namespace {

std::uint32_t octets_of(const StoredRecord& record) noexcept {
  const std::size_t size = sizeof(StoredRecord) + record.name_size + record.rdata_size;
  return static_cast<std::uint32_t>((size + alignof(StoredRecord) - 1) & ~(alignof(StoredRecord) - 1));
}

}  // namespace

void RecordStore::Unmap::operator()(std::uint8_t* memory) const noexcept { ::munmap(memory, chunk_size); }

RecordRef RecordStore::add(StoredRecord record, dns::NameView name, std::span<const std::uint8_t> rdata) {
  record.name_size = static_cast<std::uint8_t>(name.size());
  record.rdata_size = static_cast<std::uint16_t>(rdata.size());
  const std::uint32_t octets = octets_of(record);
  if (chunks_.empty() || chunk_size - chunks_.back().used < octets) {
    if (chunks_.size() > std::numeric_limits<RecordRef>::max() / chunk_size)
      throw std::length_error("the records take more than 4 GiB");
    void* memory = ::mmap(nullptr, chunk_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    chunks_.push_back({std::unique_ptr<std::uint8_t[], Unmap>(static_cast<std::uint8_t*>(memory)), start, 0});
  }
  Chunk& chunk = chunks_.back();
  std::uint8_t* out = chunk.memory.get() + chunk.used;
  std::memcpy(out, &record, sizeof(record));
  if (!name.empty()) std::memcpy(out + sizeof(record), name.data(), name.size());
  if (!rdata.empty()) std::memcpy(out + sizeof(record) + name.size(), rdata.data(), rdata.size());
  const auto ref = static_cast<RecordRef>((chunks_.size() - 1) * chunk_size + chunk.used);
  chunk.used += octets;
  ++chunk.pending;
  ++size_;
  return ref;
}

RecordRef RecordStore::after(RecordRef ref) const noexcept {
  const std::size_t chunk = ref / chunk_size;
  const std::uint32_t next = ref + octets_of((*this)[ref]);
  if (next - chunk * chunk_size < chunks_[chunk].used) return next;
  return chunk + 1 < chunks_.size() ? static_cast<RecordRef>((chunk + 1) * chunk_size + start) : 0;
}

void RecordStore::release(RecordRef ref) noexcept {
  Chunk& chunk = chunks_[ref / chunk_size];
  if (--chunk.pending == 0) chunk.memory.reset();
}

}  // namespace gslb::zones
