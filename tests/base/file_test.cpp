#include "base/file.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace gslb::base {
namespace {

using testing::HasSubstr;

class File : public testing::Test {
 protected:
  File() {
    std::string name = (std::filesystem::temp_directory_path() / "gslb-file-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~File() override { std::filesystem::remove_all(folder_); }
  std::string path(const char* name) const { return folder_ + "/" + name; }
  std::string folder_;
};

TEST_F(File, ReadsBackWhatWasWritten) {
  const std::string content("a\0b\xff\n", 5);
  ASSERT_TRUE(write_file_atomically(path("x"), content));
  EXPECT_EQ(read_file(path("x")).value(), content);
}

TEST_F(File, ReplacesTheOldContentAndLeavesNothingBeside) {
  ASSERT_TRUE(write_file_atomically(path("x"), std::string(100'000, 'a')));
  ASSERT_TRUE(write_file_atomically(path("x"), "short"));
  EXPECT_EQ(read_file(path("x")).value(), "short");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(File, NewFilesAreForTheirOwnerOnly) {
  ASSERT_TRUE(write_file_atomically(path("x"), "secret"));
  struct stat info {};
  ASSERT_EQ(::stat(path("x").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(File, AReaderOfTheOldFileKeepsTheOldContent) {
  ASSERT_TRUE(write_file_atomically(path("x"), "old"));
  const auto map = MappedFile::open(path("x"));
  ASSERT_TRUE(map);
  ASSERT_TRUE(write_file_atomically(path("x"), "new"));
  const auto bytes = map->bytes();
  EXPECT_EQ(std::string(bytes.begin(), bytes.end()), "old");
}

TEST_F(File, DoesNotWriteThroughALinkPutInItsWay) {
  std::ofstream(path("victim")) << "untouched";
  std::filesystem::create_symlink(path("victim"), path("x.new"));
  EXPECT_FALSE(write_file_atomically(path("x"), "content"));
  EXPECT_EQ(read_file(path("victim")).value(), "untouched");
}

TEST_F(File, ErrorsNameThePathAndTheReason) {
  EXPECT_THAT(read_file(path("none")).error().what, HasSubstr(path("none") + ": cannot open: No such file"));
  EXPECT_THAT(read_file(folder_).error().what, HasSubstr("is not a regular file"));
  EXPECT_THAT(write_file_atomically(path("no/such/folder"), "x").error().what, HasSubstr("No such file"));
  EXPECT_FALSE(MappedFile::open(path("none")));
}

TEST_F(File, RefusesMoreThanTheLimitAndTakesExactlyIt) {
  std::ofstream(path("x")) << "12345";
  EXPECT_EQ(read_file(path("x"), 5).value(), "12345");
  EXPECT_THAT(read_file(path("x"), 4).error().what, HasSubstr("larger than 4 octets"));
}

TEST_F(File, AnEmptyFileIsReadAsEmptyAndNotMapped) {
  std::ofstream(path("x")).flush();
  EXPECT_EQ(read_file(path("x")).value(), "");
  EXPECT_FALSE(MappedFile::open(path("x")));
}

TEST_F(File, AMapMovesWithItsOwner) {
  ASSERT_TRUE(write_file_atomically(path("x"), "content"));
  auto first = MappedFile::open(path("x"));
  ASSERT_TRUE(first);
  const MappedFile second = std::move(*first);
  EXPECT_EQ(second.bytes().size(), 7U);
  EXPECT_EQ(second.bytes()[0], 'c');
}

}  // namespace
}  // namespace gslb::base
