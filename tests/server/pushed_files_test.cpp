#include "server/pushed_files.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "config/bundle.hpp"

namespace gslb::server {
namespace {

namespace fs = std::filesystem;

const std::string own_text = "zones: { example.org: { ns: [ns1.example.net.] } }\n";

class PushedFilesTest : public ::testing::Test {
 protected:
  PushedFilesTest() {
    std::string name = testing::TempDir() + "pushed-XXXXXX";
    folder = ::mkdtemp(name.data());
    own = folder + "/gslb.yaml";
    state = folder + "/state";
    write(own, own_text);
    files.open(state);
  }
  ~PushedFilesTest() override { fs::remove_all(folder); }
  static void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }
  static std::string bundle(const std::string& main, const std::string& zone = "zone") {
    return *config::to_text({{{"gslb.yaml", main}, {"zones/a.zone", zone}}});
  }
  static health::ConfigRecord record(const std::string& text, int second = 1) {
    return {config::name_of_bundle(text), base::WallTime(std::chrono::seconds(second)), "ops", "why not"};
  }
  /// As the next start of the server finds it.
  PushedFiles next_start() const {
    PushedFiles out;
    out.open(state);
    return out;
  }

  std::string folder, own, state;
  PushedFiles files;
};

TEST_F(PushedFilesTest, NothingIsPushedAtFirst) {
  EXPECT_EQ(files.choose(own).main, "");
  EXPECT_FALSE(files.choose(own).edited);
  EXPECT_FALSE(files.record());
}

TEST_F(PushedFilesTest, WhatIsOnTrialIsChosenWithItsFilesBesideIt) {
  ASSERT_TRUE(files.begin(bundle("zones: {} # pushed\n")));
  const std::string main = files.choose(own).main;
  EXPECT_TRUE(fs::exists(main));
  EXPECT_TRUE(fs::exists(fs::path(main).parent_path() / "zones/a.zone"));
}

TEST_F(PushedFilesTest, ATrialDoesNotOutliveTheServer) {
  ASSERT_TRUE(files.begin(bundle("zones: {} # pushed\n")));
  EXPECT_EQ(next_start().choose(own).main, "");
  EXPECT_TRUE(fs::is_empty(state + "/pushed")) << "what a crash left is removed";
}

TEST_F(PushedFilesTest, WhatIsKeptIsChosenAfterARestart) {
  const std::string text = bundle("zones: {} # pushed\n");
  ASSERT_TRUE(files.begin(text));
  ASSERT_TRUE(files.keep(record(text), own));
  const PushedFiles again = next_start();
  EXPECT_EQ(again.record(), record(text));
  EXPECT_NE(again.choose(own).main, "");
  EXPECT_EQ(*again.bundle(), text);
}

TEST_F(PushedFilesTest, ATrialThatEndsLeavesWhatWasKept) {
  const std::string first = bundle("zones: {} # first\n");
  ASSERT_TRUE(files.begin(first));
  ASSERT_TRUE(files.keep(record(first), own));
  const std::string main = files.choose(own).main;
  ASSERT_TRUE(files.begin(bundle("zones: {} # second\n")));
  EXPECT_NE(files.choose(own).main, main);
  files.end();
  EXPECT_EQ(files.choose(own).main, main);
  EXPECT_TRUE(fs::exists(main));
}

TEST_F(PushedFilesTest, OwnFilesThatWereEditedHold) {
  const std::string text = bundle("zones: {} # pushed\n");
  ASSERT_TRUE(files.begin(text));
  ASSERT_TRUE(files.keep(record(text), own));
  write(own, own_text + "# a comment, and where it listens\nlisten: 127.0.0.1:5300\n");
  EXPECT_FALSE(files.choose(own).edited) << "that is of the machine";
  write(own, "sites: { fra: {} }\n" + own_text);
  EXPECT_TRUE(files.choose(own).edited);
  EXPECT_EQ(files.choose(own).main, "");
}

TEST_F(PushedFilesTest, WhoeverGoesBackToTheFilesIsRemembered) {
  const std::string text = bundle("zones: {} # pushed\n");
  ASSERT_TRUE(files.begin(text));
  ASSERT_TRUE(files.keep(record(text), own));
  ASSERT_TRUE(files.leave({"", base::WallTime(std::chrono::seconds(9)), "ops", "back"}));
  EXPECT_EQ(next_start().record()->when, base::WallTime(std::chrono::seconds(9)));
  EXPECT_EQ(next_start().choose(own).main, "");
}

TEST_F(PushedFilesTest, WhatIsDamagedOnDiskIsNotUsed) {
  const std::string text = bundle("zones: {} # pushed\n");
  ASSERT_TRUE(files.begin(text));
  ASSERT_TRUE(files.keep(record(text), own));
  const std::string kept = state + "/pushed/" + config::name_of_bundle(text) + "/bundle";
  fs::resize_file(kept, fs::file_size(kept) - 1);
  EXPECT_FALSE(next_start().record());
  EXPECT_EQ(next_start().choose(own).main, "");
}

TEST_F(PushedFilesTest, RefusesADamagedBundleAndToKeepOneNowhere) {
  EXPECT_FALSE(files.begin("gslb-bundle 1\n"));
  EXPECT_EQ(files.choose(own).main, "");
  PushedFiles nowhere;
  nowhere.open("");
  EXPECT_FALSE(nowhere.begin(bundle("zones: {}\n")));
}

}  // namespace
}  // namespace gslb::server
