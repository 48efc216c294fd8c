// DESIGN section 7: members that people drained or forced down join only if nothing else exists.
#include <gmock/gmock.h>

#include "policy/plan.hpp"
#include "policy/shares.hpp"
#include "tests/policy/fixture.hpp"

namespace gslb::policy {
namespace {

using health::OrderKind;
using health::Verdict;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::IsEmpty;

EndpointState state(Verdict verdict, std::optional<OrderKind> ordered = std::nullopt) {
  EndpointState out;
  out.verdict = verdict;
  out.ordered = ordered;
  return out;
}
const EndpointState up = state(Verdict::up);
const EndpointState down = state(Verdict::down);
const EndpointState drained = state(Verdict::up, OrderKind::drain);
const EndpointState drained_dead = state(Verdict::down, OrderKind::drain);
const EndpointState forced_down = state(Verdict::up, OrderKind::down);
const EndpointState forced_up = state(Verdict::down, OrderKind::up);

Shares share(const Service& service, const Tiers& tiers, const std::vector<EndpointState>& states) {
  EffectiveWeights now;
  for (std::size_t e = 0; e < states.size(); ++e) now.push_back(effective_weight(service.endpoints[e], states[e]));
  return share_tiers(service, {tiers, {}, false}, now, guards_of(service, base::Family::v4, states, now));
}

std::vector<EndpointIndex> members(const Shares& shares) {
  std::vector<EndpointIndex> out;
  for (const TierShare& tier : shares.tiers) out.insert(out.end(), tier.members.begin(), tier.members.end());
  return out;
}

TEST(OrderedEndpoint, WhatPeopleSayWinsOverTheVerdict) {
  const Service service = three_sites({});
  EXPECT_EQ(effective_weight(service.endpoints[0], drained), 0);
  EXPECT_EQ(effective_weight(service.endpoints[0], forced_down), 0);
  EXPECT_EQ(effective_weight(service.endpoints[0], forced_up), 1);
  EXPECT_TRUE(taken_out(drained_dead));
  EXPECT_FALSE(taken_out(forced_up));
}

TEST(OrderedEndpoint, TheAddressThatNobodyTookOutIsTheBetterOne) {
  const Service service = three_sites({});
  EXPECT_EQ(better(service.endpoints[0], drained, down), down);
  EXPECT_EQ(better(service.endpoints[0], down, drained), down);
  EXPECT_EQ(better(service.endpoints[0], drained, up), up);
}

TEST(OrderedShares, ADrainedMemberGetsNobodyWhileAnotherIsUp) {
  const Shares shares = share(three_sites({}), {{0, 1, 2}}, {drained, up, down});
  EXPECT_EQ(shares.mode, Mode::normal);
  EXPECT_THAT(members(shares), ElementsAre(1));
}

TEST(OrderedShares, ADrainedTierHandsItsClientsOn) {
  const Shares shares = share(three_sites({}), {{0}, {1, 2}}, {drained, up, up});
  EXPECT_THAT(members(shares), ElementsAre(1, 2));
}

TEST(OrderedShares, WithNothingUpThoseJudgedDownComeBeforeThoseDrained) {
  const Shares shares = share(three_sites({}), {{0, 1}, {2}}, {drained, down, down});
  EXPECT_EQ(shares.mode, Mode::fail_open);
  EXPECT_THAT(members(shares), ElementsAre(1));
}

TEST(OrderedShares, WithNothingElseTheDrainedThatAreUpThenAllDrainedThenThoseForcedDown) {
  const Service service = three_sites({});
  Shares shares = share(service, {{0, 1, 2}}, {forced_down, drained_dead, drained});
  EXPECT_EQ(shares.mode, Mode::last_resort);
  EXPECT_THAT(members(shares), ElementsAre(2));
  shares = share(service, {{0, 1, 2}}, {forced_down, drained_dead, drained_dead});
  EXPECT_THAT(members(shares), ElementsAre(1, 2));
  shares = share(service, {{0, 1, 2}}, {forced_down, forced_down, forced_down});
  EXPECT_EQ(shares.mode, Mode::last_resort);
  EXPECT_THAT(members(shares), ElementsAre(0, 1, 2));
}

TEST(OrderedShares, AForcedUpMemberCarriesWhateverItsProbesSay) {
  const Shares shares = share(three_sites({}), {{0, 1}}, {forced_up, down, down});
  EXPECT_EQ(shares.mode, Mode::normal);
  EXPECT_THAT(members(shares), ElementsAre(0));
}

TEST(OrderedShares, AllDownNoneGivesNobodyToTheDrained) {
  ServiceSpec spec = three_site_spec();
  spec.all_down = AllDown::none;
  const Shares shares = share(compile(spec, {}), {{0, 1, 2}}, {drained, drained, down});
  EXPECT_EQ(shares.mode, Mode::nothing);
  EXPECT_THAT(shares.tiers, IsEmpty());
}

TEST(OrderedShares, WhatPeopleTookOutIsNoReasonToMistrustTheProbes) {
  ServiceSpec spec = three_site_spec();
  spec.panic_below = 0.6;
  const Service service = compile(spec, {});
  EXPECT_EQ(share(service, {{0, 1, 2}}, {drained, drained, up}).mode, Mode::normal);
  EXPECT_EQ(share(service, {{0, 1, 2}}, {drained, down, up}).mode, Mode::fail_open);
}

TEST(OrderedShares, KeepKeepsNobodyWhomPeopleTookOut) {
  ServiceSpec spec = three_site_spec();
  spec.keep = 2;
  const Shares shares = share(compile(spec, {filter(FilterKind::weighted)}), {{0, 1, 2}}, {drained_dead, down, up});
  EXPECT_THAT(members(shares), ElementsAre(1, 2));
}

TEST(OrderedShares, AStandInOfWeightNothingCarriesWhenTheOthersAreDrained) {
  ServiceSpec spec = three_site_spec();
  spec.endpoints[2].weight = 0;
  const Service service = compile(spec, {});
  EXPECT_THAT(members(share(service, {{0, 1, 2}}, {drained, drained, up})), ElementsAre(2));
  const Shares dead = share(service, {{0, 1, 2}}, {drained, drained, down});
  EXPECT_EQ(dead.mode, Mode::fail_open);
  ASSERT_THAT(members(dead), ElementsAre(2));
  EXPECT_THAT(dead.tiers[0].share, DoubleNear(1, 1e-9));
}

TEST(OrderedPlan, ALastResortIsTheWorstThatAPersonIsToldOfButForNobody) {
  const Service service = three_sites({});
  const ServiceStates states{std::vector{drained, drained, drained}, std::vector{drained, drained, drained}};
  EXPECT_EQ(make_plan(service, {{}}, states).worst, Mode::last_resort);
}

TEST(OrderedPlan, ADrainedTargetWithoutAVerdictIsNoReasonToHurry) {
  const Service service = three_sites({});
  const EndpointState unknown = state(Verdict::unknown, OrderKind::drain);
  const ServiceStates states{std::vector{unknown, up, up}, std::vector{unknown, up, up}};
  EXPECT_EQ(make_plan(service, {{}}, states).under(base::Family::v4).classes[0].ttl, 30U);
}

}  // namespace
}  // namespace gslb::policy
