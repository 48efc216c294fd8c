// Services inside of services, and canaries.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "policy/plan.hpp"
#include "tests/policy/fixture.hpp"

namespace gslb::policy {
namespace {

using testing::ElementsAre;

EndpointSpec endpoint(const char* site, const char* address) {
  EndpointSpec out;
  out.site.value = site;
  out.v4 = base::Sourced<base::IpAddress>{*base::parse_address(address), {}};
  return out;
}

EndpointSpec inner(const char* service, std::uint32_t weight) {
  EndpointSpec out;
  out.service.value = service;
  out.weight = weight;
  return out;
}

/// east: 1 fails over to 2. west: 3 and 4 by weight. www: east and west.
class Inner : public testing::Test {
 protected:
  Inner() {
    failover.filters = {filter(FilterKind::priority)};
    weighted.filters = {filter(FilterKind::weighted)};
    east.endpoints = {endpoint("fra", "192.0.2.1"), endpoint("iad", "192.0.2.2")};
    west.endpoints = {endpoint("iad", "192.0.2.3"), endpoint("gru", "192.0.2.4")};
    west.endpoints[0].weight = 3;
    west.endpoints[1].weight = 1;
    www.endpoints = {inner("east", 1), inner("west", 1)};
  }

  Service compiled() const {
    return compile_service(www, *policy, sites(), "www.example.org", [this](const std::string& name) {
      return name == "east" ? InnerService{&east, &failover} : InnerService{&west, &weighted};
    });
  }

  /// The part of the clients of each address, by its last octet, in percent.
  std::map<int, double> parts(const std::vector<int>& down = {}, const geo::ClassAnswers& client = {}) const {
    const Service service = compiled();
    std::vector<EndpointState> states(service.endpoints.size());
    for (std::size_t e = 0; e < states.size(); ++e) {
      const auto& address = service.endpoints[e].v4;
      if (address && std::find(down.begin(), down.end(), address->octets[3]) != down.end())
        states[e].verdict = health::Verdict::down;
    }
    const Plan plan = make_plan(service, {client}, {states, states});
    const AspectPlan& v4 = plan.under(base::Family::v4);
    std::map<int, double> out;
    mode = v4.classes[0].mode;
    if (v4.classes[0].draw == Draw::nothing) return out;
    for (std::uint64_t i = 0; i < v4.slot_count; ++i) {
      const auto set = v4.set(v4.draw(v4.classes[0], i * (~std::uint64_t{0} / v4.slot_count + 1)));
      out[service.endpoints[set[0]].v4->octets[3]] += 100.0 / v4.slot_count;
    }
    return out;
  }

  static void expect(const std::map<int, double>& found, const std::map<int, double>& wanted) {
    ASSERT_EQ(found.size(), wanted.size());
    for (const auto& [address, percent] : wanted) EXPECT_NEAR(found.at(address), percent, 0.2) << address;
  }

  PolicySpec failover;
  PolicySpec weighted;
  const PolicySpec* policy = &weighted;
  ServiceSpec east;
  ServiceSpec west;
  ServiceSpec www;
  mutable Mode mode = Mode::normal;
};

TEST_F(Inner, WeightsOutsideAreSharedOutInside) { expect(parts(), {{1, 50}, {3, 37.5}, {4, 12.5}}); }

TEST_F(Inner, AServiceFailsOverInsideWithoutMovingAnybodyOutside) {
  expect(parts({1}), {{2, 50}, {3, 37.5}, {4, 12.5}});
}

TEST_F(Inner, WhatIsWhollyDownInsideIsLeftOutOutside) {
  expect(parts({1, 2}), {{3, 75}, {4, 25}});
  expect(parts({3, 4}), {{1, 100}});
}

TEST_F(Inner, WithNothingUpAnywhereEverybodyGetsTheNormalPlace) {
  expect(parts({1, 2, 3, 4}), {{1, 50}, {3, 37.5}, {4, 12.5}});
  EXPECT_EQ(mode, Mode::fail_open);
}

TEST_F(Inner, FailoverOutsideWeighsInside) {
  policy = &failover;
  www.endpoints = {inner("west", 1), inner("east", 1)};
  expect(parts(), {{3, 75}, {4, 25}});
  expect(parts({3}), {{4, 50}, {1, 50}});  // a quarter of the weight is up, half of what keeps all
  expect(parts({3, 4}), {{1, 100}});
}

TEST_F(Inner, AnInnerServiceIsAsNearAsItsNearestSite) {
  PolicySpec near;
  near.filters = {filter(FilterKind::nearest), filter(FilterKind::weighted)};
  policy = &near;
  const Service service = compiled();
  ASSERT_EQ(service.signature.nearest.size(), 1U);
  ASSERT_EQ(service.signature.nearest[0].points.size(), 3U);  // fra, iad, gru
  // Ranks and reach: iad 0, gru 1, fra 2. Both services reach iad, so they are equals.
  expect(parts({}, {{{2, 0, 1, 2, 0, 1}}, {}}), {{1, 50}, {3, 37.5}, {4, 12.5}});
  // fra 0, iad 1, gru 2.
  expect(parts({}, {{{0, 1, 2, 0, 1, 2}}, {}}), {{1, 100}});
  expect(parts({1, 2}, {{{0, 1, 2, 0, 1, 2}}, {}}), {{3, 75}, {4, 25}});
}

TEST_F(Inner, WithoutAWeightAnInnerServiceWeighsAsMuchAsItsMembers) {
  www.endpoints[0].weight.reset();
  www.endpoints[1].weight.reset();
  expect(parts(), {{1, 100.0 / 3}, {3, 50}, {4, 50.0 / 3}});
}

TEST_F(Inner, TakeStaysInsideTheServiceThatWasDrawnWhileItSuffices) {
  FilterSpec take = filter(FilterKind::take);
  take.count = 2;
  weighted.filters.push_back(take);
  const Service service = compiled();
  const std::vector<EndpointState> up(service.endpoints.size());
  const Plan plan = make_plan(service, {{}}, {up, up});
  const AspectPlan& v4 = plan.under(base::Family::v4);
  for (const EndpointSet& set : v4.sets) EXPECT_EQ(set.count, 2U);
}

class CanaryTest : public Inner {
 protected:
  CanaryTest() {
    www.endpoints = {endpoint("fra", "192.0.2.1"), endpoint("iad", "192.0.2.2")};
    www.canary = CanarySpec{0.05, {}, {endpoint("fra", "192.0.2.9")}, {}};
  }
};

TEST_F(CanaryTest, GetsItsShare) { expect(parts(), {{1, 47.5}, {2, 47.5}, {9, 5}}); }

TEST_F(CanaryTest, FallsBackToTheOthersWhenItIsDown) { expect(parts({9}), {{1, 50}, {2, 50}}); }

TEST_F(CanaryTest, IsNobodysFailover) {
  expect(parts({1, 2}), {{1, 47.5}, {2, 47.5}, {9, 5}});
  EXPECT_EQ(mode, Mode::fail_open);
  www.all_down = AllDown::none;
  expect(parts({1, 2}), {});
}

TEST_F(CanaryTest, GetsAllClientsOfItsNetworks) {
  www.canary->networks = {*base::parse_prefix("192.0.2.0/24")};
  expect(parts({}, {{}, {true}}), {{9, 100}});
  expect(parts({9}, {{}, {true}}), {{1, 50}, {2, 50}});
  expect(parts({}, {{}, {false}}), {{1, 47.5}, {2, 47.5}, {9, 5}});
  www.all_down = AllDown::none;
  expect(parts({1, 2}, {{}, {true}}), {{9, 100}});
}

TEST_F(CanaryTest, AndOthersAreNeverInOneAnswer) {
  FilterSpec take = filter(FilterKind::take);
  take.count = 2;
  weighted.filters.push_back(take);
  const Service service = compiled();
  const std::vector<EndpointState> up(service.endpoints.size());
  const Plan plan = make_plan(service, {{}}, {up, up});
  const AspectPlan& v4 = plan.under(base::Family::v4);
  for (std::uint32_t set = 0; set < v4.sets.size(); ++set) {
    const bool canary = service.endpoints[v4.set(set)[0]].v4->octets[3] == 9;
    EXPECT_EQ(v4.set(set).size(), canary ? 1U : 2U);
  }
}

// Clients leave the others for the canary; nobody else moves.
TEST_F(CanaryTest, TakesItsClientsFromAllOthersAlike) {
  const Service with = compiled();
  www.canary->share = 0;
  const Service without = compiled();
  const auto plan_of = [](const Service& service) {
    const std::vector<EndpointState> up(service.endpoints.size());
    return make_plan(service, {{}}, {up, up});
  };
  const Plan before = plan_of(without);
  const Plan after = plan_of(with);
  const AspectPlan& a = before.under(base::Family::v4);
  const AspectPlan& b = after.under(base::Family::v4);
  int moved = 0;
  for (std::uint32_t slot = 0; slot < a.slot_count; ++slot) {
    const auto first = a.set(a.slots[a.classes[0].index + slot])[0];
    const auto second = b.set(b.slots[b.classes[0].index + slot])[0];
    moved += first != second ? 1 : 0;
  }
  EXPECT_GE(moved, 51);
  EXPECT_LE(moved, 61);
}

}  // namespace
}  // namespace gslb::policy
