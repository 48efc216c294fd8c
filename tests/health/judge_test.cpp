#include "health/judge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "judge_world.hpp"

namespace gslb::health {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// A prober at no site, which votes on everything.
Vantage at_large(std::string name) { return {std::move(name), "", ""}; }

JudgeWorld three(std::size_t sites = 3) { return {sites, {at_large("a"), at_large("b"), at_large("c")}}; }

TEST(Judge, AServerWithoutPeersIsItsOwnElectorAtOnce) {
  JudgeWorld world(2, {{"a", "s0", ""}});
  world.start();
  world.see("ud", {.settled = false});
  EXPECT_EQ(world.judged(), "ud");
  world.see("du", {.settled = false});
  EXPECT_EQ(world.judged(), "du");
}

TEST(Judge, OneThatStandsAloneWithItsOpinionChangesNothing) {
  JudgeWorld world = three();
  world.start();
  world.see("uuu");
  world.hear("b", "uuu");
  world.hear("c", "uuu");
  EXPECT_EQ(world.judged(), "uuu");
  world.see("duu");
  EXPECT_EQ(world.judged(), "uuu");
  EXPECT_TRUE(world.judge.states()[0].in_motion);  // a dispute
  EXPECT_FALSE(world.judge.states()[1].in_motion);
  world.hear("b", "duu");
  EXPECT_EQ(world.judged(), "duu");
  EXPECT_EQ(world.why(0), "down: 2 of 3 vantages");
}

TEST(Judge, TheOwnSiteIsShownAndNotCounted) {
  JudgeWorld world(2, {{"a", "s0", ""}, {"b", "s1", ""}, at_large("c")});
  world.start();
  world.see("uu");
  world.hear("b", "uu");
  world.hear("c", "uu");
  EXPECT_EQ(world.judged(), "uu");
  world.see("uu");  // a, at s0, thinks that s0 is up
  world.hear("b", "du");
  world.hear("c", "du");
  EXPECT_EQ(world.judged(), "du");
  const JudgedView view = world.judge.view(0, world.now);
  EXPECT_EQ(view.opinions[0].standing, Standing::own_site);
  EXPECT_EQ(view.opinions[0].says, Verdict::up);
  EXPECT_EQ(view.tally.electors, 2);
}

TEST(Judge, WhereNobodyIsOutsideThoseInsideDecide) {
  JudgeWorld world(2, {{"a", "s0", ""}, {"b", "s0", ""}});
  world.start();
  world.see("uu");
  world.hear("b", "uu");
  EXPECT_EQ(world.judged(), "uu");
  world.see("du");
  world.hear("b", "du");
  EXPECT_EQ(world.judged(), "du");
}

TEST(Judge, BelowQuorumVerdictsFreeze) {
  JudgeWorld world = three();
  for (JudgedTarget& target : world.spec.targets) target.judging.alone_after.reset();
  world.start();
  world.see("uud");
  world.hear("b", "uud");
  world.hear("c", "uud");
  EXPECT_EQ(world.judged(), "uud");
  world.see("duu");
  EXPECT_EQ(world.judged(world.spec.fresh_for), "uud");  // b and c are not heard any more
  EXPECT_EQ(world.judged(1h), "uud");
  EXPECT_EQ(world.why(0), "frozen: 1 of 3 vantages heard");
  world.hear("b", "duu");  // the freeze ends with the first that is enough
  EXPECT_EQ(world.judged(), "duu");
}

TEST(Judge, OnlyTheFirstVerdictNeedsNoQuorumAndOnlyIfItIsUp) {
  JudgeWorld world = three();
  world.start();
  world.see("ud.");
  EXPECT_EQ(world.judged(), "u..");
}

TEST(Judge, AloneItWithdrawsAfterAWhileWhatAllHeardCallDownIfTheySeeAnotherSite) {
  JudgeWorld world = three();
  world.start();
  world.see("uuu");
  world.hear("b", "uuu");
  world.hear("c", "uuu");
  world.judged();
  world.see("duu");
  EXPECT_EQ(world.judged(10s), "uuu");
  EXPECT_EQ(world.next, world.now + 60s);
  EXPECT_EQ(world.judged(59s), "uuu");
  EXPECT_EQ(world.judged(1s), "duu");
  EXPECT_EQ(world.why(0), "down alone: all that are heard, 1 of 3 vantages, say so");
  EXPECT_TRUE(world.judge.view(0, world.now).alone);
  world.see("uuu");  // and takes it back
  EXPECT_EQ(world.judged(), "uuu");
  world.see("ddd");  // no other site is up: more likely it is us
  EXPECT_EQ(world.judged(1h), "uuu");
}

TEST(Judge, WhatAVantageReachesAtHomeSaysNothingOfTheWayToOthers) {
  JudgeWorld world(2, {{"a", "s0", ""}, at_large("b"), at_large("c")});
  world.start();
  world.see("uu");
  world.hear("b", "uu");
  world.hear("c", "uu");
  world.judged();
  world.see("ud");
  EXPECT_EQ(world.judged(1h), "uu");
  EXPECT_EQ(world.judged(1h), "uu");
}

TEST(Judge, AWitnessThatIsCutOffHasNoVote) {
  struct Case {
    std::string_view sees;
    unsigned references, up;
    Standing standing;
  };
  for (const Case& c : std::vector<Case>{{"ddd", 2, 0, Standing::cut_off},
                                         {"ddd", 0, 0, Standing::cut_off},
                                         {"ddd", 2, 1, Standing::counted},
                                         {"ddu", 2, 0, Standing::counted},
                                         {"d..", 2, 0, Standing::counted}}) {
    JudgeWorld world = three();
    world.start();
    Report report = JudgeWorld::report("b", c.sees);
    report.references = c.references;
    report.references_up = c.up;
    world.hear(report);
    world.judged();
    EXPECT_EQ(world.judge.vantages(world.now)[1].standing, c.standing) << c.sees << c.references << c.up;
  }
}

TEST(Judge, WhoWasCutOffIsNotBelievedAtOnceWhenItSaysDown) {
  JudgeWorld world(3, {at_large("a")});
  world.start();
  world.see("uuu", {.references = 2, .references_up = 2});
  EXPECT_EQ(world.judged(), "uuu");
  world.see("ddd", {.references = 2, .references_up = 0});
  EXPECT_EQ(world.judged(1min), "uuu");
  world.see("ddd", {.references = 2, .references_up = 2});
  EXPECT_EQ(world.judged(1s), "uuu");
  EXPECT_EQ(world.judge.view(0, world.now).opinions[0].standing, Standing::distrusted);
  EXPECT_EQ(world.next, world.now + 29s);
  EXPECT_EQ(world.judged(29s), "ddd");
}

TEST(Judge, AVantageThatHasJustStartedDoesNotVote) {
  JudgeWorld world = three(1);
  world.start();
  Report report = JudgeWorld::report("b", "d");
  report.settled = false;
  world.hear(report);
  world.hear("c", "u");
  world.see("u");
  EXPECT_EQ(world.judged(), "u");
  EXPECT_EQ(world.judge.view(0, world.now).opinions[1].standing, Standing::unsettled);
}

TEST(Judge, ReportsThatAreOldOrFromNobodyKnownAreRefused) {
  JudgeWorld world = three(1);
  world.start();
  Report report = JudgeWorld::report("b", "u");
  report.incarnation = 5;
  report.sequence = 7;
  EXPECT_FALSE(world.judge.receive(report, world.now));
  EXPECT_EQ(world.judge.receive(report, world.now), "it is no newer than the one before");
  report.sequence = 6;
  EXPECT_TRUE(world.judge.receive(report, world.now));
  report.incarnation = 4;
  report.sequence = 99;
  EXPECT_EQ(world.judge.receive(report, world.now), "it is from before the vantage was started");
  report.incarnation = 6;
  report.sequence = 1;
  EXPECT_FALSE(world.judge.receive(report, world.now));
  report.vantage = "nobody";
  EXPECT_TRUE(world.judge.receive(report, world.now));
  report.vantage = "a";  // this server itself
  EXPECT_TRUE(world.judge.receive(report, world.now));
  report.vantage = "c";
  report.opinions.resize(most_opinions + 1);
  EXPECT_TRUE(world.judge.receive(report, world.now));
}

TEST(Judge, WhoLastinglySaysTheOppositeOfTheOthersIsPutInQuarantineAndNamed) {
  JudgeWorld world(3, {at_large("a"), at_large("b"), at_large("c"), at_large("d")});
  world.start();
  const auto minute = [&](std::string_view liar) {
    for (int i = 0; i < 20; ++i) {
      world.see("uuu");
      world.hear("b", "uuu");
      world.hear("c", "uuu");
      world.hear("d", liar);
      EXPECT_EQ(world.judged(3s), "uuu");
    }
    return world.judge.vantages(world.now)[3].standing;
  };
  for (int i = 0; i < 4; ++i) EXPECT_EQ(minute("ddd"), Standing::counted);
  EXPECT_EQ(minute("ddu"), Standing::counted);  // a little less wrong, but wrong
  EXPECT_EQ(minute("ddd"), Standing::quarantined);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(minute("uuu"), Standing::quarantined);
  minute("uuu");
  EXPECT_EQ(minute("uuu"), Standing::counted);
}

TEST(Judge, RegionsAreHeardOneByOne) {
  JudgeWorld world(1, {{"a", "", "eu"}, {"b", "", "eu"}, {"c", "", "eu"}, {"d", "", "us"}, {"e", "", "ap"}});
  world.start();
  const auto all = [&](std::string_view eu, std::string_view others) {
    world.see(eu);
    world.hear("b", eu);
    world.hear("c", eu);
    world.hear("d", others);
    world.hear("e", others);
    return world.judged();
  };
  EXPECT_EQ(all("u", "u"), "u");
  EXPECT_EQ(all("d", "u"), "u");  // three of five, but one region of three
  EXPECT_EQ(all("u", "d"), "d");
}

TEST(Judge, TheRegionOfAVantageIsThatOfItsSite) {
  JudgeWorld world(2, {at_large("a"), {"b", "s0", ""}, {"c", "s0", ""}, {"d", "s1", "us"}});
  world.spec.sites[0].region = "eu";
  world.spec.targets[0].site = JudgedTarget::no_site;
  world.start();
  world.see("uu");
  for (const char* const name : {"b", "c", "d"}) world.hear(name, "uu");
  EXPECT_EQ(world.judged(), "uu");
  world.hear("b", "du");
  world.hear("c", "du");
  EXPECT_EQ(world.judged(), "uu");
  world.see("du");
  EXPECT_EQ(world.judged(), "du");
}

TEST(Judge, WhatIsKnownOutlivesAChangeOfTheConfiguration) {
  JudgeWorld world = three();
  world.start();
  world.see("udu");
  world.hear("b", "udu");
  world.hear("c", "udu");
  EXPECT_EQ(world.judged(), "udu");
  std::swap(world.spec.targets[0], world.spec.targets[1]);
  world.spec.vantages.push_back(at_large("d"));
  world.start();
  EXPECT_EQ(world.judge.states()[0].verdict, Verdict::down);
  world.see("...");
  EXPECT_EQ(world.judged(), "duu");  // b and c are still heard
}

TEST(Judge, KeptVerdictsServeUntilThereIsAQuorum) {
  JudgeWorld before = three();
  before.start();
  before.see("udu");
  before.hear("b", "udu");
  before.hear("c", "udu");
  before.judged();
  const auto kept = before.judge.kept(before.now);
  JudgeWorld after = three();
  after.start();
  after.judge.restore(kept, after.now);
  after.see("...");
  EXPECT_EQ(after.judged(), "udu");
  EXPECT_TRUE(after.judge.states()[1].restored);
  after.see("uuu");
  EXPECT_EQ(after.judged(), "udu");
  after.hear("b", "uuu");
  EXPECT_EQ(after.judged(), "uuu");
  EXPECT_FALSE(after.judge.states()[1].restored);
}

TEST(Judge, TheTtlIsInMotionOnlyWhileSomethingMay) {
  JudgeWorld world = three(1);
  world.start();
  TargetState own;
  own.verdict = Verdict::up;
  world.judge.observe({&own, 1}, {});
  world.hear("b", "u");
  EXPECT_EQ(world.judged(), "u");
  EXPECT_FALSE(world.judge.states()[0].in_motion);
  own.in_motion = true;
  own.until_change = 2s;
  world.judge.observe({&own, 1}, {});
  Report report = JudgeWorld::report("b", "u");
  report.opinions[0].in_motion = true;
  report.opinions[0].until_change = 1s;
  world.hear(report);
  world.judged();
  EXPECT_TRUE(world.judge.states()[0].in_motion);
  EXPECT_EQ(world.judge.states()[0].until_change, 1s);  // c, which is not heard, may say down at once; then b is enough
}

TEST(Judge, SaysInWordsWhatEachGuardDoes) {
  for (const Guard guard : {Guard::none, Guard::hold_up, Guard::hold_down, Guard::damping, Guard::pace})
    EXPECT_FALSE(to_string(guard).empty());
  for (const Standing standing : {Standing::counted, Standing::own_site, Standing::silent, Standing::unsettled,
                                  Standing::cut_off, Standing::distrusted, Standing::quarantined, Standing::no_opinion})
    EXPECT_FALSE(to_string(standing).empty());
}

}  // namespace
}  // namespace gslb::health
