#include "policy/shares.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/policy/fixture.hpp"

namespace gslb::policy {
namespace {

using base::Family;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::IsEmpty;

Tiers run_chain(const Service& service, Family family, const geo::ClassAnswers& client) {
  return run_chains(service, family, client).own;
}

Shares share(const Service& service, Tiers tiers, EffectiveWeights effective, const Guards& guards = {}) {
  return share_tiers(service, {std::move(tiers), {}, false}, std::move(effective), guards);
}

geo::ClassAnswers nearest(std::vector<std::uint8_t> tiers) { return {{std::move(tiers)}, {}}; }

TEST(Chain, NearestSplitsByTheTiersOfTheClientsClass) {
  const Service service = three_sites({filter(FilterKind::nearest)});
  EXPECT_THAT(run_chain(service, Family::v4, nearest({0, 2, 1})),
              ElementsAre(ElementsAre(0), ElementsAre(2), ElementsAre(1)));
}

TEST(Chain, NearestKeepsEqualsTogetherInTheOrderWritten) {
  const Service service = three_sites({filter(FilterKind::nearest)});
  EXPECT_THAT(run_chain(service, Family::v4, nearest({1, 0, 0})), ElementsAre(ElementsAre(1, 2), ElementsAre(0)));
}

TEST(Chain, AClientWithoutAPlaceLeavesAllSitesEqual) {
  const Service service = three_sites({filter(FilterKind::nearest)});
  EXPECT_THAT(run_chain(service, Family::v4, nearest({})), ElementsAre(ElementsAre(0, 1, 2)));
}

TEST(Chain, PriorityWithoutSitesFollowsTheOrderWritten) {
  const Service service = three_sites({filter(FilterKind::priority)});
  EXPECT_THAT(run_chain(service, Family::v4, {}), ElementsAre(ElementsAre(0), ElementsAre(1), ElementsAre(2)));
}

TEST(Chain, PriorityWithSitesMakesTheirTiersAndPutsUnnamedSitesLast) {
  FilterSpec priority = filter(FilterKind::priority);
  priority.sites = {{"gru"}, {"fra"}};
  EXPECT_THAT(run_chain(three_sites({priority}), Family::v4, {}),
              ElementsAre(ElementsAre(2), ElementsAre(0), ElementsAre(1)));
}

TEST(Chain, AnEndpointWithoutAnAddressOfTheFamilyIsNotThere) {
  ServiceSpec spec = three_site_spec();
  spec.endpoints[1].v6 = base::Sourced<base::IpAddress>{*base::parse_address("2001:db8::20"), {}};
  const Service service = compile(spec, {});
  EXPECT_THAT(run_chain(service, Family::v6, {}), ElementsAre(ElementsAre(1)));
}

class Fence : public testing::Test {
 protected:
  static Service service(bool strict) {
    ServiceSpec spec = three_site_spec();
    spec.endpoints[0].serves.anyone = false;
    spec.endpoints[0].serves.continents = {"EU"};
    FilterSpec fence = filter(FilterKind::fence);
    fence.strict = strict;
    return compile(spec, {fence});
  }
};

TEST_F(Fence, StrictDropsWhatDoesNotServeTheClient) {
  EXPECT_THAT(run_chain(service(true), Family::v4, {{}, {false}}), ElementsAre(ElementsAre(1, 2)));
}

TEST_F(Fence, PreferPutsItLast) {
  EXPECT_THAT(run_chain(service(false), Family::v4, {{}, {false}}), ElementsAre(ElementsAre(1, 2), ElementsAre(0)));
}

TEST_F(Fence, InsideAllStay) {
  EXPECT_THAT(run_chain(service(true), Family::v4, {{}, {true}}), ElementsAre(ElementsAre(0, 1, 2)));
}

class OutsideTheFence : public testing::Test {
 protected:
  /// fra serves Europe, iad North America and only over IPv4, gru South America.
  static Service service(Outside outside, std::vector<std::string> sites = {}) {
    ServiceSpec spec = three_site_spec();
    const char* continents[] = {"EU", "NA", "SA"};
    for (std::size_t i = 0; i < 3; ++i) {
      spec.endpoints[i].serves.anyone = false;
      spec.endpoints[i].serves.continents = {continents[i]};
    }
    spec.endpoints[0].v6 = base::Sourced<base::IpAddress>{*base::parse_address("2001:db8::10"), {}};
    spec.fallback = {*base::parse_address("198.51.100.1")};
    FilterSpec fence = filter(FilterKind::fence);
    fence.outside = outside;
    fence.outside_sites = std::move(sites);
    return compile(spec, {fence, filter(FilterKind::priority)});
  }
  const geo::ClassAnswers nowhere{{}, {false, false, false}};
  const geo::ClassAnswers america{{}, {false, true, false}};
};

TEST_F(OutsideTheFence, ByDefaultNobodyIsLeftForTheClient) {
  EXPECT_THAT(run_chain(service(Outside::fallback), Family::v4, nowhere), IsEmpty());
  EXPECT_THAT(run_chain(service(Outside::none), Family::v4, nowhere), IsEmpty());
}

TEST_F(OutsideTheFence, AnywhereRunsTheRestOfTheChainOverAll) {
  EXPECT_THAT(run_chain(service(Outside::anywhere), Family::v4, nowhere),
              ElementsAre(ElementsAre(0), ElementsAre(1), ElementsAre(2)));
}

TEST_F(OutsideTheFence, SitesRunTheRestOfTheChainOverTheirEndpoints) {
  EXPECT_THAT(run_chain(service(Outside::sites, {"gru", "iad"}), Family::v4, nowhere),
              ElementsAre(ElementsAre(1), ElementsAre(2)));
}

TEST_F(OutsideTheFence, ChangesNothingForClientsInside) {
  EXPECT_THAT(run_chain(service(Outside::anywhere), Family::v4, america), ElementsAre(ElementsAre(1)));
}

// An American client that asks for AAAA must not be sent to Europe because iad has no IPv6.
TEST_F(OutsideTheFence, IsNotWhoLacksAnAddressFamilyInside) {
  EXPECT_THAT(run_chain(service(Outside::anywhere), Family::v6, america), IsEmpty());
  EXPECT_THAT(run_chain(service(Outside::anywhere), Family::v6, nowhere), ElementsAre(ElementsAre(0)));
}

// fra, iad and gru stand at 0, 200 and 400 km, within is 300 km: with fra fenced off, iad and gru are equals.
TEST_F(Fence, NearestMeasuresFromTheNearestOfThoseThatAreLeft) {
  ServiceSpec spec = three_site_spec();
  spec.endpoints[0].serves.anyone = false;
  spec.endpoints[0].serves.continents = {"EU"};
  FilterSpec near = filter(FilterKind::nearest);
  near.within_km = 300;
  const Service service = compile(spec, {filter(FilterKind::fence), near});
  ASSERT_TRUE(service.signature.nearest.at(0).partial);
  const std::vector<std::uint8_t> ranks_and_reach{0, 1, 2, 1, 2, 2};
  EXPECT_THAT(run_chain(service, Family::v4, {{ranks_and_reach}, {true}}),
              ElementsAre(ElementsAre(0, 1), ElementsAre(2)));
  EXPECT_THAT(run_chain(service, Family::v4, {{ranks_and_reach}, {false}}), ElementsAre(ElementsAre(1, 2)));
}

// A later filter only splits what earlier ones left: it never moves an endpoint to a better tier.
TEST(Chain, NearestAfterPriorityAsksForEachTierApart) {
  FilterSpec priority = filter(FilterKind::priority);
  priority.sites = {{"fra", "iad"}, {"gru"}};
  const Service service = three_sites({priority, filter(FilterKind::nearest)});
  ASSERT_EQ(service.signature.nearest.size(), 2U);
  EXPECT_THAT(run_chain(service, Family::v4, {{{1, 0}, {0}}, {}}),
              ElementsAre(ElementsAre(1), ElementsAre(0), ElementsAre(2)));
}

TEST(Shares, AHealthyFirstTierCarriesEverybody) {
  const Shares shares = share(three_sites({}), {{0}, {1}, {2}}, {1, 1, 1});
  ASSERT_EQ(shares.tiers.size(), 1U);
  EXPECT_THAT(shares.tiers[0].members, ElementsAre(0));
  EXPECT_EQ(shares.consulted, 1U);
}

TEST(Shares, ADownTierPassesItsClientsOn) {
  const Shares shares = share(three_sites({}), {{0}, {1}, {2}}, {0, 1, 1});
  ASSERT_EQ(shares.tiers.size(), 1U);
  EXPECT_THAT(shares.tiers[0].members, ElementsAre(1));
  EXPECT_EQ(shares.consulted, 2U);
}

TEST(Shares, BelowSpillBelowATierKeepsItsPart) {
  const Shares shares = share(three_sites({}), {{0}, {1}}, {0.25, 1, 1});
  ASSERT_EQ(shares.tiers.size(), 2U);
  EXPECT_THAT(shares.tiers[0].share, DoubleNear(0.5, 1e-9));
  EXPECT_THAT(shares.tiers[1].share, DoubleNear(0.5, 1e-9));
}

TEST(Shares, WhatTheLastTierLeavesIsScaledAway) {
  const Shares shares = share(three_sites({}), {{0}, {1}}, {0.25, 0.25, 1});
  ASSERT_EQ(shares.tiers.size(), 2U);
  EXPECT_THAT(shares.tiers[0].share, DoubleNear(2.0 / 3, 1e-9));
  EXPECT_THAT(shares.tiers[1].share, DoubleNear(1.0 / 3, 1e-9));
}

TEST(Shares, WithNothingUpTheChainRunsAsIfAllWere) {
  const Shares shares = share(three_sites({}), {{0}, {1, 2}}, {0, 0, 0});
  EXPECT_EQ(shares.mode, Mode::fail_open);
  ASSERT_EQ(shares.tiers.size(), 1U);
  EXPECT_THAT(shares.tiers[0].members, ElementsAre(0));
}

TEST(Shares, AllDownNoneAnswersWithNobody) {
  ServiceSpec spec = three_site_spec();
  spec.all_down = AllDown::none;
  const Shares shares = share(compile(spec, {}), {{0, 1, 2}}, {0, 0, 0});
  EXPECT_EQ(shares.mode, Mode::nothing);
  EXPECT_THAT(shares.tiers, IsEmpty());
}

TEST(Shares, PanicBelowCountsCapacity) {
  ServiceSpec spec = three_site_spec();
  spec.panic_below = 0.5;
  const Service service = compile(spec, {});
  EXPECT_EQ(share(service, {{0, 1, 2}}, {1, 0, 0}).mode, Mode::fail_open);
  EXPECT_EQ(share(service, {{0, 1, 2}}, {1, 1, 0}).mode, Mode::normal);
}

// DESIGN section 8.6: kept members stay, but do not count as up.
TEST(Shares, AKeptMemberDrawsInATierWhereOthersAreUp) {
  FilterSpec weighted = filter(FilterKind::weighted);
  const Shares shares = share(three_sites({weighted}), {{0, 1}, {2}}, {1, 0, 1}, {{}, {0, 1, 0}, {}});
  ASSERT_EQ(shares.tiers.size(), 1U);
  EXPECT_THAT(shares.tiers[0].members, ElementsAre(0, 1));
  EXPECT_EQ(shares.draws[1], 1);
}

TEST(Shares, AKeptMemberCarriesNoTierOfItsOwn) {
  const Shares shares = share(three_sites({}), {{0}, {1}}, {0, 1, 0}, {{}, {1, 0, 0}, {}});
  ASSERT_EQ(shares.tiers.size(), 1U);
  EXPECT_THAT(shares.tiers[0].members, ElementsAre(1));
}

TEST(Shares, WithNothingUpAKeptMemberIsNoReasonNotToOpen) {
  const Shares shares = share(three_sites({}), {{0, 1, 2}}, {0, 0, 0}, {{}, {1, 0, 0}, {}});
  EXPECT_EQ(shares.mode, Mode::fail_open);
  EXPECT_THAT(shares.tiers[0].members, ElementsAre(0, 1, 2));
}

TEST(Shares, WithNothingUpAndAllDownNoneTheKeptMembersAreLeft) {
  ServiceSpec spec = three_site_spec();
  spec.all_down = AllDown::none;
  const Shares shares = share(compile(spec, {}), {{0, 1, 2}}, {0, 0, 0}, {{}, {0, 1, 0}, {}});
  EXPECT_EQ(shares.mode, Mode::normal);
  EXPECT_THAT(shares.tiers[0].members, ElementsAre(1));
}

TEST(Shares, AHeldTierWaitsWhileAnotherIsUpAndStandsInIfNoneIs) {
  const Guards held{{true, false, false}, {}, {}};
  EXPECT_THAT(share(three_sites({}), {{0}, {1}}, {1, 1, 0}, held).tiers[0].members, ElementsAre(1));
  EXPECT_THAT(share(three_sites({}), {{0}, {1}}, {1, 0, 0}, held).tiers[0].members, ElementsAre(0));
}

class SharesOfLoad : public testing::Test {
 protected:
  static constexpr double third = 1.0 / 3;
  /// fra keeps two thirds of what is offered; iad has room for 30, gru for 10.
  const Guards guards{{}, {}, {{2 * third, 0, 0, 100}, {1, 30, 0, 100}, {1, 10, 0, 50}}};
};

TEST_F(SharesOfLoad, TheExcessOfASiteGoesToAllOthersByTheirRoom) {
  const Shares shares = share(three_sites({filter(FilterKind::weighted)}), {{0}, {1}, {2}}, {1, 1, 1}, guards);
  ASSERT_EQ(shares.tiers.size(), 2U);
  EXPECT_THAT(shares.tiers[0].members, ElementsAre(0));
  EXPECT_THAT(shares.tiers[0].share, DoubleNear(2 * third, 1e-9));
  EXPECT_THAT(shares.tiers[1].members, ElementsAre(1, 2));
  EXPECT_THAT(shares.tiers[1].share, DoubleNear(third, 1e-9));
  EXPECT_THAT(shares.draws[1] / shares.draws[2], DoubleNear(3, 1e-9));
  EXPECT_EQ(shares.consulted, 3U);
}

TEST_F(SharesOfLoad, NothingGoesToASiteThatIsDown) {
  const Shares shares = share(three_sites({filter(FilterKind::weighted)}), {{0}, {1}, {2}}, {1, 0, 1}, guards);
  ASSERT_EQ(shares.tiers.size(), 2U);
  EXPECT_THAT(shares.tiers[1].members, ElementsAre(2));
}

TEST_F(SharesOfLoad, WithRoomNowhereSitesBearTheRestByTheirCapacity) {
  const Guards full{{}, {}, {{0.5, 0, 0, 100}, {0.5, 0, 0, 50}, {1, 0, 0, 0}}};
  const Shares shares = share(three_sites({filter(FilterKind::weighted)}), {{0, 1}}, {1, 1, 0}, full);
  ASSERT_EQ(shares.tiers.size(), 1U);
  EXPECT_THAT(shares.draws[0], DoubleNear(0.25 + 0.5 * 2 / 3, 1e-9));
  EXPECT_THAT(shares.draws[1], DoubleNear(0.25 + 0.5 / 3, 1e-9));
}

TEST(Shares, AStrictFenceThatLeavesNobodyLeavesNothing) {
  EXPECT_EQ(share(three_sites({}), {}, {1, 1, 1}).mode, Mode::fenced);
}

// Weight 0 means "only if there is nothing else", in this tier or a later one.
TEST(Shares, WeightZeroStandsInOnlyWhenNothingElseIsUp) {
  ServiceSpec spec = three_site_spec();
  spec.endpoints[0].weight = 0;
  const Service service = compile(spec, {});
  EXPECT_THAT(share(service, {{0, 1, 2}}, {1, 1, 1}).tiers[0].members, ElementsAre(1, 2));
  EXPECT_THAT(share(service, {{0, 1, 2}}, {1, 0, 0}).tiers[0].members, ElementsAre(0));
}

}  // namespace
}  // namespace gslb::policy
