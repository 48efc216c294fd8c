#include "policy/slots.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "base/random.hpp"

namespace gslb::policy {
namespace {

std::size_t moved(const std::vector<std::uint16_t>& a, const std::vector<std::uint16_t>& b) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) count += a[i] != b[i] ? 1 : 0;
  return count;
}

std::vector<double> random_shares(base::Random& random, std::size_t n) {
  std::vector<double> out(n);
  for (double& share : out) share = random.below(4) == 0 ? 0 : 1 + random.below(1000);
  out[random.below(static_cast<std::uint32_t>(n))] += 1;
  const double sum = std::accumulate(out.begin(), out.end(), 0.0);
  for (double& share : out) share /= sum;
  return out;
}

TEST(Slots, QuotasSumToTheTableAndAreWithinOneOfExact) {
  base::Random random(1);
  for (int i = 0; i < 1000; ++i) {
    const auto shares = random_shares(random, 1 + random.below(20));
    const auto quota = quotas(shares);
    EXPECT_EQ(std::accumulate(quota.begin(), quota.end(), 0U), slot_count);
    for (std::size_t k = 0; k < shares.size(); ++k) EXPECT_NEAR(quota[k], shares[k] * slot_count, 1.0);
  }
}

TEST(Slots, EveryChoiceOwnsItsQuota) {
  base::Random random(2);
  for (int i = 0; i < 50; ++i) {
    const std::size_t n = 1 + random.below(12);
    const auto base_shares = random_shares(random, n);
    const auto now = random_shares(random, n);
    const auto slots = fill_slots(base_shares, now, random.next());
    const auto quota = quotas(now);
    for (std::size_t k = 0; k < n; ++k) {
      EXPECT_EQ(static_cast<std::uint32_t>(std::count(slots.begin(), slots.end(), k)), quota[k]);
    }
  }
}

TEST(Slots, WhenAChoiceLeavesOnlyItsSlotsMove) {
  const std::vector<double> base_shares{0.5, 0.3, 0.2};
  const auto before = fill_slots(base_shares, base_shares, 7);
  const auto after = fill_slots(base_shares, {0.0, 0.6, 0.4}, 7);
  for (std::size_t slot = 0; slot < slot_count; ++slot) {
    if (before[slot] == 0) continue;
    EXPECT_EQ(before[slot], after[slot]);
  }
}

TEST(Slots, AShrinkingChoiceGivesUpNoMoreThanItLoses) {
  const std::vector<double> base_shares{0.5, 0.5};
  const auto before = fill_slots(base_shares, base_shares, 7);
  const auto after = fill_slots(base_shares, {0.45, 0.55}, 7);
  EXPECT_LE(moved(before, after), 52U);
}

TEST(Slots, StepByStepNobodyMovesTwice) {
  const std::vector<double> base_shares{0.5, 0.5};
  auto last = fill_slots(base_shares, base_shares, 7);
  std::vector<int> moves(slot_count, 0);
  for (int step = 9; step > 0; --step) {
    const double share = step * 0.05;
    const auto next = fill_slots(base_shares, {share, 1 - share}, 7);
    for (std::size_t slot = 0; slot < slot_count; ++slot) moves[slot] += last[slot] != next[slot] ? 1 : 0;
    last = next;
  }
  EXPECT_EQ(*std::max_element(moves.begin(), moves.end()), 1);
}

TEST(Slots, ServicesDoNotShareTheirLayout) {
  const std::vector<double> shares{0.5, 0.5};
  EXPECT_GT(moved(fill_slots(shares, shares, 1), fill_slots(shares, shares, 2)), 300U);
}

}  // namespace
}  // namespace gslb::policy
