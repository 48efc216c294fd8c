#include "server/drain_tail.hpp"

#include <gtest/gtest.h>

namespace gslb::server {
namespace {

using namespace std::chrono_literals;

const base::SteadyTime noon{std::chrono::hours(12)};

health::FeedReading reading(double rate, double connections = 10) {
  health::FeedReading out;
  out.rate = rate;
  out.connections = connections;
  return out;
}

TEST(DrainTail, EndsWhenOneRequestInAHundredIsLeft) {
  DrainTail tails;
  EXPECT_FALSE(tails.see("lb1", "fra", reading(100), false, noon));
  EXPECT_FALSE(tails.see("lb1", "fra", reading(90), true, noon + 1s));
  EXPECT_FALSE(tails.see("lb1", "fra", reading(1.1), true, noon + 61s));
  EXPECT_FALSE(tails.tail("fra"));
  EXPECT_EQ(tails.see("lb1", "fra", reading(0.9), true, noon + 91s), 90s);
  EXPECT_EQ(tails.tail("fra"), 90s);
  EXPECT_FALSE(tails.see("lb1", "fra", reading(0), true, noon + 92s)) << "told once";
  EXPECT_FALSE(tails.tail("iad"));
}

TEST(DrainTail, IsKeptUntilAnotherDrainEnds) {
  DrainTail tails;
  tails.see("lb1", "fra", reading(100), false, noon);
  tails.see("lb1", "fra", reading(50), true, noon + 1s);
  tails.see("lb1", "fra", reading(0), true, noon + 11s);
  tails.see("lb1", "fra", reading(100), false, noon + 20s);
  tails.see("lb1", "fra", reading(100), true, noon + 30s);
  EXPECT_EQ(tails.tail("fra"), 10s);
  EXPECT_EQ(tails.see("lb1", "fra", reading(0), true, noon + 35s), 5s);
}

TEST(DrainTail, AddsTheBalancersOfASiteUp) {
  DrainTail tails;
  tails.see("lb1", "fra", reading(30, 7), false, noon);
  tails.see("lb2", "fra", reading(70, 5), false, noon);
  tails.see("lb3", "iad", reading(1, 1), false, noon);
  EXPECT_EQ(tails.left("fra", noon).connections, 12);
  EXPECT_EQ(tails.left("fra", noon).requests, 100);
  EXPECT_FALSE(tails.see("lb1", "fra", reading(0), true, noon + 1s)) << "the other still has them";
  EXPECT_EQ(tails.see("lb2", "fra", reading(1), true, noon + 3s), 2s);
  EXPECT_FALSE(tails.left("fra", noon + 60s).requests) << "nobody has said anything since";
  EXPECT_FALSE(tails.left("gru", noon).connections);
}

TEST(DrainTail, SaysNothingOfASiteThatHadNoRequests) {
  DrainTail tails;
  tails.see("lb1", "fra", reading(1), false, noon);
  EXPECT_FALSE(tails.see("lb1", "fra", reading(0), true, noon + 1s));
  EXPECT_FALSE(tails.see("lb1", "iad", {}, true, noon + 1s));
}

}  // namespace
}  // namespace gslb::server
