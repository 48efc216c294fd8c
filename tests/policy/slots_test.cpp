#include "policy/slots.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "base/hash.hpp"
#include "base/random.hpp"

namespace gslb::policy {
namespace {

constexpr std::uint32_t slot_count = 1024;

std::size_t moved(const std::vector<std::uint16_t>& a, const std::vector<std::uint16_t>& b) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) count += a[i] != b[i] ? 1 : 0;
  return count;
}

std::vector<std::uint64_t> keys_of(std::size_t n) {
  std::vector<std::uint64_t> out(n);
  for (std::size_t i = 0; i < n; ++i) out[i] = base::combine(17, i);
  return out;
}

std::vector<std::uint16_t> table(const std::vector<double>& base, const std::vector<double>& now, std::uint64_t salt) {
  return fill_slots(base, now, keys_of(now.size()), salt, slot_count);
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
    const auto quota = quotas(shares, keys_of(shares.size()), slot_count);
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
    const auto slots = table(base_shares, now, random.next());
    const auto quota = quotas(now, keys_of(n), slot_count);
    for (std::size_t k = 0; k < n; ++k) {
      EXPECT_EQ(static_cast<std::uint32_t>(std::count(slots.begin(), slots.end(), k)), quota[k]);
    }
  }
}

TEST(Slots, WhenAChoiceLeavesOnlyItsSlotsMove) {
  const std::vector<double> base_shares{0.5, 0.3, 0.2};
  const auto before = table(base_shares, base_shares, 7);
  const auto after = table(base_shares, {0.0, 0.6, 0.4}, 7);
  for (std::size_t slot = 0; slot < slot_count; ++slot) {
    if (before[slot] == 0) continue;
    EXPECT_EQ(before[slot], after[slot]);
  }
}

TEST(Slots, AShrinkingChoiceGivesUpNoMoreThanItLoses) {
  const std::vector<double> base_shares{0.5, 0.5};
  const auto before = table(base_shares, base_shares, 7);
  const auto after = table(base_shares, {0.45, 0.55}, 7);
  EXPECT_LE(moved(before, after), 52U);
}

TEST(Slots, StepByStepNobodyMovesTwice) {
  const std::vector<double> base_shares{0.5, 0.5};
  auto last = table(base_shares, base_shares, 7);
  std::vector<int> moves(slot_count, 0);
  for (int step = 9; step > 0; --step) {
    const double share = step * 0.05;
    const auto next = table(base_shares, {share, 1 - share}, 7);
    for (std::size_t slot = 0; slot < slot_count; ++slot) moves[slot] += last[slot] != next[slot] ? 1 : 0;
    last = next;
  }
  EXPECT_EQ(*std::max_element(moves.begin(), moves.end()), 1);
}

// A change of one weight by x % moves at most x % + 0.2 % of the clients.
TEST(Slots, AChangedWeightMovesNoMoreThanItsChange) {
  base::Random random(9);
  for (const double change : {0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0}) {
    for (int i = 0; i < 100; ++i) {
      const std::size_t n = 2 + random.below(60);
      std::vector<double> weights(n);
      for (double& weight : weights) weight = 1 + random.below(1000);
      const auto shares = [&] {
        auto out = weights;
        const double sum = std::accumulate(out.begin(), out.end(), 0.0);
        for (double& share : out) share /= sum;
        return out;
      };
      const std::uint64_t salt = random.next();
      const auto before = table(shares(), shares(), salt);
      weights[random.below(static_cast<std::uint32_t>(n))] *= 1 + change;
      const auto after = table(shares(), shares(), salt);
      EXPECT_LE(static_cast<double>(moved(before, after)) / slot_count, change + 0.002) << n << " " << change;
    }
  }
}

TEST(Slots, AChangedWeightAmongManyMovesNoMoreThanItsChange) {
  base::Random random(13);
  for (const std::size_t n : {200U, 1000U, 10'000U}) {
    std::vector<double> weights(n);
    for (double& weight : weights) weight = 1 + random.below(1000);
    const auto owners = [&] {
      auto shares = weights;
      const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
      for (double& share : shares) share /= sum;
      return fill_slots(shares, shares, keys_of(n), 7, slots_for(n));
    };
    auto before = owners();
    for (const double change : {0.01, 0.1, 1.0}) {
      weights[random.below(static_cast<std::uint32_t>(n))] *= 1 + change;
      auto after = owners();
      EXPECT_LE(static_cast<double>(moved(before, after)) / static_cast<double>(before.size()), change + 0.002) << n;
      before = std::move(after);
    }
  }
}

TEST(Slots, AFillerThatRemembersFillsAsOneThatDoesNot) {
  base::Random random(14);
  SlotFiller filler(keys_of(12), 5, slot_count);
  std::vector<std::vector<double>> known;
  for (int i = 0; i < 6; ++i) known.push_back(random_shares(random, 12));
  for (int i = 0; i < 200; ++i) {
    const auto& base = known[random.below(6)];
    const auto& now = known[random.below(6)];
    ASSERT_EQ(filler.fill({base, now}), table(base, now, 5));
    if (random.below(3) == 0) filler.forget_unused();
  }
}

TEST(Slots, TheOrderOfTheChoicesDoesNotMatter) {
  base::Random random(10);
  for (int i = 0; i < 50; ++i) {
    const std::size_t n = 2 + random.below(30);
    const auto base_shares = random_shares(random, n);
    const auto now = random_shares(random, n);
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), 0U);
    for (std::size_t k = n; k > 1; --k) std::swap(order[k - 1], order[random.below(static_cast<std::uint32_t>(k))]);
    std::vector<double> other_base, other_now;
    std::vector<std::uint64_t> other_keys;
    for (const std::size_t k : order) {
      other_base.push_back(base_shares[k]);
      other_now.push_back(now[k]);
      other_keys.push_back(keys_of(n)[k]);
    }
    const auto slots = table(base_shares, now, 3);
    const auto others = fill_slots(other_base, other_now, other_keys, 3, slot_count);
    for (std::uint32_t slot = 0; slot < slot_count; ++slot) ASSERT_EQ(slots[slot], order[others[slot]]);
  }
}

TEST(Slots, AGrowingChoiceGainsSlotsAndLosesNone) {
  base::Random random(11);
  for (int i = 0; i < 50; ++i) {
    const std::size_t n = 2 + random.below(10);
    const auto base_shares = random_shares(random, n);
    auto now = base_shares;
    const auto growing = random.below(static_cast<std::uint32_t>(n));
    for (double& share : now) share /= 1.5;
    now[growing] += 1 - 1 / 1.5;
    const auto before = table(base_shares, base_shares, 5);
    const auto after = table(base_shares, now, 5);
    for (std::uint32_t slot = 0; slot < slot_count; ++slot) {
      if (before[slot] == growing || before[slot] != after[slot]) {
        ASSERT_EQ(after[slot], growing);
      }
    }
  }
}

TEST(Slots, TenThousandChoicesGetTheirQuotas) {
  base::Random random(12);
  const auto shares = random_shares(random, 10'000);
  const std::uint32_t slots = slots_for(shares.size());
  EXPECT_EQ(slots, 131'072U);
  const auto owners = fill_slots(shares, shares, keys_of(shares.size()), 4, slots);
  std::vector<std::uint32_t> owned(shares.size());
  for (const std::uint16_t owner : owners) ++owned[owner];
  EXPECT_EQ(owned, quotas(shares, keys_of(shares.size()), slots));
}

TEST(Slots, ServicesDoNotShareTheirLayout) {
  const std::vector<double> shares{0.5, 0.5};
  EXPECT_GT(moved(table(shares, shares, 1), table(shares, shares, 2)), 300U);
}

}  // namespace
}  // namespace gslb::policy
