#include "base/hash.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <set>
#include <vector>

#include "base/random.hpp"

namespace gslb::base {
namespace {

// Clients stay where a hash put them, across machines and releases: these values never change.
TEST(Hash, IsTheSameInEveryRelease) {
  EXPECT_EQ(mix(1), 0x4179b061e0c0e0d0ULL);
  EXPECT_EQ(combine(1, 2), 0x82e5ef020202b0e6ULL);
  EXPECT_EQ(hash_bytes(std::string_view("www.example.org")), 0x1a8e871e1aed3855ULL);
  EXPECT_EQ(hash_bytes(std::string_view("www.example.org"), 7), 0xd7529030d880873eULL);
}

TEST(Hash, ReadsTheLastOctetsOfEveryLengthAsOneWord) {
  const std::string text = "abcdefg";
  for (std::size_t size = 1; size < 8; ++size) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < size; ++i) word |= static_cast<std::uint64_t>(text[i]) << (8 * i);
    EXPECT_EQ(hash_bytes(text.data(), size), mix(mix((size * 0x9e3779b97f4a7c15ULL) ^ word))) << size;
  }
}

TEST(Hash, EachInputBitMovesAboutHalfOfTheOutput) {
  Random random(1);
  for (int bit = 0; bit < 64; ++bit) {
    int moved = 0;
    for (int i = 0; i < 200; ++i) {
      const std::uint64_t x = random.next();
      moved += std::popcount(mix(x) ^ mix(x ^ (1ULL << bit)));
    }
    EXPECT_NEAR(moved / 200.0, 32, 3) << "bit " << bit;
  }
}

TEST(Hash, TellsApartTextsThatDifferInLengthOnly) {
  std::set<std::uint64_t> seen;
  for (std::size_t size = 0; size <= 64; ++size) seen.insert(hash_bytes(std::string(size, '\0')));
  EXPECT_EQ(seen.size(), 65U);
}

TEST(Hash, ReduceIsEvenOverTheRange) {
  std::vector<int> count(10);
  for (std::uint64_t i = 0; i < 100'000; ++i) ++count[reduce(mix(i), 10)];
  for (const int c : count) EXPECT_NEAR(c, 10'000, 500);
  EXPECT_EQ(reduce(~0ULL, 10), 9U);
  EXPECT_EQ(reduce(0, 10), 0U);
}

TEST(Random, TheSameSeedGivesTheSameNumbers) {
  Random a(42);
  Random b(42);
  Random c(43);
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const auto value = a.next();
    EXPECT_EQ(value, b.next());
    differs = differs || value != c.next();
  }
  EXPECT_TRUE(differs);
}

TEST(Random, BelowIsEvenAndStaysBelow) {
  Random random(0);
  std::vector<int> count(7);
  for (int i = 0; i < 70'000; ++i) ++count.at(random.below(7));
  for (const int c : count) EXPECT_NEAR(c, 10'000, 500);
}

}  // namespace
}  // namespace gslb::base
