#include "policy/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/random.hpp"
#include "tests/policy/fixture.hpp"

namespace gslb::policy {
namespace {

using testing::ElementsAre;

ServiceStates all_up(const Service& service) {
  const std::vector<EndpointState> up(service.endpoints.size());
  return {up, up};
}

geo::ClassAnswers nearest(std::vector<std::uint8_t> tiers) { return {{std::move(tiers)}, {}}; }

std::map<EndpointIndex, int> first_answers(const AspectPlan& plan, const ClassPlan& decision, int draws) {
  std::map<EndpointIndex, int> out;
  base::Random random(3);
  for (int i = 0; i < draws; ++i) ++out[plan.set(plan.draw(decision, random.next()))[0]];
  return out;
}

TEST(Plan, TheDefaultPolicyAnswersTheNearestSite) {
  const Service service = three_sites(default_policy().filters);
  const Plan plan = make_plan(service, {nearest({0, 1, 2}), nearest({2, 1, 0})}, all_up(service));
  const AspectPlan& v4 = plan.under(base::Family::v4);
  ASSERT_EQ(v4.classes.size(), 2U);
  EXPECT_EQ(v4.classes[0].draw, Draw::fixed);
  EXPECT_THAT(v4.set(v4.draw(v4.classes[0], 0)), ElementsAre(0));
  EXPECT_THAT(v4.set(v4.draw(v4.classes[1], 0)), ElementsAre(2));
}

TEST(Plan, WeightsAreExactToATenthOfAPercent) {
  ServiceSpec spec = three_site_spec();
  spec.endpoints[0].weight = 50;
  spec.endpoints[1].weight = 30;
  spec.endpoints[2].weight = 20;
  const Service service = compile(spec, {filter(FilterKind::weighted)});
  const Plan plan = make_plan(service, {{}}, all_up(service));
  const AspectPlan& v4 = plan.under(base::Family::v4);
  EXPECT_EQ(v4.classes[0].draw, Draw::by_client);
  const auto count = [&](std::uint16_t endpoint) {
    int n = 0;
    for (std::uint32_t slot = 0; slot < v4.slot_count; ++slot)
      n += v4.set(v4.slots[v4.classes[0].index + slot])[0] == endpoint ? 1 : 0;
    return n;
  };
  EXPECT_EQ(count(0), 512);
  EXPECT_EQ(count(1), 307);
  EXPECT_EQ(count(2), 205);
}

TEST(Plan, ADownEndpointIsNeverAnswered) {
  const Service service = three_sites({filter(FilterKind::weighted)});
  ServiceStates states = all_up(service);
  states[0][1].verdict = health::Verdict::down;
  const Plan plan = make_plan(service, {{}}, states);
  const auto answers = first_answers(plan.under(base::Family::v4), plan.under(base::Family::v4).classes[0], 10000);
  EXPECT_EQ(answers.count(1), 0U);
  EXPECT_NEAR(answers.at(0), 5000, 300);
}

// DESIGN section 8.7: a new endpoint gets no traffic before its first passed probe if another member is up.
TEST(Plan, AnUnknownEndpointWaitsWhileAnotherIsUp) {
  const Service service = three_sites({filter(FilterKind::weighted)});
  ServiceStates states = all_up(service);
  states[0][1].verdict = health::Verdict::unknown;
  const Plan plan = make_plan(service, {{}}, states);
  EXPECT_EQ(first_answers(plan.under(base::Family::v4), plan.under(base::Family::v4).classes[0], 5000).count(1), 0U);
}

TEST(Plan, SlowStartGivesAPart) {
  const Service service = three_sites({filter(FilterKind::weighted)});
  ServiceStates states = all_up(service);
  states[0][1].ramp = 500;
  const Plan plan = make_plan(service, {{}}, states);
  EXPECT_NEAR(first_answers(plan.under(base::Family::v4), plan.under(base::Family::v4).classes[0], 50000).at(1), 10000,
              600);
}

TEST(Plan, SlowStartSpillsToTheNextTierToo) {
  const Service service = three_sites({filter(FilterKind::nearest), filter(FilterKind::weighted)});
  ServiceStates states = all_up(service);
  states[0][0].ramp = 100;
  const Plan plan = make_plan(service, {nearest({0, 1, 2})}, states);
  EXPECT_NEAR(first_answers(plan.under(base::Family::v4), plan.under(base::Family::v4).classes[0], 50000).at(0), 10000,
              600);
}

TEST(Plan, TakeDrawsWithoutPuttingBack) {
  FilterSpec take = filter(FilterKind::take);
  take.count = 2;
  const Service service = three_sites({filter(FilterKind::weighted), take});
  const Plan plan = make_plan(service, {{}}, all_up(service));
  const AspectPlan& v4 = plan.under(base::Family::v4);
  for (std::uint32_t slot = 0; slot < v4.slot_count; ++slot) {
    const auto set = v4.set(v4.slots[v4.classes[0].index + slot]);
    ASSERT_EQ(set.size(), 2U);
    EXPECT_NE(set[0], set[1]);
  }
}

TEST(Plan, AllAnswersEveryMemberInOrder) {
  const Service service = three_sites({filter(FilterKind::all)});
  const Plan plan = make_plan(service, {{}}, all_up(service));
  const AspectPlan& v4 = plan.under(base::Family::v4);
  EXPECT_EQ(v4.classes[0].draw, Draw::fixed);
  EXPECT_THAT(v4.set(v4.classes[0].index), ElementsAre(0, 1, 2));
}

TEST(Plan, RotateTakesTurns) {
  const Service service = three_sites({filter(FilterKind::rotate)});
  const Plan plan = make_plan(service, {{}}, all_up(service));
  const AspectPlan& v4 = plan.under(base::Family::v4);
  EXPECT_EQ(v4.classes[0].draw, Draw::by_query);
  const auto answers = first_answers(v4, v4.classes[0], 30000);
  for (EndpointIndex e = 0; e < 3; ++e) EXPECT_NEAR(answers.at(e), 10000, 500);
}

TEST(Plan, WithNothingUpEachClientGetsItsNormalSite) {
  const Service service = three_sites(default_policy().filters);
  ServiceStates states = all_up(service);
  for (EndpointState& state : states[0]) state.verdict = health::Verdict::down;
  const Plan plan = make_plan(service, {nearest({0, 1, 2}), nearest({2, 1, 0})}, states);
  const AspectPlan& v4 = plan.under(base::Family::v4);
  EXPECT_EQ(plan.worst, Mode::fail_open);
  EXPECT_THAT(v4.set(v4.draw(v4.classes[0], 0)), ElementsAre(0));
  EXPECT_THAT(v4.set(v4.draw(v4.classes[1], 0)), ElementsAre(2));
}

TEST(Plan, FallbackAddressesAreTheMembersAfterTheEndpoints) {
  ServiceSpec spec = three_site_spec();
  spec.all_down = AllDown::none;
  spec.fallback = {*base::parse_address("198.51.100.1"), *base::parse_address("2001:db8::1")};
  const Service service = compile(spec, {});
  ServiceStates states = all_up(service);
  for (EndpointState& state : states[0]) state.verdict = health::Verdict::down;
  const Plan plan = make_plan(service, {{}}, states);
  const AspectPlan& v4 = plan.under(base::Family::v4);
  EXPECT_THAT(v4.set(v4.classes[0].index), ElementsAre(3));
  EXPECT_THAT(plan.under(base::Family::v6).set(plan.under(base::Family::v6).classes[0].index), ElementsAre(4));
}

TEST(Plan, ClientsOutsideEveryFenceGetTheFallbackUnlessTheFenceSaysNone) {
  ServiceSpec spec = three_site_spec();
  for (EndpointSpec& endpoint : spec.endpoints) {
    endpoint.serves.anyone = false;
    endpoint.serves.continents = {"EU"};
  }
  spec.fallback = {*base::parse_address("198.51.100.1")};
  FilterSpec fence = filter(FilterKind::fence);
  const auto decision = [&] {
    const Service service = compile(spec, {fence});
    return make_plan(service, {{{}, {false}}}, all_up(service)).under(base::Family::v4).classes[0];
  };
  EXPECT_EQ(decision().mode, Mode::fenced);
  EXPECT_EQ(decision().draw, Draw::fixed);
  fence.outside = Outside::none;
  EXPECT_EQ(decision().mode, Mode::fenced);
  EXPECT_EQ(decision().draw, Draw::nothing);
}

TEST(Plan, WithNeitherMemberNorFallbackThereIsNothing) {
  ServiceSpec spec = three_site_spec();
  spec.all_down = AllDown::none;
  const Service service = compile(spec, {});
  ServiceStates states = all_up(service);
  for (EndpointState& state : states[0]) state.verdict = health::Verdict::down;
  EXPECT_EQ(make_plan(service, {{}}, states).under(base::Family::v4).classes[0].draw, Draw::nothing);
}

// DESIGN section 8.10.
TEST(Ttl, ASteadyTargetCarriesTheConfiguredTtl) {
  const Service service = three_sites(default_policy().filters);
  EXPECT_EQ(make_plan(service, {nearest({0, 1, 2})}, all_up(service)).under(base::Family::v4).classes[0].ttl, 30U);
}

TEST(Ttl, IsLoweredTowardsTheEarliestChangeButNotUnderTheMinimum) {
  const Service service = three_sites(default_policy().filters);
  ServiceStates states = all_up(service);
  states[0][0].in_motion = true;
  states[0][0].until_change = std::chrono::milliseconds(12900);
  const auto ttl = [&] {
    return make_plan(service, {nearest({0, 1, 2})}, states).under(base::Family::v4).classes[0].ttl;
  };
  EXPECT_EQ(ttl(), 12U);
  states[0][0].until_change = std::chrono::seconds(1);
  EXPECT_EQ(ttl(), 5U);
}

TEST(Ttl, OfAnAnswerThatDoesNotDependOnTheMovingTargetStays) {
  const Service service = three_sites(default_policy().filters);
  ServiceStates states = all_up(service);
  states[0][2].in_motion = true;
  states[0][2].until_change = std::chrono::seconds(6);
  EXPECT_EQ(make_plan(service, {nearest({0, 1, 2})}, states).under(base::Family::v4).classes[0].ttl, 30U);
}

TEST(ClientHash, DependsOnThePrefixOnly) {
  const auto a = *base::parse_address("192.0.2.1");
  const auto b = *base::parse_address("192.0.2.254");
  EXPECT_EQ(client_hash(a, 24, 1), client_hash(b, 24, 1));
  EXPECT_NE(client_hash(a, 32, 1), client_hash(b, 32, 1));
  EXPECT_NE(client_hash(a, 24, 1), client_hash(a, 24, 2));
}

}  // namespace
}  // namespace gslb::policy
