// What feeds may change: a share of the weight, or a drain; never a verdict, and nothing once they are silent.
#include <gtest/gtest.h>

#include "health/feeds/feed_board.hpp"

namespace gslb::health {
namespace {

using std::chrono::seconds;

const base::SteadyTime start{};

FeedReading serving(double capacity) {
  FeedReading out;
  out.says = FeedSays::serving;
  out.capacity = capacity;
  return out;
}

FeedReading saying(FeedSays says) {
  FeedReading out;
  out.says = says;
  out.capacity = 0;
  return out;
}

struct FeedBoardTest : testing::Test {
  FeedBoardTest() { board.follow({{"fra", "fra", false, seconds(60)}, {"ams", "ams", false, seconds(60)}}); }
  FeedEffect effect(std::size_t feed, seconds at) { return board.effects(start + at)[feed]; }
  FeedBoard board;
};

TEST_F(FeedBoardTest, ASiteWithHalfItsServersHasHalfItsWeight) {
  EXPECT_FALSE(effect(0, seconds(0)).known);
  board.read(0, serving(0.5), start);
  EXPECT_EQ(effect(0, seconds(1)).share, 500);
  EXPECT_EQ(effect(1, seconds(1)).share, 1000);
}

TEST_F(FeedBoardTest, SharesMoveInTenthsAndNotForLittle) {
  board.read(0, serving(0.5), start);
  EXPECT_EQ(effect(0, seconds(0)).share, 500);
  board.read(0, serving(0.55), start + seconds(1));
  EXPECT_EQ(effect(0, seconds(1)).share, 500);
  board.read(0, serving(0.58), start + seconds(2));
  EXPECT_EQ(effect(0, seconds(2)).share, 600);
}

TEST_F(FeedBoardTest, DrainsButNeverMarksDown) {
  board.read(0, saying(FeedSays::draining), start);
  EXPECT_TRUE(effect(0, seconds(1)).drained);
  board.read(0, saying(FeedSays::failing), start + seconds(2));
  const FeedEffect failing = effect(0, seconds(2));
  EXPECT_FALSE(failing.drained);
  EXPECT_TRUE(failing.disagrees);
  EXPECT_EQ(failing.share, FeedBoard::least);
}

TEST_F(FeedBoardTest, WhatTellsOfLoadOnlyChangesNoWeight) {
  FeedReading load;
  load.utilization = 0.9;
  load.capacity = 0;
  board.read(0, load, start);
  const FeedEffect seen = effect(0, seconds(1));
  EXPECT_TRUE(seen.known);
  EXPECT_EQ(seen.share, 1000);
  EXPECT_EQ(seen.utilization, 90);
}

TEST_F(FeedBoardTest, ASilentFeedIsUnknownAfterItsHold) {
  board.read(0, saying(FeedSays::draining), start);
  ASSERT_TRUE(effect(0, seconds(59)).drained);
  EXPECT_EQ(board.next(), start + seconds(60));
  EXPECT_EQ(effect(0, seconds(60)), FeedEffect{});
  EXPECT_FALSE(board.next());
}

TEST_F(FeedBoardTest, TheFreshestReadingCountsWhoeverMadeIt) {
  FeedBoard other;
  other.follow({{"ams", "ams", false, seconds(60)}});
  other.read(0, serving(0.3), start + seconds(5));
  board.read(1, serving(1), start);
  board.receive(other.shared(start + seconds(7)), "ams", start + seconds(8));
  EXPECT_EQ(effect(1, seconds(8)).share, 300);
  // An older one that comes late changes nothing.
  board.receive({{feed_key("ams"), pack(serving(0.8)), seconds(30)}}, "ams", start + seconds(9));
  EXPECT_EQ(effect(1, seconds(9)).share, 300);
}

TEST_F(FeedBoardTest, OnlyVantagesOfTheSiteAreBelieved) {
  const std::vector<SharedState> drained{{feed_key("ams"), pack(saying(FeedSays::draining)), seconds(0)}};
  board.receive(drained, "fra", start);
  EXPECT_FALSE(effect(1, seconds(0)).known);
  board.receive(drained, "ams", start);
  EXPECT_TRUE(effect(1, seconds(0)).drained);
  FeedBoard open;
  open.follow({{"ams", "ams", true, seconds(60)}});
  open.receive(drained, "fra", start);
  EXPECT_TRUE(open.effects(start)[0].drained);
}

TEST_F(FeedBoardTest, OnlyOwnReadingsAreReported) {
  board.receive({{feed_key("ams"), pack(serving(0.8)), seconds(0)}}, "ams", start);
  EXPECT_TRUE(board.shared(start).empty());
  board.read(0, serving(0.8), start);
  ASSERT_EQ(board.shared(start + seconds(2)).size(), 1U);
  EXPECT_EQ(board.shared(start + seconds(2))[0].age, seconds(2));
  EXPECT_TRUE(board.shared(start + seconds(60)).empty());
}

TEST_F(FeedBoardTest, FeedsThatStayKeepWhatIsKnownOfThem) {
  board.read(1, serving(0.3), start);
  ASSERT_EQ(effect(1, seconds(0)).share, 300);
  board.follow({{"ams", "ams", false, seconds(60)}});
  EXPECT_EQ(effect(0, seconds(1)).share, 300);
}

TEST(PackedReading, SurvivesTheWay) {
  FeedReading reading = serving(0.755);
  reading.utilization = 1.25;
  reading.errors = 0.033;
  const FeedReading back = unpack(pack(reading));
  EXPECT_EQ(back.says, FeedSays::serving);
  EXPECT_DOUBLE_EQ(back.capacity, 0.755);
  EXPECT_DOUBLE_EQ(*back.utilization, 1.25);
  EXPECT_DOUBLE_EQ(*back.errors, 0.033);
  EXPECT_FALSE(unpack(pack(serving(1))).utilization);
}

TEST(PackedReading, AnyNumberIsAReading) {
  for (std::uint32_t value = 0; value < 0xfff00000U; value += 0x000f4243U) {
    const FeedReading reading = unpack(value);
    EXPECT_LE(reading.capacity, 1);
    EXPECT_LE(reading.errors.value_or(0), 1);
  }
}

TEST(RateMeter, TurnsCountersIntoRates) {
  RateMeter meter;
  const auto at = [&](int second, std::uint64_t requests, std::uint64_t errors) {
    FeedReading reading;
    reading.requests_counted = requests;
    reading.errors_counted = errors;
    meter.add(reading, start + seconds(second));
    return reading;
  };
  EXPECT_FALSE(at(0, 1000, 10).rate);
  const FeedReading second = at(10, 1100, 20);
  EXPECT_DOUBLE_EQ(*second.rate, 10);
  EXPECT_DOUBLE_EQ(*second.errors, 0.1);
  EXPECT_DOUBLE_EQ(*at(20, 1110, 30).errors, 0.1) << "ten requests say nothing yet";
  EXPECT_DOUBLE_EQ(*at(30, 1120, 30).errors, 0.5) << "twenty do";
}

TEST(RateMeter, BeginsAnewWhenTheSourceWasRestarted) {
  RateMeter meter;
  FeedReading reading;
  reading.requests_counted = 1000;
  meter.add(reading, start);
  reading.requests_counted = 5;
  meter.add(reading, start + seconds(1));
  EXPECT_FALSE(reading.rate);
  reading.requests_counted = 7;
  meter.add(reading, start + seconds(2));
  EXPECT_EQ(reading.rate, 2);
}

}  // namespace
}  // namespace gslb::health
