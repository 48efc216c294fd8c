#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "health/damping.hpp"
#include "health/grade.hpp"
#include "health/pace.hpp"
#include "judge_world.hpp"

namespace gslb::health {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const base::SteadyTime noon{12h};

TEST(Pace, TheFirstSiteAndTheFirstEndpointOfEachServiceLeaveAtOnce) {
  const PaceSpec spec;
  Pace pace;
  pace.resize(4, 3);
  const std::vector<std::uint32_t> www{0}, api{1}, both{0, 1};
  EXPECT_FALSE(pace.slot(noon, 0, www, spec));
  pace.leave(noon, 0, www, spec);
  EXPECT_FALSE(pace.slot(noon, 0, www, spec));  // the same site
  EXPECT_FALSE(pace.slot(noon, 1, api, spec));  // the first of api
  EXPECT_EQ(pace.slot(noon, 1, both, spec), noon + 60s);
  pace.leave(noon, 1, api, spec);
  EXPECT_EQ(pace.slot(noon, 1, www, spec), noon + 60s);  // which opened no way for the rest of its site
  pace.begin(1, noon + 10s);
  EXPECT_EQ(pace.slot(noon + 20s, 1, www, spec), noon + 70s);
  pace.leave(noon + 70s, 1, www, spec);
  pace.begin(2, noon + 20s);
  EXPECT_EQ(pace.slot(noon + 75s, 2, www, spec), noon + 130s);
  EXPECT_FALSE(pace.slot(noon + 10min, 2, www, spec));  // all is forgotten
}

TEST(Pace, AnotherServerMayKnowThatASiteLeft) {
  const PaceSpec spec;
  Pace pace;
  pace.resize(3, 1);
  const std::vector<std::uint32_t> www{0};
  pace.leave(noon, 0, www, spec);
  pace.learn(1, noon + 5s);
  pace.learn(1, noon + 1s);  // the later one stays
  EXPECT_EQ(pace.left(1), noon + 5s);
  EXPECT_FALSE(pace.slot(noon + 6s, 1, www, spec));
  EXPECT_EQ(pace.slot(noon + 6s, 2, www, spec), noon + 66s);
}

TEST(Damping, HoldsFromTheThirdFallOnUntilThePenaltyIsHalfOfThat) {
  const DampingSpec spec;
  Damping damping;
  damping.fall(noon, spec);
  damping.fall(noon, spec);
  EXPECT_FALSE(damping.until(noon, spec));
  damping.fall(noon, spec);
  EXPECT_EQ(damping.until(noon, spec), noon + 5min);
  EXPECT_EQ(damping.until(noon + 4min, spec), noon + 5min);
  EXPECT_FALSE(damping.until(noon + 5min, spec));
  for (int i = 0; i < 100; ++i) damping.fall(noon + 5min, spec);
  EXPECT_EQ(damping.until(noon + 5min, spec), noon + 15min);  // never longer than two half-lives
  Damping slow;
  for (int i = 0; i < 20; ++i) slow.fall(noon + i * 10min, spec);
  EXPECT_FALSE(slow.damped());
}

TEST(Damping, LearnsOnlyWhatIsMore) {
  const DampingSpec spec;
  Damping damping;
  damping.learn(2, noon, spec);
  damping.learn(1, noon, spec);
  EXPECT_EQ(damping.penalty(noon, spec), 2);
  damping.learn(1e9, noon, spec);
  EXPECT_EQ(damping.penalty(noon, spec), 6);
  EXPECT_TRUE(damping.damped());
}

TEST(Grade, IsWorthLessTheSlowerAndTheMoreFails) {
  GradeSpec spec;
  EXPECT_EQ(Grade::worth(spec, 10s, 0.9), 1000);
  spec.latency_good = 200ms;
  spec.latency_bad = 1s;
  spec.errors_good = 0.1;
  spec.errors_bad = 0.5;
  EXPECT_EQ(Grade::worth(spec, 100ms, 0), 1000);
  EXPECT_EQ(Grade::worth(spec, 600ms, 0), 600);
  EXPECT_EQ(Grade::worth(spec, 10s, 0), 200);
  EXPECT_EQ(Grade::worth(spec, 600ms, 0.4), 400);  // the worse of the two
}

TEST(Grade, MovesByATenthAtATimeAndNotForTrifles) {
  const GradeSpec spec;
  Grade grade;
  EXPECT_FALSE(grade.move(noon, 930, spec));
  EXPECT_EQ(grade.value(), 1000);
  EXPECT_EQ(grade.move(noon, 300, spec), noon + 30s);
  EXPECT_EQ(grade.value(), 900);
  EXPECT_EQ(grade.move(noon + 29s, 300, spec), noon + 30s);
  EXPECT_EQ(grade.value(), 900);
  for (int i = 1; i < 20; ++i) static_cast<void>(grade.move(noon + i * 30s, 300, spec));
  EXPECT_EQ(grade.value(), 300);
  EXPECT_FALSE(grade.move(noon + 1h, 360, spec));
  static_cast<void>(grade.move(noon + 1h, 400, spec));
  EXPECT_EQ(grade.value(), 400);
}

class GuardedJudge : public testing::Test {
 protected:
  GuardedJudge() : world(4, {{"a", "", ""}}) {
    for (JudgedTarget& target : world.spec.targets) target.guards.pace.reset();
  }
  JudgeWorld world;
};

TEST_F(GuardedJudge, SitesLeaveOneByOneIfThatIsWritten) {
  for (JudgedTarget& target : world.spec.targets) target.guards.pace = PaceSpec{};
  world.start();
  world.see("uuuu");
  EXPECT_EQ(world.judged(), "uuuu");
  world.see("dddu");
  EXPECT_EQ(world.judged(), "duuu");
  EXPECT_EQ(world.why(1), "kept in by pace, 1 min 0 s left");
  EXPECT_TRUE(world.judge.states()[1].in_motion);
  EXPECT_EQ(world.next, world.now + 60s);
  EXPECT_EQ(world.judged(59s), "duuu");
  EXPECT_EQ(world.judged(1s), "dduu");
  EXPECT_EQ(world.judged(60s), "dddu");
  world.see("uuuu");
  EXPECT_EQ(world.judged(), "uuuu");
}

TEST_F(GuardedJudge, ASiteThatWaitedLeavesOnlyByANewVerdict) {
  JudgeWorld many(2, {{"a", "", ""}, {"b", "", ""}, {"c", "", ""}});
  many.spec.fresh_for = 100s;
  for (JudgedTarget& target : many.spec.targets) target.guards.pace = PaceSpec{};
  many.start();
  many.see("uu");
  many.hear("b", "uu");
  many.hear("c", "uu");
  EXPECT_EQ(many.judged(), "uu");
  many.hear("b", "dd");
  many.hear("c", "dd");
  EXPECT_EQ(many.judged(), "du");
  EXPECT_EQ(many.judged(61s), "du");
  EXPECT_THAT(many.why(1), HasSubstr("kept in by pace, until it is judged anew"));
  many.hear("b", "dd");
  many.see("dd", {.references = 2, .references_up = 2});
  EXPECT_EQ(many.judged(), "dd");
}

TEST_F(GuardedJudge, WithoutAWordOneThatJudgesAloneWaitsForNothing) {
  world.start();
  for (int i = 0; i < 10; ++i) {
    world.see("uuuu");
    EXPECT_EQ(world.judged(1s), "uuuu");
    world.see("dddu");
    EXPECT_EQ(world.judged(1s), "dddu");
  }
}

TEST_F(GuardedJudge, WhatFlapsStaysAwayIfAnotherIsUp) {
  for (JudgedTarget& target : world.spec.targets) target.guards.damping = DampingSpec{};
  world.start();
  for (int i = 0; i < 3; ++i) {
    world.see("uuuu");
    world.judged(1s);
    world.see("duuu");
    EXPECT_EQ(world.judged(1s), "duuu");
  }
  world.see("uuuu");
  EXPECT_EQ(world.judged(1s), "duuu");
  EXPECT_THAT(world.why(0), HasSubstr("kept away by damping, "));
  EXPECT_EQ(world.judged(5min), "uuuu");
  for (int i = 0; i < 3; ++i) {
    world.see("uuuu");
    world.judged(1s);
    world.see("duuu");
    world.judged(1s);
  }
  world.see("uddd");  // nothing else is up
  EXPECT_EQ(world.judged(), "dddd");
  EXPECT_EQ(world.judged(), "uddd");
}

TEST_F(GuardedJudge, HoldsBothWays) {
  for (JudgedTarget& target : world.spec.targets) {
    target.guards.hold_up = 20s;
    target.guards.hold_down = 30s;
  }
  world.start();
  world.see("uuuu");
  world.judged();
  world.see("duuu");  // a first verdict is no return
  EXPECT_EQ(world.judged(), "duuu");
  world.see("uuuu");
  EXPECT_EQ(world.judged(29s), "duuu");
  EXPECT_EQ(world.judge.view(0, world.now).guard, Guard::hold_down);
  EXPECT_EQ(world.judged(1s), "uuuu");
  world.see("duuu");
  EXPECT_EQ(world.judged(19s), "uuuu");
  EXPECT_EQ(world.judge.view(0, world.now).guard, Guard::hold_up);
  EXPECT_EQ(world.judged(1s), "duuu");
}

TEST_F(GuardedJudge, SlowOnesWeighLess) {
  for (JudgedTarget& target : world.spec.targets) {
    target.guards.grade.latency_good = 100ms;
    target.guards.grade.latency_bad = 1s;
  }
  world.start();
  TargetState slow;
  slow.verdict = Verdict::up;
  slow.latency = 1s;
  for (int i = 0; i < 20; ++i) {
    world.judge.observe({&slow, 1}, {});
    world.judged(30s);
  }
  EXPECT_EQ(world.judge.states()[0].grade, 200);
  EXPECT_EQ(world.judge.states()[1].grade, 1000);
}

}  // namespace
}  // namespace gslb::health
