#include "geo/sealed_copy.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <optional>
#include <thread>

#include "base/descriptor.hpp"
#include "mmdb_writer.hpp"

namespace gslb::geo {
namespace {

/// The copy that is being made in this process, once there is one.
std::optional<std::string> copy_under_way() {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", ignored)) {
    const std::string target = std::filesystem::read_symlink(entry.path(), ignored).string();
    if (target.find("gslb-geo") != std::string::npos) return entry.path().string();
  }
  return std::nullopt;
}

/// Makes a copy, of which somebody holds a page from as soon as there is one for a while.
/// @return whether that somebody came in time
bool copy_held(const std::string& path) {
  std::atomic<bool> over = false, held = false;
  std::jthread holder([&] {
    std::optional<std::string> found;
    while (!over && !found) found = copy_under_way();
    const base::Descriptor copy(found ? ::open(found->c_str(), O_RDWR | O_CLOEXEC) : -1);
    void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, copy.get(), 0);
    if (page == MAP_FAILED) return;
    held = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    ::munmap(page, 4096);
  });
  const auto copy = SealedCopy::of_file(path);
  over = true;
  EXPECT_TRUE(copy) << copy.error().what;
  return held;
}

// The kernel does the same for moments, when it moves pages.
TEST(SealedCopy, WaitsForWhoeverHoldsAPageOfIt) {
  const testing::TemporaryFile file(std::string(std::size_t{32} << 20, 'x'));
  bool held = false;
  for (int tries = 0; tries < 50 && !held; ++tries) held = copy_held(file.path());
  EXPECT_TRUE(held) << "the copies were made before anybody could hold them";
}

}  // namespace
}  // namespace gslb::geo
