// DESIGN section 8.11: `failback`, a latch that depends on what happened before.
#include "policy/failback.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.hpp"

namespace gslb::policy {
namespace {

using namespace std::chrono_literals;
constexpr auto down = TierHealth::down;
constexpr auto undecided = TierHealth::undecided;
constexpr auto up = TierHealth::up;

class FailbackTest : public testing::Test {
 protected:
  std::uint16_t floor_after(const std::vector<TierHealth>& tiers, base::Duration later = 1s) {
    now += later;
    const FailbackStep stepped = step(rule, latch, tiers, now);
    latch = stepped.latch;
    next = stepped.next;
    return latch.floor;
  }
  Failback rule{Failback::Mode::manual, 0s};
  Latch latch;
  std::optional<base::SteadyTime> next;
  base::SteadyTime now = base::SteadyTime{} + 1h;
};

TEST_F(FailbackTest, AutomaticNeverHoldsAnything) {
  rule.mode = Failback::Mode::automatic;
  EXPECT_EQ(floor_after({down, up}), 0);
  EXPECT_EQ(floor_after({up, up}), 0);
}

TEST_F(FailbackTest, ManualHoldsABetterTierUntilItIsReleased) {
  EXPECT_EQ(floor_after({up, up, up}), 0);
  EXPECT_EQ(floor_after({down, up, up}), 1);
  EXPECT_EQ(floor_after({up, up, up}), 1);
  EXPECT_EQ(floor_after({up, up, up}, 24h * 365), 1);
  latch = {};
  EXPECT_EQ(floor_after({up, up, up}), 0);
}

TEST_F(FailbackTest, ClientsGoOnToTheNextTierAndNotBackToOneBetween) {
  EXPECT_EQ(floor_after({down, down, up}), 2);
  EXPECT_EQ(floor_after({down, up, up}), 2);
}

TEST_F(FailbackTest, WhenNothingFurtherIsUpClientsGoBackAtOnce) {
  EXPECT_EQ(floor_after({down, up}), 1);
  EXPECT_EQ(floor_after({up, down}), 0);
  EXPECT_EQ(floor_after({up, up}), 0);
}

TEST_F(FailbackTest, AfterAWaitTheyGoBackByThemselves) {
  rule = {Failback::Mode::after, 600s};
  EXPECT_EQ(floor_after({down, up}), 1);
  EXPECT_FALSE(next);
  EXPECT_EQ(floor_after({up, up}), 1);
  EXPECT_EQ(next, now + 600s);
  EXPECT_EQ(floor_after({up, up}, 599s), 1);
  EXPECT_EQ(floor_after({up, up}, 1s), 0);
}

TEST_F(FailbackTest, ABreakBeginsTheWaitAnew) {
  rule = {Failback::Mode::after, 600s};
  floor_after({down, up});
  floor_after({up, up});
  EXPECT_EQ(floor_after({down, up}, 599s), 1);
  EXPECT_EQ(floor_after({up, up}, 1s), 1);
  EXPECT_EQ(next, now + 600s);
}

// At a start, verdicts come one by one: the standby being first must not take the clients.
TEST_F(FailbackTest, ATierThatIsNotJudgedYetIsNotLeft) {
  EXPECT_EQ(floor_after({undecided, up}), 0);
  EXPECT_EQ(floor_after({up, up}), 0);
}

TEST_F(FailbackTest, WithNothingUpEverythingStaysAsItIs) {
  EXPECT_EQ(floor_after({down, up}), 1);
  EXPECT_EQ(floor_after({down, down}), 1);
  EXPECT_EQ(floor_after({up, up}), 1);
}

// Whatever happens: the tier clients are held at is up, or nothing from it on is better; a wait never shortens.
TEST_F(FailbackTest, NeverHoldsWhatIsUpInFavorOfNothing) {
  base::Random random(3);
  rule = {Failback::Mode::after, 5s};
  for (int i = 0; i < 20000; ++i) {
    std::vector<TierHealth> tiers(4);
    for (auto& tier : tiers) tier = random.below(3) == 0 ? down : random.below(10) == 0 ? undecided : up;
    const auto before = latch;
    const auto floor = floor_after(tiers);
    const bool any = std::any_of(tiers.begin(), tiers.end(), [](auto t) { return t == up; });
    const bool from = std::any_of(tiers.begin() + floor, tiers.end(), [](auto t) { return t == up; });
    const bool judged = std::find(tiers.begin(), tiers.end(), undecided) == tiers.end();
    EXPECT_TRUE(!any || !judged || from) << i;
    const bool stood = std::any_of(tiers.begin() + before.floor, tiers.end(), [](auto t) { return t == up; });
    if (floor < before.floor && stood) {
      ASSERT_TRUE(before.back);
      EXPECT_GE(now - *before.back, 5s);
    }
  }
}

}  // namespace
}  // namespace gslb::policy
