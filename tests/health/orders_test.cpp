#include "health/orders.hpp"

#include <gmock/gmock.h>

#include "health/order_file.hpp"

namespace gslb::health {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr base::WallTime start = base::WallTime{} + std::chrono::hours(500'000);

Order order(OrderKind kind, OrderScope scope, std::optional<base::WallTime> expires = std::nullopt) {
  Order out;
  out.kind = kind;
  out.scope = std::move(scope);
  out.author = "anna";
  out.reason = "kernel update";
  out.expires = expires;
  return out;
}

const OrderScope fra{"", "fra", ""};

TEST(OrderScope, PatternsMeanWhatAShellMeans) {
  EXPECT_TRUE(matches("", ""));
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("fra*", "fra-1"));
  EXPECT_TRUE(matches("*-1", "fra-1"));
  EXPECT_TRUE(matches("f?a", "fra"));
  EXPECT_TRUE(matches("*a*b*c", "xaybabzc"));
  EXPECT_FALSE(matches("f?a", "fa"));
  EXPECT_FALSE(matches("fra", "fra-1"));
  EXPECT_FALSE(matches("*a*b", "ba"));
  EXPECT_FALSE(matches("", "a"));
}

TEST(OrderScope, AServiceIsMeantByItsNameOrItsFirstLabels) {
  const OrderScope www{"www", "", ""};
  EXPECT_TRUE(www.holds("www.example.org", "fra", "192.0.2.10"));
  EXPECT_FALSE(www.holds("www2.example.org", "fra", "192.0.2.10"));
  EXPECT_TRUE((OrderScope{"www.example.org", "iad", ""}.holds("www.example.org", "iad", "192.0.2.10")));
  EXPECT_FALSE((OrderScope{"www", "iad", ""}.holds("www.example.org", "fra", "192.0.2.10")));
  EXPECT_TRUE((OrderScope{"*.example.org", "", ""}.holds("api.example.org", "fra", "192.0.2.10")));
  EXPECT_TRUE((OrderScope{"", "", "192.0.2.*"}.holds("api.example.org", "fra", "192.0.2.10")));
  EXPECT_TRUE(OrderScope{}.holds("api.example.org", "fra", "192.0.2.10"));
}

TEST(OrderScope, IsWrittenAsItIsRead) {
  EXPECT_EQ(to_string(OrderScope{}), "*");
  EXPECT_EQ(to_string(fra), "fra");
  EXPECT_EQ(to_string(OrderScope{"www", "", ""}), "www");
  EXPECT_EQ(to_string(OrderScope{"www", "fra", ""}), "www/fra");
  EXPECT_EQ(to_string(OrderScope{"", "", "192.0.2.10"}), "192.0.2.10");
}

// DESIGN 8.8
TEST(OrderBook, DownBeatsDrainBeatsUpBeatsHoldAtAnyScope) {
  OrderBook book;
  const auto winner = [&] {
    const Order* found = effective(book.all(), "www.example.org", "fra", "192.0.2.10");
    return found == nullptr ? std::string_view("nothing") : to_string(found->kind);
  };
  EXPECT_EQ(winner(), "nothing");
  ASSERT_TRUE(book.give(order(OrderKind::hold, {}), start));
  EXPECT_EQ(winner(), "hold");
  ASSERT_TRUE(book.give(order(OrderKind::up, {"", "", "192.0.2.10"}), start));
  EXPECT_EQ(winner(), "up");
  ASSERT_TRUE(book.give(order(OrderKind::drain, {"www", "fra", ""}), start));
  EXPECT_EQ(winner(), "drain");
  ASSERT_TRUE(book.give(order(OrderKind::down, fra), start));
  EXPECT_EQ(winner(), "down");
  ASSERT_TRUE(book.give(order(OrderKind::up, {"www.example.org", "", ""}), start));
  EXPECT_EQ(winner(), "down");
  ASSERT_TRUE(book.end("4", "bob", start + 1s));
  EXPECT_EQ(winner(), "drain");
}

TEST(OrderBook, AnOrderEndsByItsIdOnlyOnce) {
  OrderBook book;
  ASSERT_EQ(book.give(order(OrderKind::drain, fra), start).value().id, 1U);
  ASSERT_EQ(book.give(order(OrderKind::drain, fra), start).value().id, 2U);
  EXPECT_THAT(book.end("3", "bob", start).error().what, HasSubstr("there is no order 3"));
  EXPECT_EQ(book.end("1", "bob", start + 1s).value().ended_by, "bob");
  EXPECT_THAT(book.end("1", "bob", start + 2s).error().what, HasSubstr("has ended already"));
  EXPECT_FALSE(book.all()[1].ended);
}

TEST(OrderBook, TheWordAgainstItEndsAllOfItsKindAndExactlyItsScope) {
  OrderBook book;
  ASSERT_TRUE(book.give(order(OrderKind::drain, fra), start));
  ASSERT_TRUE(book.give(order(OrderKind::down, fra), start));
  ASSERT_TRUE(book.give(order(OrderKind::drain, {"www", "fra", ""}), start));
  ASSERT_TRUE(book.give(order(OrderKind::drain, fra), start));
  EXPECT_EQ(book.end({OrderKind::drain}, fra, "bob", start + 1s).size(), 2U);
  EXPECT_THAT(book.end({OrderKind::drain}, fra, "bob", start + 1s), IsEmpty());
  EXPECT_EQ(book.end({OrderKind::up, OrderKind::down}, fra, "bob", start + 1s).size(), 1U);
  EXPECT_FALSE(book.all()[2].ended);
}

TEST(OrderBook, AnOrderIsToldOfBeforeItExpiresThenExpiresThenIsForgotten) {
  OrderBook book;
  ASSERT_TRUE(book.give(order(OrderKind::drain, fra, start + 2h), start));
  OrderBook::Step step = book.step(start);
  EXPECT_THAT(step.expired, IsEmpty());
  EXPECT_EQ(step.next, start + 2h - 15min);
  step = book.step(*step.next);
  ASSERT_EQ(step.expiring.size(), 1U);
  EXPECT_EQ(step.next, start + 2h);
  EXPECT_THAT(book.step(start + 2h - 1min).expiring, IsEmpty());  // told once
  step = book.step(start + 2h);
  ASSERT_EQ(step.expired.size(), 1U);
  EXPECT_EQ(step.expired[0].ended, start + 2h);
  EXPECT_EQ(step.expired[0].ended_by, "");
  EXPECT_EQ(book.all().size(), 1U);
  step = book.step(*step.next);
  EXPECT_THAT(book.all(), IsEmpty());
  EXPECT_FALSE(step.next);
}

TEST(OrderBook, AShortOrderIsNotToldOfBeforeItExpires) {
  OrderBook book;
  ASSERT_TRUE(book.give(order(OrderKind::drain, fra, start + 10min), start));
  const OrderBook::Step step = book.step(start);
  EXPECT_THAT(step.expiring, IsEmpty());
  EXPECT_EQ(step.next, start + 10min);
}

TEST(OrderBook, WhatExpiredWhileNobodyLookedEndedThen) {
  OrderBook book;
  ASSERT_TRUE(book.give(order(OrderKind::drain, fra, start + 10min), start));
  book.step(start + 5h);
  EXPECT_EQ(book.all()[0].ended, start + 10min);
}

TEST(OrderBook, AnOrderWithoutEndHolds) {
  OrderBook book;
  ASSERT_TRUE(book.give(order(OrderKind::down, fra), start));
  EXPECT_FALSE(book.step(start + std::chrono::hours(24 * 1000)).next);
  EXPECT_FALSE(book.all()[0].ended);
}

TEST(OrderBook, WhatMakesNoSenseIsRefused) {
  OrderBook book;
  Order bad = order(OrderKind::drain, fra);
  bad.reason.clear();
  EXPECT_THAT(book.give(bad, start).error().what, HasSubstr("reason"));
  bad = order(OrderKind::drain, fra);
  bad.author.clear();
  EXPECT_THAT(book.give(bad, start).error().what, HasSubstr("author"));
  bad = order(OrderKind::drain, fra, start);
  EXPECT_THAT(book.give(bad, start).error().what, HasSubstr("ends after it begins"));
  bad = order(OrderKind::drain, fra, start + std::chrono::hours(24 * 400));
  EXPECT_THAT(book.give(bad, start).error().what, HasSubstr("at most a year"));
  bad = order(OrderKind::drain, {std::string(501, 'a'), "", ""});
  EXPECT_THAT(book.give(bad, start).error().what, HasSubstr("at most 500 octets"));
  EXPECT_THAT(book.all(), IsEmpty());
  for (std::size_t i = 0; i < OrderBook::most; ++i) ASSERT_TRUE(book.give(order(OrderKind::drain, fra), start));
  EXPECT_THAT(book.give(order(OrderKind::drain, fra), start).error().what, HasSubstr("end some first"));
}

TEST(Order, IsDescribedInASentence) {
  EXPECT_EQ(describe(order(OrderKind::drain, fra, start + 72min), start),
            "drained by anna: kernel update, 1h 12m left");
  EXPECT_EQ(describe(order(OrderKind::down, fra), start), "forced down by anna: kernel update, until somebody ends it");
  EXPECT_THAT(describe(order(OrderKind::up, fra), start), HasSubstr("forced up"));
  EXPECT_THAT(describe(order(OrderKind::hold, fra), start), HasSubstr("held as it was"));
}

OrderBook full_book() {
  OrderBook book;
  Order held = order(OrderKind::hold, {}, start + 1h);
  held.not_up = {held_key("www.example.org", "192.0.2.20"), held_key("www.example.org", "192.0.2.10")};
  EXPECT_TRUE(book.give(held, start));
  EXPECT_TRUE(book.give(order(OrderKind::drain, {"www", "fra", ""}), start + 1ms));
  EXPECT_TRUE(book.give(order(OrderKind::down, {"", "", "2001:db8::1"}), start));
  EXPECT_TRUE(book.end("2", "bob \xe2\x9c\x93", start + 1s));
  return book;
}

TEST(OrderFile, GivesBackWhatWasWritten) {
  const OrderBook book = full_book();
  const auto read = parse_orders(to_text(book));
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->all(), book.all());
  EXPECT_EQ(read->last_id(), 3U);
  EXPECT_THAT(read->all()[0].not_up, ElementsAre("www.example.org 192.0.2.10", "www.example.org 192.0.2.20"));
}

TEST(OrderFile, IsRefusedWhereverItIsDamaged) {
  const std::string text = to_text(full_book());
  for (std::size_t at = 0; at + 1 < text.size(); ++at) {  // but for the last line end
    EXPECT_FALSE(parse_orders(text.substr(0, at))) << at;
    std::string flipped = text;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    const auto read = parse_orders(flipped);
    if (read) EXPECT_EQ(read->all(), full_book().all()) << at;
  }
  EXPECT_THAT(parse_orders(R"({"version":2})").error().what, HasSubstr("of version 2"));
}

}  // namespace
}  // namespace gslb::health
