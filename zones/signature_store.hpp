// zones/signature_store.hpp: signatures by what they sign, so that nothing is signed twice: not after a reload, not
// after a restart, not when a set of endpoints comes back.
//
//   id = SHA-256(key, owner, type, original TTL, sorted record data) ──► inception, expiration, 64 octets
//
// File: header with version, count, newest signing time and a checksum of all that follows │ entries. It is written
// atomically; one that is damaged is refused whole, and everything is signed afresh.
// Threads: find() from several at once while nothing else runs; the rest from one (the builder). made() and newest()
// from any.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "dns/signing_key.hpp"

namespace gslb::zones {

/// Half of a SHA-256: two contents with one id are not to be expected.
using SignatureId = std::array<std::uint8_t, 16>;

struct StoredSignature {
  SignatureId id;
  std::uint32_t inception;   ///< seconds of Unix time
  std::uint32_t expiration;  ///< seconds of Unix time
  std::uint32_t pass;        ///< when it was last of use
  std::uint32_t reserved;
  dns::Signature octets;
};
static_assert(sizeof(StoredSignature) == 96);

class SignatureStore {
 public:
  /// Replaces the content by that of a file. On error the store is empty.
  [[nodiscard]] base::Result<void> load(const std::string& path);
  [[nodiscard]] base::Result<void> save(const std::string& path);
  /// The same, from and to octets.
  [[nodiscard]] base::Result<void> restore(std::string_view octets);
  std::string octets() const;

  /// A signature of this content, whatever its age; it is marked as of use in this pass. Null if there is none.
  const StoredSignature* find(const SignatureId& id) noexcept;
  /// Keeps a signature that was just made, instead of an older one of the same content.
  void put(const SignatureId& id, std::uint32_t inception, std::uint32_t expiration, const dns::Signature& octets);

  /// A configuration was signed whole: what was of use neither for it nor for the one before is dropped.
  void end_pass();
  /// Drops what ended before `now`, seconds of Unix time.
  void forget_ended(std::int64_t now);

  /// Notes that `count` signatures were made at `time`, seconds of Unix time.
  void note_made(std::uint64_t count, std::uint32_t time) noexcept;
  std::uint64_t made() const noexcept { return made_.load(std::memory_order_relaxed); }  ///< since start
  /// The latest time at which a signature here was made, seconds of Unix time; 0: none was.
  std::uint32_t newest() const noexcept { return newest_.load(std::memory_order_relaxed); }
  std::size_t size() const noexcept { return entries_.size(); }
  /// Something was put since the last load() or successful save().
  bool changed() const noexcept { return changed_; }

 private:
  template <class Predicate>
  void drop_if(Predicate drop);
  std::uint32_t slot_of(const SignatureId& id) const noexcept;
  void rehash(std::size_t for_entries);

  std::vector<StoredSignature> entries_;
  std::vector<std::uint32_t> slots_;  ///< open addressing: index of the entry + 1; 0: free
  std::uint32_t pass_ = 1;
  bool changed_ = false;
  std::atomic<std::uint64_t> made_{0};
  std::atomic<std::uint32_t> newest_{0};
};

}  // namespace gslb::zones
