// geo/sealed_copy.hpp: a private copy of a file that nobody can change or truncate.
//
// A mapped file that somebody truncates in place kills the process; a sealed copy cannot be touched.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/result.hpp"

namespace gslb::geo {

class SealedCopy {
 public:
  [[nodiscard]] static base::Result<SealedCopy> of_file(const std::string& path);
  [[nodiscard]] static base::Result<SealedCopy> of_bytes(std::span<const std::uint8_t> content);
  SealedCopy(SealedCopy&& other) noexcept;
  SealedCopy& operator=(SealedCopy&&) = delete;
  ~SealedCopy();

  /// A path under which this process can open the copy while this lives.
  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }
  /// base::hash_bytes over the content, block by block.
  std::uint64_t hash() const noexcept { return hash_; }

 private:
  SealedCopy(int descriptor, std::uint64_t hash) noexcept : descriptor_(descriptor), hash_(hash) {}
  int descriptor_;
  std::uint64_t hash_;
};

/// What SealedCopy::hash() would be, without keeping the content.
[[nodiscard]] base::Result<std::uint64_t> hash_of_file(const std::string& path);

}  // namespace gslb::geo
