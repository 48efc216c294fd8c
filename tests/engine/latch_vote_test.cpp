// Servers agree on where `failback` holds clients: nobody follows one against more, and nobody follows at once.
#include "engine/latch_vote.hpp"

#include <gmock/gmock.h>

namespace gslb::engine {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;

constexpr std::uint64_t www = 7;

class LatchVoteTest : public testing::Test {
 protected:
  static LatchVote::Latches at(std::uint16_t floor) {
    if (floor == 0) return {};
    return {{www, {floor, base::SteadyTime{30min}, {}}}};
  }
  /// Each second the others say so, for so long.
  LatchVote::Latches hear(std::uint16_t own, std::vector<std::uint16_t> others, base::Duration lasts) {
    LatchVote::Latches out;
    for (const base::SteadyTime end = now + lasts; out.empty() && now <= end; now += 1s) {
      for (std::size_t i = 0; i < others.size(); ++i)
        vote.hear("server " + std::to_string(i), {{www, others[i], 10min}, {8, 3, 1s}}, now);
      out = vote.step(
          at(own), [](std::uint64_t number, const policy::Latch&) { return number == www; }, 5s, now);
    }
    return out;
  }
  LatchVote vote;
  base::SteadyTime now{1h};
};

TEST_F(LatchVoteTest, WhoKnowsNothingLearnsFromTheOthers) {
  EXPECT_THAT(hear(0, {1, 1}, LatchVote::patience - 1s), IsEmpty());
  const auto learned = hear(0, {1, 1}, 2s);
  ASSERT_EQ(learned.count(www), 1U);
  EXPECT_EQ(learned.at(www).floor, 1);
  EXPECT_LT(learned.at(www).since, base::SteadyTime{1h} - 9min) << "since it sprang there";
}

TEST_F(LatchVoteTest, OfTwoTheOneThatHoldsIsBelieved) {
  EXPECT_EQ(hear(0, {1}, 1min).at(www).floor, 1);
  EXPECT_THAT(hear(1, {0}, 1min), IsEmpty());
}

TEST_F(LatchVoteTest, OneAloneMovesNobody) {
  EXPECT_THAT(hear(0, {1, 0}, 10min), IsEmpty());
  EXPECT_EQ(hear(1, {0, 0}, 1min).at(www).floor, 0) << "and lets go itself";
  EXPECT_THAT(hear(2, {2, 1}, 10min), IsEmpty());
  EXPECT_EQ(hear(2, {1, 1}, 1min).at(www).floor, 1);
}

TEST_F(LatchVoteTest, ADifferenceThatPassesIsNone) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(hear(0, {1, 1}, LatchVote::patience - 2s), IsEmpty());
    EXPECT_EQ(vote.next().has_value(), true);
    EXPECT_THAT(hear(0, {0, 1}, 0s), IsEmpty());
    EXPECT_FALSE(vote.next());
  }
}

TEST_F(LatchVoteTest, WhoIsNotHeardAnyMoreHasNoVote) {
  EXPECT_THAT(hear(0, {1, 1}, 2s), IsEmpty());
  now += 6s;
  EXPECT_THAT(vote.step(
                  {}, [](std::uint64_t, const policy::Latch&) { return true; }, 5s, now),
              IsEmpty());
  EXPECT_FALSE(vote.next());
}

TEST_F(LatchVoteTest, WithoutOthersTheStoreIsAsked) {
  vote.stored(at(1));
  EXPECT_EQ(hear(0, {}, 1min).at(www).floor, 1);
  EXPECT_THAT(hear(0, {0}, 1min), IsEmpty()) << "others know better";
}

}  // namespace
}  // namespace gslb::engine
