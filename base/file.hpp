// base/file.hpp: whole files in, whole files out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace gslb::base {

/// Reads a whole regular file. Fails with the path and the system's reason, or if it is larger than `limit` octets.
[[nodiscard]] Result<std::string> read_file(const std::string& path, std::size_t limit = std::size_t{1} << 31);

/// Replaces `path` so that a reader, or a machine that loses power, sees the old content or the new, never a part:
/// a temporary file beside it, fsync, rename, fsync of the directory.
/// @param mode  of the file, whatever it was before
[[nodiscard]] Result<void> write_file_atomically(const std::string& path, std::string_view content,
                                                 unsigned mode = 0600);

/// A file mapped read-only for as long as this lives. Only for files that are replaced by rename, such as our own
/// images.
class MappedFile {
 public:
  [[nodiscard]] static Result<MappedFile> open(const std::string& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();
  std::span<const std::uint8_t> bytes() const noexcept { return {data_, size_}; }

 private:
  MappedFile(const std::uint8_t* data, std::size_t size) noexcept : data_(data), size_(size) {}
  const std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace gslb::base
