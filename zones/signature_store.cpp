#include "zones/signature_store.hpp"

#include <algorithm>
#include <cstring>
#include <span>
#include <string_view>

#include "base/file.hpp"
#include "base/hash.hpp"

namespace gslb::zones {

namespace {

struct FileHeader {
  char magic[8];
  std::uint32_t version;
  std::uint32_t newest;
  std::uint64_t count;
  std::uint64_t checksum;  ///< of newest, count and all entries
};
static_assert(sizeof(FileHeader) == 32);

constexpr char magic[8] = {'g', 's', 'l', 'b', 's', 'i', 'g', 's'};
constexpr std::uint32_t format_version = 1;
constexpr std::size_t largest_file = std::size_t{2} << 30;

std::uint64_t checksum_of(const FileHeader& header, std::span<const std::uint8_t> entries) noexcept {
  return base::hash_bytes(entries, base::combine(header.newest, header.count));
}

}  // namespace

base::Result<void> SignatureStore::load(const std::string& path) {
  const auto content = base::read_file(path, largest_file);
  if (!content) return content.error();
  if (auto restored = restore(*content); !restored) return base::Error{path + ": " + restored.error().what};
  return {};
}

base::Result<void> SignatureStore::save(const std::string& path) {
  if (auto written = base::write_file_atomically(path, octets()); !written) return written.error();
  changed_ = false;
  return {};
}

base::Result<void> SignatureStore::restore(std::string_view content) {
  entries_.clear();
  slots_.clear();
  newest_ = 0;
  changed_ = false;
  FileHeader header;
  if (content.size() < sizeof header) return base::Error{"the file is cut short"};
  std::memcpy(&header, content.data(), sizeof header);
  if (std::memcmp(header.magic, magic, sizeof magic) != 0 || header.version != format_version)
    return base::Error{"not a file of signatures of this version"};
  const auto rest = content.substr(sizeof header);
  if (rest.size() % sizeof(StoredSignature) != 0 || rest.size() / sizeof(StoredSignature) != header.count)
    return base::Error{"the file is cut short"};
  if (checksum_of(header, {reinterpret_cast<const std::uint8_t*>(rest.data()), rest.size()}) != header.checksum)
    return base::Error{"the file is damaged"};
  entries_.resize(header.count);
  if (!rest.empty()) std::memcpy(entries_.data(), rest.data(), rest.size());
  for (StoredSignature& entry : entries_) entry.pass = pass_;
  rehash(entries_.size());
  newest_ = header.newest;
  return {};
}

std::string SignatureStore::octets() const {
  FileHeader header{};
  std::memcpy(header.magic, magic, sizeof magic);
  header.version = format_version;
  header.newest = newest();
  header.count = entries_.size();
  const std::span entries(reinterpret_cast<const std::uint8_t*>(entries_.data()),
                          entries_.size() * sizeof(StoredSignature));
  header.checksum = checksum_of(header, entries);
  std::string out(sizeof header + entries.size(), '\0');
  std::memcpy(out.data(), &header, sizeof header);
  if (!entries.empty()) std::memcpy(out.data() + sizeof header, entries.data(), entries.size());
  return out;
}

/// Where the id stands, or where it would.
std::uint32_t SignatureStore::slot_of(const SignatureId& id) const noexcept {
  std::uint64_t hash;
  std::memcpy(&hash, id.data(), sizeof hash);
  const auto count = static_cast<std::uint32_t>(slots_.size());
  std::uint32_t slot = base::reduce(hash, count);
  while (slots_[slot] != 0 && entries_[slots_[slot] - 1].id != id) slot = slot + 1 == count ? 0 : slot + 1;
  return slot;
}

void SignatureStore::rehash(std::size_t for_entries) {
  slots_.assign(for_entries * 2 + 16, 0);
  for (std::uint32_t i = 0; i < entries_.size(); ++i) slots_[slot_of(entries_[i].id)] = i + 1;
}

const StoredSignature* SignatureStore::find(const SignatureId& id) noexcept {
  if (slots_.empty()) return nullptr;
  const std::uint32_t slot = slot_of(id);
  if (slots_[slot] == 0) return nullptr;
  StoredSignature& entry = entries_[slots_[slot] - 1];
  std::atomic_ref(entry.pass).store(pass_, std::memory_order_relaxed);  // two helpers may find the same one
  return &entry;
}

void SignatureStore::put(const SignatureId& id, std::uint32_t inception, std::uint32_t expiration,
                         const dns::Signature& octets) {
  if (entries_.size() * 3 / 2 + 8 > slots_.size()) rehash(entries_.size() * 2 + 8);
  const std::uint32_t slot = slot_of(id);
  if (slots_[slot] == 0) {
    entries_.emplace_back();
    slots_[slot] = static_cast<std::uint32_t>(entries_.size());
  }
  entries_[slots_[slot] - 1] = {id, inception, expiration, pass_, 0, octets};
  changed_ = true;
}

template <class Predicate>
void SignatureStore::drop_if(Predicate drop) {
  if (std::erase_if(entries_, drop) != 0) rehash(entries_.size());
}

void SignatureStore::end_pass() {
  drop_if([this](const StoredSignature& entry) { return entry.pass + 1 < pass_; });
  ++pass_;
}

void SignatureStore::forget_ended(std::int64_t now) {
  drop_if([now](const StoredSignature& entry) { return entry.expiration < now; });
}

void SignatureStore::note_made(std::uint64_t count, std::uint32_t time) noexcept {
  made_.fetch_add(count, std::memory_order_relaxed);
  newest_.store(std::max(newest(), time), std::memory_order_relaxed);
}

}  // namespace gslb::zones
