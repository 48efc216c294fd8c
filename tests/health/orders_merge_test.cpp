#include <gmock/gmock.h>

#include <random>

#include "health/order_file.hpp"
#include "health/orders.hpp"

namespace gslb::health {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr base::WallTime start{std::chrono::seconds(1'800'000'000)};

Order drain(const std::string& node, const std::string& site = "fra") {
  Order out;
  out.node = node;
  out.scope.site = site;
  out.author = "anna";
  out.reason = "kernel update";
  return out;
}

TEST(OrderMerge, WhatOneNodeHasTheOtherHasAfterwards) {
  OrderBook fra, iad;
  ASSERT_TRUE(fra.give(drain("fra-1"), start));
  const OrderBook::Merged merged = iad.merge(fra.all(), start + 1s);
  ASSERT_EQ(merged.begun.size(), 1U);
  EXPECT_EQ(merged.begun[0].node, "fra-1");
  EXPECT_EQ(mark_of(iad.all()), mark_of(fra.all()));
  EXPECT_FALSE(iad.merge(fra.all(), start + 2s).changed()) << "told again";
  EXPECT_EQ(iad.give(drain("iad-1"), start + 3s).value().id, 2U) << "numbers go on";
}

TEST(OrderMerge, WhatHasEndedAtOneNodeHasEndedAtAllAndAnOldMessageBringsNothingBack) {
  OrderBook fra, iad;
  ASSERT_TRUE(fra.give(drain("fra-1"), start));
  const std::vector<Order> old = fra.all();
  iad.merge(old, start);
  ASSERT_TRUE(iad.end("1", "bob", start + 1h));
  EXPECT_FALSE(iad.merge(old, start + 2h).changed());
  EXPECT_TRUE(iad.all()[0].ended);
  const OrderBook::Merged merged = fra.merge(iad.all(), start + 2h);
  ASSERT_EQ(merged.ended.size(), 1U);
  EXPECT_EQ(merged.ended[0].ended_by, "bob");
  EXPECT_EQ(mark_of(fra.all()), mark_of({}));
}

TEST(OrderMerge, TwoOrdersOfOneNumberAreNamedByTheirNode) {
  OrderBook fra, iad;
  ASSERT_TRUE(fra.give(drain("fra-1"), start));
  ASSERT_TRUE(iad.give(drain("iad-1", "iad"), start));
  EXPECT_EQ(name_of(fra.all()[0], fra.all()), "1");
  fra.merge(iad.all(), start);
  EXPECT_EQ(name_of(fra.all()[0], fra.all()), "1@fra-1");
  EXPECT_THAT(fra.end("1", "bob", start).error().what, HasSubstr("1@fra-1, 1@iad-1"));
  EXPECT_EQ(fra.end("1@iad-1", "bob", start).value().scope.site, "iad");
  EXPECT_EQ(fra.end("1", "bob", start).value().scope.site, "fra") << "only one is left";
}

TEST(OrderMerge, WhatNoNodeCanGiveIsRefused) {
  OrderBook book;
  Order nameless = drain("fra-1");
  nameless.id = 1;
  nameless.given = start;
  nameless.reason.clear();
  Order endless = drain("fra-1");
  endless.id = 2;
  endless.given = start;
  endless.expires = start + OrderBook::longest + 1s;
  Order leaping = drain("fra-1");
  leaping.id = 4'000'000'000'000;
  leaping.given = start;
  EXPECT_EQ(book.merge({nameless, endless, leaping}, start).refused, 3U);
  EXPECT_THAT(book.all(), IsEmpty());
  std::vector<Order> many;
  for (std::uint64_t id = 1; id <= OrderBook::most + 5; ++id) {
    many.push_back(drain("fra-1"));
    many.back().id = id;
    many.back().given = start;
  }
  EXPECT_EQ(book.merge(many, start).refused, 5U);
}

TEST(OrderMerge, ANodeThatSleptForWeeksBringsNothingBack) {
  for (const bool expires : {false, true}) {
    OrderBook fra, iad;
    Order order = drain("fra-1");
    if (expires) order.expires = start + 24h * 100;
    ASSERT_TRUE(fra.give(std::move(order), start));
    iad.merge(fra.all(), start);
    ASSERT_TRUE(fra.end("1", "bob", start + 1s));
    const base::WallTime later = start + 24h * 30;
    fra.step(later);
    EXPECT_FALSE(fra.merge(iad.all(), later).changed());
    EXPECT_EQ(iad.merge(fra.all(), later).ended.size(), 1U);
    EXPECT_EQ(mark_of(fra.all()), mark_of({}));
    EXPECT_EQ(mark_of(iad.all()), mark_of({}));
    fra.step(start + OrderBook::longest + 25h);
    EXPECT_THAT(fra.all(), IsEmpty()) << "by then it has expired everywhere";
  }
}

TEST(OrderMerge, WhatEndedLongAgoAndHasExpiredEverywhereIsNotTakenUp) {
  OrderBook fra, iad;
  Order order = drain("fra-1");
  order.expires = start + 1h;
  ASSERT_TRUE(fra.give(std::move(order), start));
  ASSERT_TRUE(fra.end("1", "bob", start + 1s));
  EXPECT_FALSE(iad.merge(fra.all(), start + OrderBook::kept_after + 1s).changed());
  EXPECT_THAT(iad.all(), IsEmpty());
}

TEST(OrderMerge, TheFileKeepsTheNodeAndWhatTheStoreHas) {
  OrderBook book;
  const Order given = book.give(drain("fra-1"), start).value();
  book.stored(given, 17);
  const auto read = parse_orders(to_text(book));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->all(), book.all());
  EXPECT_EQ(read->all()[0].stored, 17U);
  const auto one = parse_order(to_text(book.all()[0]));
  ASSERT_TRUE(one);
  EXPECT_TRUE(same_order(*one, given));
  EXPECT_EQ(one->stored, 0U) << "is of one node alone";
  EXPECT_THAT(parse_order("{}").error().what, HasSubstr("not an order"));
  EXPECT_THAT(parse_order("{").error().what, HasSubstr("no JSON"));
}

/// Nodes give and end, and get copies of each other that may be old, twice, or of long ago; at the end all hear all.
TEST(OrderMerge, AllNodesComeToTheSameWhateverTheyHearAndWhen) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&random](std::size_t n) {
      return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
    };
    std::vector<OrderBook> nodes(3);
    std::vector<std::vector<Order>> messages;
    std::vector<Order> once_ended;
    base::WallTime now = start;
    for (int step = 0; step < 60; ++step) {
      now += std::chrono::seconds(below(600));
      OrderBook& node = nodes[below(3)];
      switch (below(4)) {
        case 0: {
          Order order = drain("node-" + std::to_string(&node - nodes.data()));
          if (below(2) == 0) order.expires = now + std::chrono::seconds(1 + below(3600));
          ASSERT_TRUE(node.give(std::move(order), now));
          break;
        }
        case 1:
          if (!node.all().empty()) {
            const Order& one = node.all()[below(node.all().size())];
            if (const auto done = node.end(std::to_string(one.id) + "@" + one.node, "bob", now))
              once_ended.push_back(*done);
          }
          break;
        case 2:
          messages.push_back(node.all());
          break;
        case 3:
          if (!messages.empty()) node.merge(messages[below(messages.size())], now);
          break;
      }
      if (below(5) == 0) node.step(now);
    }
    for (int round = 0; round < 2; ++round) {
      for (OrderBook& a : nodes) {
        for (const OrderBook& b : nodes) a.merge(std::vector<Order>(b.all()), now);
        a.step(now);
      }
    }
    ASSERT_EQ(nodes[0].all(), nodes[1].all()) << "seed " << seed;
    ASSERT_EQ(nodes[1].all(), nodes[2].all()) << "seed " << seed;
    for (const Order& ended : once_ended) {
      const auto& all = nodes[0].all();
      const auto found = std::ranges::find_if(all, [&](const Order& one) { return same_order(one, ended); });
      ASSERT_TRUE(found != all.end() && found->ended) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace gslb::health
