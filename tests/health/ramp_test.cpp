#include "health/ramp.hpp"

#include <gtest/gtest.h>

#include <set>

namespace gslb::health {
namespace {

using namespace std::chrono_literals;

const base::SteadyTime back{1000s};

TEST(Ramp, WithoutSlowStartOrReturnTheShareIsFullAtOnce) {
  EXPECT_EQ(ramp(back, back, 0s), (RampShare{1000, std::nullopt}));
  EXPECT_EQ(ramp(back, std::nullopt, 60s), (RampShare{1000, std::nullopt}));
}

TEST(Ramp, StartsAtATenthAndIsFullAfterTheSlowStart) {
  EXPECT_EQ(ramp(back, back, 60s).share, 100U);
  EXPECT_EQ(ramp(back + 30s, back, 60s).share, 550U);
  EXPECT_EQ(ramp(back + 60s - 1ns, back, 60s).share, 975U);
  EXPECT_EQ(ramp(back + 60s, back, 60s), (RampShare{1000, std::nullopt}));
  EXPECT_EQ(ramp(back + 24h, back, 60s), (RampShare{1000, std::nullopt}));
}

TEST(Ramp, AReturnStillToComeIsTheStart) { EXPECT_EQ(ramp(back - 10s, back, 60s), ramp(back, back, 60s)); }

TEST(Ramp, RisesByTwoAndAHalfPercentAtEachMomentItNamesAndThirtySixTimesInAll) {
  for (const base::Duration slowstart : {base::Duration(60s), base::Duration(61s), base::Duration(1ms),
                                         base::Duration(7777777ns), base::Duration(240h)}) {
    base::SteadyTime now = back;
    unsigned changes = 0;
    for (RampShare share = ramp(now, back, slowstart); share.next_change; ++changes) {
      ASSERT_GT(*share.next_change, now);
      EXPECT_EQ(ramp(*share.next_change - 1ns, back, slowstart), share);
      now = *share.next_change;
      const RampShare next = ramp(now, back, slowstart);
      ASSERT_EQ(next.share, share.share + 25);
      share = next;
    }
    EXPECT_EQ(changes, 36U);
    EXPECT_EQ(now, back + slowstart);
  }
}

}  // namespace
}  // namespace gslb::health
