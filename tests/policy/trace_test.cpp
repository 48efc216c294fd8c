#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.hpp"
#include "policy/plan.hpp"
#include "policy/replanner.hpp"
#include "tests/policy/fixture.hpp"

namespace gslb::policy {
namespace {

using testing::ElementsAre;

geo::ClassAnswers nearest(std::vector<std::uint8_t> tiers) { return {{std::move(tiers)}, {}}; }

TEST(Trace, EachStepShowsItsTiers) {
  FilterSpec priority = filter(FilterKind::priority);
  priority.sites = {{"iad", "gru"}, {"fra"}};
  const Service service = three_sites({priority, filter(FilterKind::nearest)});
  ChainTraces trace;
  // One question for each rank: of iad and gru, then of fra.
  const geo::ClassAnswers client{{{1}, {0, 1}}, {}};
  const geo::ClassAnswers asked =
      service.signature.nearest.size() == 2 && service.signature.nearest[0].points.size() == 1
          ? client
          : geo::ClassAnswers{{client.tiers[1], {0}}, {}};
  const Tiers tiers = run_chains(service, base::Family::v4, asked, &trace).own;
  ASSERT_EQ(trace.own.size(), 3U);
  EXPECT_THAT(trace.own[0], ElementsAre(ElementsAre(0, 1, 2)));
  EXPECT_THAT(trace.own[1], ElementsAre(ElementsAre(1, 2), ElementsAre(0)));
  EXPECT_THAT(trace.own[2], ElementsAre(ElementsAre(1), ElementsAre(2), ElementsAre(0)));
  EXPECT_EQ(trace.own.back(), tiers);
}

TEST(Trace, ATierSaysWhatItTakesAndOfWhat) {
  const Service service = three_sites({filter(FilterKind::priority)});
  ServiceStates states;
  states[0].resize(3);
  states[0][0].ramp = 300;
  const ClassTrace trace = trace_class(service, base::Family::v4, {}, states);
  ASSERT_EQ(trace.shares.loads.size(), 2U);
  EXPECT_DOUBLE_EQ(trace.shares.loads[0].effective, 0.3);
  EXPECT_DOUBLE_EQ(trace.shares.loads[0].configured, 1);
  EXPECT_DOUBLE_EQ(trace.shares.loads[0].keeps, 0.6);
  EXPECT_DOUBLE_EQ(trace.shares.loads[1].keeps, 1);
  EXPECT_THAT(trace.hurried, ElementsAre(0)) << "slow start is in motion";
}

TEST(Trace, ProportionsAreCountedInSlots) {
  ServiceSpec spec = three_site_spec();
  spec.endpoints[0].weight = 2;
  const Service service = compile(spec, {filter(FilterKind::weighted)});
  const ClassTrace trace = trace_class(service, base::Family::v4, {}, {std::vector<EndpointState>(3), {}});
  unsigned sum = 0;
  for (const auto& [set, slots] : set_slots(trace.plan, trace.plan.classes[0])) {
    if (trace.plan.set(set)[0] == 0) {
      EXPECT_EQ(slots, trace.plan.slot_count / 2);
    }
    sum += slots;
  }
  EXPECT_EQ(sum, trace.plan.slot_count);
}

// The recorder watches the code that plans; it must never change or miss what that decides.
TEST(Trace, WhatIsRecordedIsWhatIsPlanned) {
  base::Random random(11);
  for (int i = 0; i < 3000; ++i) {
    ServiceSpec spec = three_site_spec();
    for (EndpointSpec& endpoint : spec.endpoints) endpoint.weight = random.below(4);
    spec.all_down = random.below(4) == 0 ? AllDown::none : AllDown::as_if_up;
    if (random.below(3) == 0) spec.fallback = {base::IpAddress::v4(0xc6336409)};
    FilterSpec take = filter(FilterKind::take);
    take.count = 1 + random.below(3);
    const FilterKind order[] = {FilterKind::weighted, FilterKind::rotate, FilterKind::all};
    const Service service = compile(spec, {filter(FilterKind::nearest), filter(order[random.below(3)]), take});
    ServiceStates states;
    for (auto& family : states) family.resize(3);
    for (EndpointState& state : states[0]) {
      state.verdict = static_cast<health::Verdict>(random.below(3));
      state.ramp = static_cast<std::uint16_t>(random.below(4) == 0 ? random.below(1000) : 1000);
      state.in_motion = random.below(4) == 0;
      state.until_change = std::chrono::seconds(random.below(40));
    }
    const auto digit = [&] { return static_cast<std::uint8_t>(random.below(3)); };
    const geo::ClassAnswers client = nearest({digit(), digit(), digit()});
    const Plan plan = make_plan(service, {client}, states);
    const ClassTrace trace = trace_class(service, base::Family::v4, client, states);
    const AspectPlan& planned = plan.under(base::Family::v4);
    ASSERT_EQ(planned.classes[0].ttl, trace.plan.classes[0].ttl);
    ASSERT_EQ(planned.classes[0].mode, trace.plan.classes[0].mode);
    ASSERT_EQ(planned.classes[0].draw, trace.plan.classes[0].draw);
    ASSERT_EQ(planned.classes[0].mode, trace.shares.mode);
    if (planned.classes[0].draw == Draw::nothing) continue;
    for (int draw = 0; draw < 16; ++draw) {
      const std::uint64_t bits = random.next();
      const auto a = planned.set(planned.draw(planned.classes[0], bits));
      const auto b = trace.plan.set(trace.plan.draw(trace.plan.classes[0], bits));
      ASSERT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end()));
    }
    ASSERT_EQ(planned.classes[0].ttl < service.ttl, !trace.hurried.empty());
  }
}

// One after the other, for any sequence of states: what is kept from the state before must not show.
TEST(Replanner, MakesThePlansOfMakePlan) {
  base::Random random(12);
  const FilterKind order[] = {FilterKind::weighted, FilterKind::rotate, FilterKind::all};
  for (int service_number = 0; service_number < 60; ++service_number) {
    ServiceSpec spec = three_site_spec();
    for (EndpointSpec& endpoint : spec.endpoints) endpoint.weight = random.below(4);
    spec.all_down = random.below(4) == 0 ? AllDown::none : AllDown::as_if_up;
    FilterSpec take = filter(FilterKind::take);
    take.count = 1 + random.below(3);
    const Service service = compile(spec, {filter(FilterKind::nearest), filter(order[random.below(3)]), take});
    std::vector<geo::ClassAnswers> classes;
    const auto digit = [&] { return static_cast<std::uint8_t>(random.below(3)); };
    for (int c = 0; c < 8; ++c) classes.push_back(nearest({digit(), digit(), digit()}));
    Replanner replanner(service, classes);
    for (int state_number = 0; state_number < 30; ++state_number) {
      ServiceStates states;
      for (auto& family : states) family.resize(3);
      for (EndpointState& state : states[0]) {
        state.verdict = static_cast<health::Verdict>(random.below(3));
        state.ramp = static_cast<std::uint16_t>(random.below(3) == 0 ? 50 * random.below(20) : 1000);
      }
      const Plan expected = make_plan(service, classes, states);
      const Plan& plan = replanner.plan(states);
      ASSERT_EQ(plan.worst, expected.worst);
      ASSERT_EQ(plan.states, expected.states);
      const AspectPlan& a = plan.under(base::Family::v4);
      const AspectPlan& b = expected.under(base::Family::v4);
      ASSERT_EQ(a.classes.size(), b.classes.size());
      for (std::size_t c = 0; c < a.classes.size(); ++c) {
        ASSERT_EQ(a.classes[c].draw, b.classes[c].draw);
        ASSERT_EQ(a.classes[c].ttl, b.classes[c].ttl);
        ASSERT_EQ(a.classes[c].mode, b.classes[c].mode);
        if (a.classes[c].draw == Draw::nothing) continue;
        for (std::uint64_t slot = 0; slot < a.slot_count; ++slot) {
          const std::uint64_t bits = slot * (~std::uint64_t{0} / a.slot_count + 1);
          const auto got = a.set(a.draw(a.classes[c], bits));
          const auto want = b.set(b.draw(b.classes[c], bits));
          ASSERT_TRUE(std::equal(got.begin(), got.end(), want.begin(), want.end()));
        }
      }
    }
  }
}

}  // namespace
}  // namespace gslb::policy
