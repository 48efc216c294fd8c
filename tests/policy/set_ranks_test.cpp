// policy/set_ranks.hpp: every set that can be answered with has a number, and the number leads back to it.
#include "policy/set_ranks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace gslb::policy {
namespace {

using testing::ElementsAre;

/// A service of endpoints of which the first `both` have both addresses and the others only IPv6.
Service service_of(std::size_t endpoints, std::size_t both, unsigned take) {
  Service service;
  for (std::size_t i = 0; i < endpoints; ++i) {
    Endpoint endpoint;
    if (i < both) endpoint.v4 = base::IpAddress::v4(static_cast<std::uint32_t>(0xc0000201 + i));
    endpoint.v6 = *base::parse_address("2001:db8::" + std::to_string(i + 1));
    service.endpoints.push_back(endpoint);
  }
  service.take = take;
  return service;
}

TEST(SetRanks, TakeOneHasASetForEachEndpointOfTheFamily) {
  const Service service = service_of(5, 3, 1);
  EXPECT_EQ(SetRanks(service, base::Family::v4).size(), 3U);
  EXPECT_EQ(SetRanks(service, base::Family::v6).size(), 5U);
}

TEST(SetRanks, RankAndSetAreInverseForEverySetUpToTake) {
  for (unsigned take = 1; take <= 4; ++take) {
    const SetRanks ranks(service_of(7, 7, take), base::Family::v4);
    std::set<std::vector<EndpointIndex>> seen;
    for (std::uint32_t rank = 0; rank < ranks.size(); ++rank) {
      auto set = ranks.set(rank);
      EXPECT_LE(set.size(), take);
      EXPECT_TRUE(std::ranges::is_sorted(set));
      EXPECT_TRUE(seen.insert(set).second) << rank;
      std::ranges::reverse(set);
      EXPECT_EQ(ranks.rank(set), rank);
    }
  }
  EXPECT_EQ(SetRanks(service_of(7, 7, 2), base::Family::v4).size(), 7U + 21U);
  EXPECT_EQ(SetRanks(service_of(12, 12, 64), base::Family::v4).size(), 4095U);
}

TEST(SetRanks, TheFallbackAddressesOfTheFamilyAreOneMoreSet) {
  Service service = service_of(3, 3, 1);
  service.fallback = {base::IpAddress::v4(0xc6336409), *base::parse_address("2001:db8:9::1"),
                      base::IpAddress::v4(0xc633640a)};
  const SetRanks ranks(service, base::Family::v4);
  EXPECT_EQ(ranks.size(), 4U);
  EXPECT_THAT(ranks.set(3), ElementsAre(3, 5));
  EXPECT_EQ(ranks.rank(ranks.set(3)), 3U);
}

TEST(SetRanks, MoreSetsThanTheLimitAreSaidToBeTooMany) {
  EXPECT_FALSE(SetRanks(service_of(4096, 4096, 1), base::Family::v4).too_many());
  EXPECT_TRUE(SetRanks(service_of(4097, 4097, 1), base::Family::v4).too_many());
  EXPECT_TRUE(SetRanks(service_of(13, 13, 64), base::Family::v4).too_many());
  EXPECT_TRUE(SetRanks(service_of(60000, 60000, 64), base::Family::v4).too_many());
}

TEST(SetRanks, AServiceWithoutTheFamilyHasNoSet) {
  EXPECT_EQ(SetRanks(service_of(2, 0, 1), base::Family::v4).size(), 0U);
}

}  // namespace
}  // namespace gslb::policy
