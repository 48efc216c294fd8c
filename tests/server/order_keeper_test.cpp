#include "server/order_keeper.hpp"

#include <gmock/gmock.h>

#include <filesystem>

#include "base/file.hpp"

namespace gslb::server {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class OrderKeeperTest : public testing::Test {
 protected:
  OrderKeeperTest() {
    std::string name = testing::TempDir() + "orders-XXXXXX";
    folder = ::mkdtemp(name.data());
  }
  ~OrderKeeperTest() override { std::filesystem::remove_all(folder); }

  std::unique_ptr<OrderKeeper> keeper() {
    auto out = std::make_unique<OrderKeeper>(
        context, [this](const std::vector<health::Order>& orders) { obeyed = orders; },
        [this](const health::Event& event) { events.push_back(event.what); });
    out->open(folder);
    out->start();
    return out;
  }
  static health::Order drain(std::optional<base::Duration> lasts = std::nullopt) {
    health::Order out;
    out.scope.site = "fra";
    out.author = "anna";
    out.reason = "kernel update";
    if (lasts) out.expires = base::wall_now() + *lasts;
    return out;
  }
  std::string path() const { return folder + "/orders.json"; }

  std::string folder;
  boost::asio::io_context context{1};
  std::vector<health::Order> obeyed;
  std::vector<std::string> events;
};

TEST_F(OrderKeeperTest, AnOrderIsObeyedAndOnDiskWhenItIsGiven) {
  const auto one = keeper();
  ASSERT_TRUE(one->give(drain()));
  ASSERT_EQ(obeyed.size(), 1U);
  EXPECT_TRUE(std::filesystem::exists(path()));
  EXPECT_THAT(events, ElementsAre(HasSubstr("order 1: fra drained by anna: kernel update")));
}

TEST_F(OrderKeeperTest, TheNextRunObeysWhatWasGiven) {
  ASSERT_TRUE(keeper()->give(drain()));  // as killed: nothing is written at its end
  obeyed.clear();
  const auto next = keeper();
  ASSERT_EQ(obeyed.size(), 1U);
  EXPECT_EQ(obeyed[0].author, "anna");
  EXPECT_TRUE(next->end("1", "bob"));
  EXPECT_EQ(obeyed[0].ended_by, "bob");
  EXPECT_FALSE(next->end("1", "bob"));
  EXPECT_THAT(events.back(), HasSubstr("ended by bob"));
}

TEST_F(OrderKeeperTest, AnOrderEndsWhenItExpires) {
  const auto one = keeper();
  ASSERT_TRUE(one->give(drain(20ms)));
  while (obeyed.empty() || !obeyed[0].ended) ASSERT_GT(context.run_one_for(10s), 0U);
  EXPECT_EQ(obeyed[0].ended_by, "");
  EXPECT_THAT(events.back(), HasSubstr("has expired"));
}

TEST_F(OrderKeeperTest, ADamagedFileIsSetAsideAndSaid) {
  ASSERT_TRUE(keeper()->give(drain()));
  const std::string text = base::read_file(path()).value();
  ASSERT_TRUE(base::write_file_atomically(path(), text.substr(0, text.size() / 2)));
  obeyed.clear();
  const auto next = keeper();
  EXPECT_THAT(obeyed, IsEmpty());
  EXPECT_THAT(next->warnings(), ElementsAre(HasSubstr("not obeyed")));
  EXPECT_EQ(base::read_file(path() + ".damaged").value(), text.substr(0, text.size() / 2));
  ASSERT_TRUE(next->give(drain()));
  EXPECT_EQ(obeyed.size(), 1U);
}

TEST_F(OrderKeeperTest, WhatCannotBeWrittenIsObeyedAndSaid) {
  const auto one = keeper();
  std::filesystem::remove_all(folder);
  ASSERT_TRUE(one->give(drain()));
  EXPECT_EQ(obeyed.size(), 1U);
  EXPECT_THAT(one->warnings(), ElementsAre(HasSubstr("cannot be kept over a restart")));
}

TEST_F(OrderKeeperTest, TheWordAgainstAnOrderEndsAllOfItsScope) {
  const auto one = keeper();
  ASSERT_TRUE(one->give(drain()));
  ASSERT_TRUE(one->give(drain()));
  EXPECT_EQ(one->end({health::OrderKind::drain}, drain().scope, "bob").size(), 2U);
  EXPECT_THAT(one->end({health::OrderKind::drain}, drain().scope, "bob"), IsEmpty());
}

TEST_F(OrderKeeperTest, OneThatMakesNoSenseIsRefused) {
  const auto one = keeper();
  health::Order order = drain();
  order.reason.clear();
  EXPECT_FALSE(one->give(order));
  EXPECT_THAT(obeyed, IsEmpty());
}

}  // namespace
}  // namespace gslb::server
