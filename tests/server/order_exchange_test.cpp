#include "server/order_exchange.hpp"

#include <gmock/gmock.h>

#include "health/order_file.hpp"
#include "tests/server/memory_store.hpp"

namespace gslb::server {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A node with its orders.
struct Node {
  explicit Node(const std::string& name)
      : keeper(
            context, [](const std::vector<health::Order>&) {},
            [this](const health::Event& event) { events.push_back(event.what); }),
        exchange(context, keeper) {
    keeper.start();
    exchange.follow(vantages(), name);
  }
  static health::SharingSpec vantages() {
    health::SharingSpec out;
    for (const char* const name : {"fra-1", "iad-1"}) {
      health::VantageSpec& one = out.vantages.emplace_back();
      one.name = name;
      one.address = base::parse_socket_address("127.0.0.1:1");
    }
    out.vantages.emplace_back().name = "nrt-1";
    return out;
  }
  health::Order drain() {
    health::Order order;
    order.scope.site = "fra";
    order.author = "anna";
    order.reason = "kernel update";
    return keeper.give(order).value();
  }
  std::size_t holding() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(keeper.all(), [](const health::Order& order) { return !order.ended; }));
  }
  boost::asio::io_context context{1};
  std::vector<std::string> events;
  OrderKeeper keeper;
  OrderExchange exchange;
};

class OrderExchangeTest : public testing::Test {
 protected:
  /// Both read it until nothing changes any more.
  void settle() {
    for (int i = 0; i < 3; ++i) {
      for (Node* node : {&fra, &iad}) node->exchange.read(store.listing(), store);
    }
  }
  MemoryStore store;
  Node fra{"fra-1"}, iad{"iad-1"};
};

TEST_F(OrderExchangeTest, AnOrderReachesTheOtherNodeThroughTheStoreAndSoDoesItsEnd) {
  EXPECT_EQ(fra.drain().node, "fra-1");
  settle();
  EXPECT_EQ(iad.holding(), 1U);
  EXPECT_THAT(iad.events, ElementsAre(HasSubstr("order 1, by the shared store: fra drained by anna: kernel update")));
  ASSERT_TRUE(iad.keeper.end("1", "bob"));
  settle();
  EXPECT_EQ(fra.holding(), 0U);
  EXPECT_THAT(fra.events.back(), HasSubstr("was ended by bob, by the shared store"));
}

TEST_F(OrderExchangeTest, AnOrderGivenWhileTheStoreWasAwayIsThereOnceItIsBack) {
  fra.drain();
  ASSERT_TRUE(fra.keeper.end("1", "anna"));
  fra.drain();
  settle();
  EXPECT_EQ(iad.holding(), 1U);
}

/// AWS, 2025: a delayed writer put an old plan over a newer one.
TEST_F(OrderExchangeTest, AWriterThatWasPausedForLongBringsNoOrderBack) {
  fra.drain();
  settle();
  const health::Listing seen_before_it_slept = store.listing();
  ASSERT_TRUE(fra.keeper.end("1", "anna"));
  fra.exchange.read(store.listing(), store);
  iad.exchange.read(seen_before_it_slept, store);  // it acts on what it had read
  settle();
  EXPECT_EQ(fra.holding(), 0U);
  EXPECT_EQ(iad.holding(), 0U);
}

TEST_F(OrderExchangeTest, ANodeThatWasAwayForDaysLearnsThatAnOrderIsGone) {
  fra.drain();
  settle();
  store.remove(store.listing().values.at(0).key, std::nullopt, [](const base::Result<std::uint64_t>&) {});
  iad.exchange.read(store.listing(), store);
  EXPECT_EQ(iad.holding(), 0U);
  EXPECT_THAT(store.listing().values, IsEmpty()) << "and does not put it back";
}

TEST_F(OrderExchangeTest, AnOlderListingEndsNothing) {
  const health::Listing before = store.listing();
  fra.drain();
  fra.exchange.read(store.listing(), store);
  fra.exchange.read(store.listing(), store);
  fra.exchange.read(before, store);
  EXPECT_EQ(fra.holding(), 1U);
}

TEST_F(OrderExchangeTest, AStoreThatWasAcceptedAfterAWipeGetsAllAgain) {
  fra.drain();
  settle();
  store.wipe();
  for (Node* node : {&fra, &iad}) node->exchange.forget_store();
  settle();
  EXPECT_EQ(fra.holding(), 1U);
  EXPECT_EQ(iad.holding(), 1U);
  EXPECT_EQ(store.listing().values.size(), 1U);
}

TEST_F(OrderExchangeTest, AnOrderThatEndedLongAgoLeavesTheStore) {
  health::Order old = fra.drain();
  old.ended = base::wall_now() - 48h;
  const auto given = std::chrono::duration_cast<std::chrono::milliseconds>(old.given.time_since_epoch()).count();
  store.set("/gslb/orders/1@fra-1@" + std::to_string(given), health::to_text(old));
  iad.exchange.read(store.listing(), store);
  EXPECT_THAT(store.listing().values, IsEmpty());
  EXPECT_EQ(iad.holding(), 0U);
}

TEST_F(OrderExchangeTest, WhatCannotBeReadInTheStoreIsLeftAlone) {
  store.set("/gslb/orders/1@fra-1@5", "nonsense");
  store.set("/gslb/orders/9@fra-1@5", health::to_text(fra.drain()));  // under a name that is not its own
  settle();
  EXPECT_THAT(iad.keeper.all().size(), 1U);
  EXPECT_EQ(store.listing().values.size(), 3U);
}

TEST_F(OrderExchangeTest, NodesGiveEachOtherAllTheyHave) {
  fra.drain();
  iad.drain();
  const auto answer = iad.exchange.take("fra-1", health::to_text(fra.keeper.book()));
  ASSERT_TRUE(answer);
  EXPECT_EQ(health::parse_orders(*answer)->all().size(), 2U);
  EXPECT_EQ(iad.holding(), 2U);
  EXPECT_FALSE(iad.exchange.take("fra-1", "nonsense"));
}

TEST_F(OrderExchangeTest, ANodeThatCannotBeReachedIsNamed) {
  fra.drain();
  std::vector<OrderExchange::Told> told;
  fra.exchange.spread([&told](std::vector<OrderExchange::Told> all) { told = std::move(all); });
  while (told.empty()) ASSERT_GT(fra.context.run_one_for(10s), 0U);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].node, "iad-1");
  EXPECT_FALSE(told[0].obeys);
  EXPECT_THAT(told[0].problem, HasSubstr("refused"));
}

}  // namespace
}  // namespace gslb::server
