#include "dns/rate_limit.hpp"

#include <gtest/gtest.h>

#include <map>

namespace gslb::dns {
namespace {

Allowance account(RateLimiter& limiter, const base::IpAddress& client, std::uint32_t second) {
  return limiter.account(limiter.prefetch(client), client, second);
}

base::IpAddress address(const char* text) { return *base::parse_address(text); }

RateLimiter limiter(const RateLimits& limits, unsigned workers = 1) {
  RateLimiter out(1);
  out.configure(limits, workers);
  return out;
}

std::map<Allowance, unsigned> replies(RateLimiter& limiter, const char* client, std::uint32_t second,
                                      unsigned queries) {
  std::map<Allowance, unsigned> out;
  for (unsigned i = 0; i < queries; ++i) ++out[account(limiter, address(client), second)];
  return out;
}

TEST(RateLimiter, GivesWholeRepliesUpToHalfTheRateSmallOnesUpToTheRateThenTcAndNothingByTurns) {
  auto limit = limiter({100, {}});
  const auto got = replies(limit, "192.0.2.1", 7, 300);
  EXPECT_EQ(got.at(Allowance::whole), 50U);
  EXPECT_EQ(got.at(Allowance::small), 50U);
  EXPECT_EQ(got.at(Allowance::slip), 100U);
  EXPECT_EQ(got.at(Allowance::drop), 100U);
}

TEST(RateLimiter, GivesSmallRepliesInTheSecondAfterABusyOne) {
  auto limit = limiter({100, {}});
  replies(limit, "192.0.2.1", 7, 60);
  EXPECT_EQ(replies(limit, "192.0.2.1", 8, 40).at(Allowance::small), 40U);
  EXPECT_EQ(replies(limit, "192.0.2.1", 9, 40).at(Allowance::whole), 40U);
}

TEST(RateLimiter, ForgetsABusySecondThatIsLongerAgo) {
  auto limit = limiter({100, {}});
  replies(limit, "192.0.2.1", 7, 300);
  EXPECT_EQ(replies(limit, "192.0.2.1", 9, 40).at(Allowance::whole), 40U);
}

TEST(RateLimiter, CountsA24OrA56AsOneAndNeighboursApart) {
  auto limit = limiter({10, {}});
  replies(limit, "192.0.2.1", 1, 10);
  EXPECT_EQ(account(limit, address("192.0.2.254"), 1), Allowance::slip);
  EXPECT_EQ(account(limit, address("192.0.3.1"), 1), Allowance::whole);
  replies(limit, "2001:db8:0:100::1", 1, 10);
  EXPECT_EQ(account(limit, address("2001:db8:0:1ff:ffff::"), 1), Allowance::slip);
  EXPECT_EQ(account(limit, address("2001:db8:0:200::1"), 1), Allowance::whole);
}

TEST(RateLimiter, TheLongestListedNetworkSetsTheRate) {
  auto limit = limiter({10,
                        {{*base::parse_prefix("192.0.0.0/16"), 20},
                         {*base::parse_prefix("192.0.2.0/24"), unlimited},
                         {*base::parse_prefix("2001:db8::/32"), 4},
                         {*base::parse_prefix("192.0.0.0/8"), 1}}});
  EXPECT_EQ(replies(limit, "192.0.1.1", 1, 21).at(Allowance::slip), 1U);
  EXPECT_EQ(replies(limit, "192.0.2.1", 1, 1000).at(Allowance::whole), 1000U);
  EXPECT_EQ(replies(limit, "2001:db8::1", 1, 5).at(Allowance::slip), 1U);
}

TEST(RateLimiter, AListedHostIsCountedApartFromItsNetwork) {
  auto limit = limiter({10, {{*base::parse_prefix("192.0.2.7/32"), unlimited}}});
  replies(limit, "192.0.2.1", 1, 100);
  EXPECT_EQ(account(limit, address("192.0.2.7"), 1), Allowance::whole);
  replies(limit, "192.0.2.7", 2, 100);
  EXPECT_EQ(account(limit, address("192.0.2.1"), 2), Allowance::small);  // busy by its own doing in second 1
}

TEST(RateLimiter, EachWorkerAllowsItsPart) {
  auto limit = limiter({100, {}}, 4);
  const auto got = replies(limit, "192.0.2.1", 1, 100);
  EXPECT_EQ(got.at(Allowance::whole) + got.at(Allowance::small), 25U);
}

TEST(RateLimiter, AFloodFromManyNetworksDoesNotFreeOneThatIsOverItsRate) {
  auto limit = limiter({10, {}});
  replies(limit, "192.0.2.1", 1, 1000);
  for (std::uint32_t network = 0; network < 20'000; ++network) {
    account(limit, base::IpAddress::v4(0x0a000000 + (network << 8)), 1);
  }
  const Allowance after = account(limit, address("192.0.2.1"), 1);
  EXPECT_TRUE(after == Allowance::slip || after == Allowance::drop);
}

}  // namespace
}  // namespace gslb::dns
