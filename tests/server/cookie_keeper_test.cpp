#include "server/cookie_keeper.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace gslb::server {
namespace {

using namespace std::chrono_literals;

class KeptCookies : public testing::Test {
 protected:
  KeptCookies() { std::filesystem::create_directories(folder); }
  ~KeptCookies() override { std::filesystem::remove_all(folder); }
  dns::CookieSecrets kept(base::Duration later = 0s) { return keep_cookie_secrets(folder, base::wall_now() + later); }
  const std::string folder =
      (std::filesystem::temp_directory_path() / ("gslb-cookies-" + std::to_string(::getpid()))).string();
};

TEST_F(KeptCookies, AreTheSameAfterARestart) {
  const auto first = kept();
  ASSERT_EQ(first.keys.size(), 1U);
  EXPECT_EQ(kept().keys, first.keys);
}

TEST_F(KeptCookies, AreReadableByTheServerAlone) {
  kept();
  EXPECT_EQ(std::filesystem::status(folder + "/cookie-secrets").permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(KeptCookies, GiveWayAfterTwoWeeksAndAreStillAccepted) {
  const auto first = kept();
  const auto next = kept(24h * 14);
  ASSERT_EQ(next.keys.size(), 2U);
  EXPECT_NE(next.keys[0], first.keys[0]);
  EXPECT_EQ(next.keys[1], first.keys[0]);
  EXPECT_EQ(kept(24h * 28).keys.size(), 2U);
}

TEST_F(KeptCookies, AreMadeAnewWhereTheFileIsDamaged) {
  std::ofstream(folder + "/cookie-secrets") << "zz\n";
  EXPECT_EQ(kept().keys.size(), 1U);
  EXPECT_EQ(kept().keys, kept().keys);
}

TEST_F(KeptCookies, LastAsLongAsTheProcessWithoutADirectory) {
  EXPECT_EQ(keep_cookie_secrets("", base::wall_now()).keys, keep_cookie_secrets("", base::wall_now()).keys);
}

}  // namespace
}  // namespace gslb::server
