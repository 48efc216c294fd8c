// Endpoints as a whole: what is answered where the type is not of one address family.
#include <gmock/gmock.h>

#include <set>

#include "policy/plan.hpp"
#include "policy/set_ranks.hpp"
#include "tests/policy/fixture.hpp"

namespace gslb::policy {
namespace {

using testing::ElementsAre;

/// fra both, iad IPv4 only, gru IPv6 only.
ServiceSpec mixed_spec() {
  ServiceSpec spec = three_site_spec();
  spec.endpoints[0].v6 = {{*base::parse_address("2001:db8::10")}, {}};
  spec.endpoints[2].v4.reset();
  spec.endpoints[2].v6 = {{*base::parse_address("2001:db8::30")}, {}};
  spec.https.emplace();
  return spec;
}

ServiceStates all_up(const Service& service) {
  const std::vector<EndpointState> up(service.endpoints.size());
  return {up, up};
}

TEST(Whole, HasEveryEndpointOfAnyFamily) {
  const Service service = compile(mixed_spec(), {filter(FilterKind::all)});
  EXPECT_THAT(run_chains(service, base::Family::v4, {}).own, ElementsAre(ElementsAre(0, 1)));
  EXPECT_THAT(run_chains(service, base::Family::v6, {}).own, ElementsAre(ElementsAre(0, 2)));
  EXPECT_THAT(run_chains(service, Aspect::whole(), {}).own, ElementsAre(ElementsAre(0, 1, 2)));
}

TEST(Whole, IsPlannedOnlyWhereSomethingAsksForIt) {
  ServiceSpec spec = mixed_spec();
  EXPECT_FALSE(make_plan(compile(spec, {}), {{}}, all_up(compile(spec, {}))).under(Aspect::whole()).classes.empty());
  spec.https.reset();
  EXPECT_TRUE(make_plan(compile(spec, {}), {{}}, all_up(compile(spec, {}))).under(Aspect::whole()).classes.empty());
}

TEST(Whole, DrawsWhatAddressesDrawWhileAllEndpointsHaveBoth) {
  ServiceSpec spec = three_site_spec();
  for (auto& endpoint : spec.endpoints) {
    endpoint.v6 = {{*base::parse_address("2001:db8::1")}, {}};
    endpoint.weight = 7;
  }
  spec.endpoints[1].weight = 2;
  spec.https.emplace();
  const Service service = compile(spec, {filter(FilterKind::weighted)});
  ServiceStates states = all_up(service);
  states[0][2].ramp = states[1][2].ramp = 300;
  const Plan plan = make_plan(service, {{}}, states);
  EXPECT_EQ(plan.under(Aspect::whole()).slots, plan.under(base::Family::v4).slots);
  EXPECT_EQ(plan.under(Aspect::whole()).slots, plan.under(base::Family::v6).slots);
  EXPECT_EQ(plan.under(Aspect::whole()).members, plan.under(base::Family::v4).members);
}

TEST(Whole, IsAsGoodAsTheBestOfItsAddressesAndMovesWithEither) {
  const Service service = compile(mixed_spec(), {});
  const Endpoint& both = service.endpoints[0];
  EndpointState up;
  EndpointState down;
  down.verdict = health::Verdict::down;
  down.in_motion = true;
  down.until_change = std::chrono::seconds(9);
  EndpointState slow = up;
  slow.ramp = 100;
  EXPECT_EQ(whole_state(both, up, down).verdict, health::Verdict::up);
  EXPECT_EQ(whole_state(both, down, up).verdict, health::Verdict::up);
  EXPECT_TRUE(whole_state(both, down, up).in_motion);
  EXPECT_EQ(whole_state(both, down, up).until_change, std::chrono::seconds(9));
  EXPECT_EQ(whole_state(both, slow, up).ramp, 1000);
  EXPECT_EQ(whole_state(both, down, down).verdict, health::Verdict::down);
  EXPECT_EQ(whole_state(service.endpoints[1], down, up).verdict, health::Verdict::down);
  EXPECT_EQ(whole_state(service.endpoints[2], down, up).verdict, health::Verdict::up);
}

ServiceSpec many(unsigned count) {
  ServiceSpec spec;
  spec.https.emplace();
  for (unsigned i = 0; i < count; ++i) {
    EndpointSpec endpoint;
    endpoint.site.value = "fra";
    endpoint.v4 = {{base::IpAddress::v4(0xc0000200U + i)}, {}};
    spec.endpoints.push_back(endpoint);
  }
  return spec;
}

FilterSpec take(unsigned count) {
  FilterSpec out = filter(FilterKind::take);
  out.count = count;
  return out;
}

TEST(SetRanksOfTheWhole, NumberEveryOrderOfADrawAndFindItAgain) {
  ServiceSpec spec = many(6);
  spec.fallback = {*base::parse_address("2001:db8::9"), *base::parse_address("192.0.2.99")};
  const SetRanks ranks(compile(spec, {filter(FilterKind::weighted), take(3)}), Aspect::whole());
  ASSERT_EQ(ranks.size(), 6U + 6 * 5 + 6 * 5 * 4 + 1);
  std::set<std::vector<EndpointIndex>> seen;
  for (std::uint32_t rank = 0; rank < ranks.size(); ++rank) {
    const auto members = ranks.set(rank);
    EXPECT_EQ(ranks.rank(members), rank);
    seen.insert(members);
  }
  EXPECT_EQ(seen.size(), ranks.size());
  EXPECT_THAT(ranks.set(ranks.size() - 1), ElementsAre(6, 7));
}

TEST(SetRanksOfTheWhole, DoNotCareForOrderWhereRecordsDoNotSayIt) {
  const SetRanks ranks(compile(many(5), {filter(FilterKind::rotate)}), Aspect::whole());
  EXPECT_EQ(ranks.size(), 31U);
  EXPECT_EQ(ranks.rank(std::vector<EndpointIndex>{4, 0, 1}), ranks.rank(std::vector<EndpointIndex>{0, 1, 4}));
}

TEST(SetRanksOfTheWhole, SayWhenThereAreTooMany) {
  EXPECT_EQ(SetRanks(compile(many(64), {take(2)}), Aspect::whole()).size(), 4096U);
  EXPECT_TRUE(SetRanks(compile(many(65), {take(2)}), Aspect::whole()).too_many());
  EXPECT_FALSE(SetRanks(compile(many(65), {take(2)}), base::Family::v4).too_many());
}

}  // namespace
}  // namespace gslb::policy
