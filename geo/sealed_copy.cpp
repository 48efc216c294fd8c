#include "geo/sealed_copy.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include "base/descriptor.hpp"
#include "base/hash.hpp"

namespace gslb::geo {

namespace {

constexpr std::size_t block_size = std::size_t{1} << 18;

using base::Descriptor;

base::Error failure(const std::string& what) { return {what + ": " + std::strerror(errno)}; }

bool write_all(int fd, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

/// Octets read; fewer than asked for only at the end of the file. -1: see errno.
ssize_t read_fully(int fd, std::span<std::uint8_t> out) {
  std::size_t filled = 0;
  while (filled < out.size()) {
    const ssize_t got = ::read(fd, out.data() + filled, out.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  return static_cast<ssize_t>(filled);
}

base::Result<int> open_regular(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return failure(path + ": cannot open");
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return failure(path + ": cannot read");
  if (!S_ISREG(info.st_mode)) return base::Error{path + ": is not a regular file"};
  return file.release();
}

/// Reads `path` to its end, block by block; `sink` returns false when it failed and errno says why.
base::Result<std::uint64_t> stream(const std::string& path,
                                   const std::function<bool(std::span<const std::uint8_t>)>& sink) {
  const auto opened = open_regular(path);
  if (!opened) return opened.error();
  const Descriptor file(*opened);
  std::vector<std::uint8_t> block(block_size);
  std::uint64_t hash = 0;
  for (;;) {
    const ssize_t got = read_fully(file.get(), block);
    if (got < 0) return failure(path + ": cannot read");
    const std::span<const std::uint8_t> filled(block.data(), static_cast<std::size_t>(got));
    hash = base::hash_bytes(filled, hash);
    if (!sink(filled)) return failure(path + ": cannot copy into memory");
    if (filled.size() < block.size()) return hash;
  }
}

base::Result<int> anonymous_file() {
  const int fd = ::memfd_create("gslb-geo", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return failure("cannot create a file in memory");
  return fd;
}

/// The kernel refuses (EBUSY) while it holds a page of the file itself, to move it or to see how old it is: that is
/// over soon, and must not fail a start or a reload.
bool seal(int fd) {
  for (std::chrono::milliseconds pause{1};; pause *= 2) {
    if (::fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0) return true;
    if (errno != EBUSY || pause > std::chrono::seconds(1)) return false;
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace

base::Result<SealedCopy> SealedCopy::of_file(const std::string& path) {
  const auto created = anonymous_file();
  if (!created) return created.error();
  Descriptor copy(*created);
  const auto hash = stream(path, [&](std::span<const std::uint8_t> block) { return write_all(copy.get(), block); });
  if (!hash) return hash.error();
  if (!seal(copy.get())) return failure(path + ": cannot seal the copy");
  return SealedCopy(copy.release(), *hash);
}

base::Result<SealedCopy> SealedCopy::of_bytes(std::span<const std::uint8_t> content) {
  const auto created = anonymous_file();
  if (!created) return created.error();
  Descriptor copy(*created);
  std::uint64_t hash = 0;
  for (std::size_t at = 0; at <= content.size(); at += block_size) {
    hash = base::hash_bytes(content.subspan(at, std::min(block_size, content.size() - at)), hash);
  }
  if (!write_all(copy.get(), content) || !seal(copy.get())) return failure("cannot copy into memory");
  return SealedCopy(copy.release(), hash);
}

SealedCopy::SealedCopy(SealedCopy&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), hash_(other.hash_) {}

SealedCopy::~SealedCopy() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

base::Result<std::uint64_t> hash_of_file(const std::string& path) {
  return stream(path, [](std::span<const std::uint8_t>) { return true; });
}

}  // namespace gslb::geo
