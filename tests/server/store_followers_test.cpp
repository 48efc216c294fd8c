#include "server/store_followers.hpp"

#include <gmock/gmock.h>

#include <set>

namespace gslb::server {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class StoreFollowersTest : public testing::Test {
 protected:
  std::vector<std::string> wait(std::vector<std::string> nodes) {
    std::optional<std::vector<std::string>> out;
    followers.wait(std::move(nodes), [&](const std::vector<OrderExchange::Told>& told) {
      out.emplace();
      for (const auto& one : told) out->push_back(one.node + (one.obeys ? "" : ": " + one.problem));
    });
    const auto deadline = base::steady_now() + 60s;
    while (!out && base::steady_now() < deadline) {
      context.restart();
      context.run_one_for(10ms);
    }
    return out.value();
  }
  boost::asio::io_context context{1};
  int refreshed = 0;
  std::set<std::string> obeying;
  StoreFollowers followers{context,
                           {[this] {
                              if (++refreshed == 3) obeying.insert("late");
                            },
                            [this](const std::string& node) { return obeying.contains(node); }}};
};

TEST_F(StoreFollowersTest, NobodyIsNotWaitedFor) {
  EXPECT_THAT(wait({}), ElementsAre());
  EXPECT_EQ(refreshed, 0);
}

TEST_F(StoreFollowersTest, ReadsTheStoreUntilAllObey) {
  obeying.insert("quick");
  EXPECT_THAT(wait({"quick", "late"}), ElementsAre("quick", "late"));
  EXPECT_EQ(refreshed, 3);
}

TEST_F(StoreFollowersTest, NamesWhomItHasWaitedForInVain) {
  obeying.insert("quick");
  EXPECT_THAT(wait({"quick", "away"}), ElementsAre("quick", "away: it has not said so in the shared store within 7 s"));
}

}  // namespace
}  // namespace gslb::server
