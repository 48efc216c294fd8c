#include "health/checker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <memory>

#include "tests/health/loopback_server.hpp"

namespace gslb::health {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class CheckerTest : public testing::Test {
 protected:
  std::unique_ptr<Checker> make_checker() {
    return std::make_unique<Checker>(context, 1, [this] { ++changes; });
  }
  bool wait(const std::function<bool()>& condition) { return run_until(context, condition); }

  boost::asio::io_context context{1};
  Reaction reaction = answer(200);
  LoopbackServer server{context, [this](const std::string&) { return reaction; }};
  unsigned changes = 0;
  std::unique_ptr<Checker> checker = make_checker();
  Target target = loopback_target(server.port());
};

TEST_F(CheckerTest, WithoutTargetsNothingIsUnjudged) {
  EXPECT_TRUE(checker->all_judged());
  checker->set_targets({});
  EXPECT_TRUE(checker->all_judged());
  EXPECT_TRUE(checker->states().empty());
}

TEST_F(CheckerTest, FindsOutWhatIsUpAndWhatIsDown) {
  const RefusedPort refused;
  checker->set_targets({target, loopback_target(refused.port())});
  EXPECT_FALSE(checker->all_judged());
  EXPECT_EQ(checker->states()[0].verdict, Verdict::unknown);
  ASSERT_TRUE(wait([&] { return checker->all_judged(); }));
  EXPECT_EQ(checker->states()[0].verdict, Verdict::up);
  EXPECT_EQ(checker->states()[0].reason, "http 200");
  EXPECT_EQ(checker->states()[1].verdict, Verdict::down);
  EXPECT_EQ(checker->states()[1].reason, "connect: connection refused");
  EXPECT_TRUE(wait([&] { return changes > 0; }));
}

TEST_F(CheckerTest, ATargetFallsAndRises) {
  checker->set_targets({target});
  const TargetState& state = checker->states()[0];
  ASSERT_TRUE(wait([&] { return state.verdict == Verdict::up; }));
  EXPECT_FALSE(state.returned_at);
  reaction = answer(503);
  ASSERT_TRUE(wait([&] { return state.verdict == Verdict::down; }));
  EXPECT_GE(state.failures, 3U);
  reaction = answer(200);
  ASSERT_TRUE(wait([&] { return state.verdict == Verdict::up; }));
  EXPECT_TRUE(state.returned_at);
}

TEST_F(CheckerTest, KeepsTheLastOutcomesAsEvidence) {
  checker->set_targets({target, target});
  EXPECT_TRUE(checker->evidence(0).empty());
  ASSERT_TRUE(wait([&] { return checker->states()[0].verdict == Verdict::up; }));
  reaction = answer(503);
  ASSERT_TRUE(wait([&] { return checker->states()[0].verdict == Verdict::down; }));
  const std::vector<Evidence> evidence = checker->evidence(1);
  ASSERT_GE(evidence.size(), 3U);
  EXPECT_LE(evidence.size(), 8U);
  EXPECT_FALSE(evidence.back().ok);
  EXPECT_EQ(evidence.back().detail, "http 503");
  EXPECT_EQ(evidence.back().phase, "status");
  EXPECT_GT(evidence.back().latency, base::Duration{});
  for (std::size_t i = 1; i < evidence.size(); ++i) EXPECT_LE(evidence[i - 1].when, evidence[i].when);
}

TEST_F(CheckerTest, AProbeThatSomebodyAskedForCountsForNothing) {
  target.monitor.interval = target.monitor.timeout = 10s;
  checker->set_targets({target});
  ASSERT_TRUE(wait([&] { return checker->all_judged(); }));
  const auto probes = checker->states()[0].probes;
  reaction = answer(503);
  std::vector<Observation> seen;
  checker->probe(target, [&](const Observation& one) { seen.push_back(one); });
  checker->probe(target, [&](const Observation& one) { seen.push_back(one); });
  ASSERT_TRUE(wait([&] { return seen.size() == 2; }));
  EXPECT_EQ(seen[0].detail, "http 503");
  EXPECT_EQ(checker->states()[0].probes, probes);
  EXPECT_EQ(checker->evidence(0).size(), 1U);
  checker->probe(target, [&](const Observation&) { FAIL() << "it was cancelled"; });
  checker.reset();
  context.poll();
}

/// A target that says how it is, at least every `deadline`.
Target pushing(std::chrono::milliseconds deadline) {
  Target out = loopback_target(0, ProbeKind::push);
  out.monitor.name = "alive";
  out.monitor.fall = out.monitor.rise = 1;
  out.monitor.jitter = 0;
  out.monitor.interval = deadline;
  return out;
}

TEST_F(CheckerTest, APushDecidesAtOnce) {
  const Target told = pushing(1h);
  checker->set_targets({told, told});
  const TargetState& state = checker->states()[1];
  EXPECT_EQ(state.verdict, Verdict::unknown);
  checker->push(told, {PushStatus::pass, ""});
  EXPECT_EQ(state.verdict, Verdict::up);
  EXPECT_EQ(state.reason, "pushed pass");
  checker->push(told, {PushStatus::warn, "disk nearly full"});
  EXPECT_EQ(state.verdict, Verdict::up);
  EXPECT_EQ(state.warning, "disk nearly full");
  checker->push(told, {PushStatus::fail, "no database"});
  EXPECT_EQ(state.verdict, Verdict::down);
  EXPECT_EQ(state.reason, "pushed fail: no database");
  EXPECT_EQ(checker->evidence(0).back().phase, "status");
  checker->push(told, {PushStatus::pass, ""});
  EXPECT_EQ(state.verdict, Verdict::up);
  EXPECT_TRUE(state.returned_at);
  EXPECT_TRUE(wait([&] { return changes > 0; }));
}

TEST_F(CheckerTest, APushToAnotherMonitorIsNone) {
  Target told = pushing(1h);
  Target other = told;
  other.monitor.name = "disk";
  checker->set_targets({told, target});
  checker->push(other, {});
  checker->push(target, {});
  EXPECT_EQ(checker->states()[0].verdict, Verdict::unknown);
  EXPECT_EQ(checker->states()[1].verdict, Verdict::unknown);
}

TEST_F(CheckerTest, SilenceBeyondTheDeadlineIsAFailureAndPushesInTimeAreNone) {
  const Target told = pushing(300ms);
  checker->set_targets({told});
  const TargetState& state = checker->states()[0];
  const auto begin = base::steady_now();
  auto pushed = begin;
  checker->push(told, {});
  while (base::steady_now() - begin < 1s) {
    context.run_for(20ms);
    context.restart();
    const auto silent = base::steady_now() - pushed;
    checker->push(told, {});
    pushed = base::steady_now();
    if (silent < 250ms) ASSERT_EQ(state.failures, 0U);
  }
  ASSERT_TRUE(wait([&] { return state.verdict == Verdict::down; }));
  EXPECT_GE(base::steady_now() - pushed, 300ms);
  EXPECT_EQ(state.reason, "nothing pushed for 300 ms");
  EXPECT_EQ(checker->evidence(0).back().phase, "timeout");
}

TEST_F(CheckerTest, WithoutAnyPushATargetIsUnknownUntilItsDeadline) {
  const auto begin = base::steady_now();
  checker->set_targets({pushing(300ms), target});
  ASSERT_TRUE(wait([&] { return checker->states()[1].verdict == Verdict::up; }));
  if (base::steady_now() - begin < 300ms) {
    EXPECT_EQ(checker->states()[0].verdict, Verdict::unknown);
    EXPECT_TRUE(checker->all_judged()) << "nobody waits for what may never be told";
    EXPECT_TRUE(checker->all_probed());
  }
  ASSERT_TRUE(wait([&] { return checker->states()[0].verdict == Verdict::down; }));
  EXPECT_GE(base::steady_now() - begin, 300ms);
}

TEST_F(CheckerTest, ARestartAndAnotherDeadlineBeginTheSilenceAnew) {
  const Target told = pushing(1h);
  checker->set_targets({told});
  checker->push(told, {});
  const std::string kept = checker->snapshot();
  checker = make_checker();
  ASSERT_TRUE(checker->restore(kept));
  checker->set_targets({told});
  EXPECT_EQ(checker->states()[0].verdict, Verdict::up);
  EXPECT_TRUE(checker->states()[0].restored);
  const auto begin = base::steady_now();
  checker->set_targets({pushing(400ms)});
  EXPECT_EQ(checker->states()[0].verdict, Verdict::up);
  ASSERT_TRUE(wait([&] { return checker->states()[0].verdict == Verdict::down; }));
  EXPECT_GE(base::steady_now() - begin, 400ms);
}

TEST_F(CheckerTest, LogsATransitionWithItsReason) {
  testing::internal::CaptureStderr();
  checker->set_targets({target});
  ASSERT_TRUE(wait([&] { return checker->states()[0].verdict == Verdict::up; }));
  reaction = answer(503);
  ASSERT_TRUE(wait([&] { return checker->states()[0].verdict == Verdict::down; }));
  reaction = answer(200);
  ASSERT_TRUE(wait([&] { return checker->states()[0].verdict == Verdict::up; }));
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("target 127.0.0.1 is up: first probe passed: http 200"));
  EXPECT_THAT(log, HasSubstr("target 127.0.0.1 is down: 3 failures in a row, last: http 503"));
  EXPECT_THAT(log, HasSubstr("target 127.0.0.1 is up again: 2 successes in a row, last: http 200"));
}

TEST_F(CheckerTest, ACountUnderWayIsAChange) {
  target.monitor.fall = 100;
  checker->set_targets({target});
  ASSERT_TRUE(wait([&] { return changes == 1; }));
  reaction = answer(503);
  ASSERT_TRUE(wait([&] { return checker->states()[0].in_motion; }));
  EXPECT_TRUE(wait([&] { return changes >= 2; }));
  EXPECT_EQ(checker->states()[0].verdict, Verdict::up);
}

TEST_F(CheckerTest, ASteadyTargetIsNoChange) {
  checker->set_targets({target});
  ASSERT_TRUE(wait([&] { return checker->states()[0].probes >= 10; }));
  EXPECT_EQ(changes, 1U);
}

TEST_F(CheckerTest, ProbesEqualTargetsOnce) {
  Target named = target;
  named.monitor.name = "gslb.example.org/www";
  checker->set_targets({target, named, target});
  ASSERT_TRUE(wait([&] { return checker->states()[0].probes >= 5; }));
  EXPECT_LE(server.connections(), checker->states()[0].probes + 1);
  for (const TargetState& state : checker->states()) EXPECT_EQ(state.probes, checker->states()[0].probes);
}

TEST_F(CheckerTest, TargetsThatDifferInTimingAreProbedEach) {
  Target strict = target;
  strict.monitor.fall = 1;
  target.monitor.fall = 100;
  checker->set_targets({target, strict});
  ASSERT_TRUE(wait([&] { return checker->all_judged(); }));
  reaction = answer(503);
  ASSERT_TRUE(wait([&] { return checker->states()[1].verdict == Verdict::down; }));
  EXPECT_EQ(checker->states()[0].verdict, Verdict::up);
}

// All probes are due when the loop runs, and all are refused before the first change is told.
TEST_F(CheckerTest, ManyChangesInOneTurnAreToldOnce) {
  const RefusedPort refused;
  std::vector<Target> targets(20, loopback_target(refused.port(), ProbeKind::tcp));
  for (std::size_t i = 0; i < targets.size(); ++i) targets[i].monitor.rise = static_cast<unsigned>(i + 1);
  checker->set_targets(targets);
  const base::SteadyTime all_due = base::steady_now() + targets[0].monitor.interval;
  while (base::steady_now() < all_due) {
  }
  ASSERT_TRUE(wait([&] { return checker->all_judged(); }));
  ASSERT_TRUE(wait([&] { return changes > 0; }));
  EXPECT_LT(changes, targets.size() / 2);
}

TEST_F(CheckerTest, AReloadKeepsStates) {
  const RefusedPort refused;
  const Target down = loopback_target(refused.port());
  checker->set_targets({target, down});
  ASSERT_TRUE(wait([&] { return checker->all_judged(); }));
  const auto probes = checker->states()[1].probes;
  Target named = down;
  named.monitor.name = "renamed";
  checker->set_targets({named, target});
  EXPECT_TRUE(checker->all_judged());
  EXPECT_EQ(checker->states()[0].verdict, Verdict::down);
  EXPECT_EQ(checker->states()[0].probes, probes);
  EXPECT_EQ(checker->states()[1].verdict, Verdict::up);
  EXPECT_EQ(checker->targets()[0].monitor.name, "renamed");
  EXPECT_TRUE(wait([&] { return checker->states()[0].probes > probes + 2; })) << "probing goes on";
}

TEST_F(CheckerTest, AReloadLetsAProbeUnderWayFinish) {
  reaction = {"", true};
  checker->set_targets({target});
  ASSERT_TRUE(wait([&] { return !server.last_request().empty(); }));
  checker->set_targets({target});
  reaction = answer(200);
  context.restart();
  context.poll();
  EXPECT_EQ(server.connections(), 1U);
  EXPECT_EQ(server.open_connections(), 1U);
}

TEST_F(CheckerTest, AReloadOfTimingKeepsWhatIsKnown) {
  checker->set_targets({target});
  ASSERT_TRUE(wait([&] { return checker->all_judged(); }));
  target.monitor.interval = 70ms;
  checker->set_targets({target});
  EXPECT_EQ(checker->states()[0].verdict, Verdict::up);
  const auto probes = checker->states()[0].probes;
  EXPECT_TRUE(wait([&] { return checker->states()[0].probes > probes; }));
}

TEST_F(CheckerTest, AReloadFromALongIntervalToAShortOneDoesNotWaitForTheLongOne) {
  target.monitor.interval = 1h;
  checker->set_targets({target});
  ASSERT_TRUE(wait([&] { return checker->all_judged(); }));
  target.monitor.interval = 50ms;
  checker->set_targets({target});
  EXPECT_TRUE(wait([&] { return checker->states()[0].probes >= 3; }));
}

TEST_F(CheckerTest, RemovingATargetCancelsItsProbe) {
  reaction = {"", true};
  checker->set_targets({target});
  ASSERT_TRUE(wait([&] { return server.open_connections() == 1; }));
  checker->set_targets({});
  EXPECT_TRUE(wait([&] { return server.open_connections() == 0; }));
  EXPECT_EQ(changes, 0U);
}

TEST_F(CheckerTest, DestroyingItCancelsEverything) {
  reaction = {"", true};
  checker->set_targets({target});
  ASSERT_TRUE(wait([&] { return server.open_connections() == 1; }));
  checker.reset();
  EXPECT_TRUE(wait([&] { return server.open_connections() == 0; }));
  EXPECT_EQ(changes, 0U);
}

TEST_F(CheckerTest, AChangeToldTooLateIsNotTold) {
  checker->set_targets({target});
  ASSERT_TRUE(wait([&] { return checker->all_judged(); }));
  ASSERT_EQ(changes, 0U) << "the call is posted but has not run";
  checker.reset();
  context.restart();
  context.poll();
  EXPECT_EQ(changes, 0U);
}

// The deadline of the probe passes while the thread does something else: nobody knows what the target would have said.
TEST_F(CheckerTest, AFailureThatAStallOfOurThreadOvertookDoesNotCount) {
  reaction = {"", true};
  target.monitor.timeout = 100ms;
  target.monitor.interval = 150ms;
  checker->set_targets({target});
  ASSERT_TRUE(wait([&] { return server.open_connections() == 1; }));
  const base::SteadyTime stalled_until = base::steady_now() + 800ms;
  boost::asio::post(context, [stalled_until] {
    while (base::steady_now() < stalled_until) {
    }
  });
  ASSERT_TRUE(wait([&] { return server.connections() == 2; }));
  EXPECT_EQ(checker->states()[0].probes, 0U);
  EXPECT_EQ(checker->states()[0].verdict, Verdict::unknown);
  EXPECT_TRUE(wait([&] { return checker->states()[0].probes > 0; })) << "a punctual failure counts";
  EXPECT_EQ(checker->states()[0].verdict, Verdict::down);
}

TEST_F(CheckerTest, StatesSurviveARestart) {
  const RefusedPort refused;
  const std::vector<Target> targets{target, loopback_target(refused.port())};
  checker->set_targets(targets);
  ASSERT_TRUE(wait([&] { return checker->all_judged(); }));
  const auto since = checker->states()[0].since;
  const std::string saved = checker->snapshot();

  checker = make_checker();
  checker->set_targets(targets);
  EXPECT_FALSE(checker->all_judged());
  ASSERT_TRUE(checker->restore(saved));
  EXPECT_TRUE(checker->all_judged());
  EXPECT_EQ(checker->states()[0].verdict, Verdict::up);
  EXPECT_TRUE(checker->states()[0].restored);
  EXPECT_LT(since - checker->states()[0].since, 1ms);
  EXPECT_EQ(checker->states()[1].verdict, Verdict::down);
  ASSERT_TRUE(wait([&] { return !checker->states()[0].restored; })) << "the first probe that agrees confirms it";
}

TEST_F(CheckerTest, StatesMayBeRestoredBeforeThereAreTargets) {
  checker->set_targets({target});
  ASSERT_TRUE(wait([&] { return checker->all_judged(); }));
  const std::string saved = checker->snapshot();
  checker = make_checker();
  ASSERT_TRUE(checker->restore(saved));
  checker->set_targets({target});
  EXPECT_TRUE(checker->all_judged());
  EXPECT_TRUE(checker->states()[0].restored);
}

TEST_F(CheckerTest, AReturnGoesOnFromWhereItWas) {
  checker->set_targets({target});
  reaction = answer(503);
  ASSERT_TRUE(wait([&] { return checker->all_judged(); }));
  reaction = answer(200);
  ASSERT_TRUE(wait([&] { return checker->states()[0].returned_at.has_value(); }));
  const auto returned_at = *checker->states()[0].returned_at;
  const std::string saved = checker->snapshot();
  checker = make_checker();
  checker->set_targets({target});
  ASSERT_TRUE(checker->restore(saved));
  ASSERT_TRUE(checker->states()[0].returned_at);
  // Milliseconds are lost in the text; the wall clock may be slewed a little meanwhile.
  EXPECT_LT(std::chrono::abs(*checker->states()[0].returned_at - returned_at), 100ms);
}

TEST_F(CheckerTest, ADamagedSnapshotChangesNothing) {
  checker->set_targets({target});
  ASSERT_TRUE(wait([&] { return checker->all_judged(); }));
  std::string saved = checker->snapshot();
  saved[saved.size() / 2] ^= 1;
  checker = make_checker();
  checker->set_targets({target});
  const auto restored = checker->restore(saved);
  ASSERT_FALSE(restored);
  EXPECT_THAT(restored.error().what, HasSubstr("health snapshot is damaged"));
  EXPECT_EQ(checker->states()[0].verdict, Verdict::unknown);
}

TEST_F(CheckerTest, ARestoredVerdictYieldsToAProbe) {
  checker->set_targets({target});
  ASSERT_TRUE(wait([&] { return checker->all_judged(); }));
  const std::string says_up = checker->snapshot();
  reaction = answer(503);
  checker = make_checker();
  checker->set_targets({target});
  ASSERT_TRUE(wait([&] { return checker->all_judged(); }));
  ASSERT_TRUE(checker->restore(says_up));
  EXPECT_EQ(checker->states()[0].verdict, Verdict::down) << "judged before it was restored";
}

}  // namespace
}  // namespace gslb::health
