// What damping makes of a target that flaps: an hour with each period and each share of it up. The table is the one of
// docs/health.md.
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "health/target_core.hpp"
#include "judge_world.hpp"

namespace gslb::health {
namespace {

using namespace std::chrono_literals;

struct Hour {
  int turns = 0;
  int seconds_in = 0;  ///< in the answers
};

/// Probed each second with fall 3 and rise 2; another target of the service is up all the time.
Hour hour(int period, int up_percent, bool damped) {
  JudgeWorld world(2, {{"a", "", ""}});
  for (JudgedTarget& target : world.spec.targets)
    target.guards.damping = DampingSpec{damped ? std::chrono::milliseconds(5min) : 0ms, 3};
  world.start();
  TargetCore core({3, 2, 1s});
  std::vector<TargetState> own(2);
  own[1].verdict = Verdict::up;
  Hour out;
  Verdict before = Verdict::unknown;
  for (int second = 0; second < 3600; ++second) {
    const bool up = second % period < period * up_percent / 100;
    Observation seen;
    seen.ok = up;
    core.step(base::WallTime{}, seen);
    own[0] = core.state();
    world.judge.observe(own, {});
    world.judged(1s);
    const Verdict now = world.judge.states()[0].verdict;
    out.turns += before != Verdict::unknown && now != before;
    out.seconds_in += now == Verdict::up;
    before = now;
  }
  return out;
}

std::string row(int period, int up_percent) {
  const Hour without = hour(period, up_percent, false);
  const Hour with = hour(period, up_percent, true);
  char text[200];
  std::snprintf(text, sizeof text, "| %d s | %d %% | %d | %d | %d %% | %d %% |", period, up_percent, without.turns,
                with.turns, without.seconds_in / 36, with.seconds_in / 36);
  return text;
}

TEST(FlapMatrix, IsTheOneOfTheDocumentation) {
  std::ifstream file("docs/health.md");
  std::stringstream document;
  document << file.rdbuf();
  for (const int period : {4, 10, 20, 60, 300, 1200}) {
    for (const int up : {10, 50, 90}) {
      const std::string expected = row(period, up);
      std::puts(expected.c_str());
      EXPECT_NE(document.str().find(expected), std::string::npos) << "docs/health.md has no row " << expected;
    }
  }
}

TEST(FlapMatrix, DampingLeavesFewTurnsAndDoesNotTouchWhatIsRare) {
  for (const int up : {10, 50, 90}) {
    for (const int period : {4, 10, 20, 60})
      EXPECT_LE(hour(period, up, true).turns, 8) << period << " s, " << up << " %";
    for (const int period : {300, 1200}) EXPECT_EQ(hour(period, up, true).turns, hour(period, up, false).turns);
  }
}

}  // namespace
}  // namespace gslb::health
