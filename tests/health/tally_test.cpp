#include "health/tally.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace gslb::health {
namespace {

using namespace std::chrono_literals;

/// 'u' and 'd' vote, 's' is silent, 'o' is at the site itself; a '|' begins another region.
std::vector<Ballot> ballots(std::string_view text) {
  std::vector<Ballot> out;
  std::uint8_t region = 0;
  for (const char c : text) {
    if (c == '|') {
      ++region;
      continue;
    }
    Ballot& ballot = out.emplace_back();
    ballot.region = region;
    ballot.says = c == 'u' ? Verdict::up : Verdict::down;
    ballot.standing = c == 's' ? Standing::silent : (c == 'o' ? Standing::own_site : Standing::counted);
  }
  return out;
}

constexpr Agree majority{}, all{Agree::Kind::all, 0}, any{Agree::Kind::any, 0}, two{Agree::Kind::count, 2};

TEST(Tally, DecidesAmongThoseHeardIfTheyAreMoreThanHalf) {
  struct Case {
    std::string_view votes;
    Agree agree;
    bool quorum;
    Verdict outcome;
  };
  constexpr auto up = Verdict::up, down = Verdict::down, neither = Verdict::unknown;
  const std::vector<Case> cases{{"u", majority, true, up},
                                {"d", majority, true, down},
                                {"s", majority, false, neither},
                                {"", majority, false, neither},
                                {"ud", majority, true, neither},
                                {"ds", majority, false, neither},
                                {"dds", majority, true, down},
                                {"dus", majority, true, neither},
                                {"ddus", majority, true, down},
                                {"ddss", majority, false, neither},
                                {"duuuu", majority, true, up},
                                {"dddsso", majority, true, down},
                                {"dooo", majority, true, down},
                                {"uddd", all, true, up},
                                {"ddd", all, true, down},
                                {"dds", all, true, down},
                                {"dss", all, false, neither},
                                {"uuud", any, true, down},
                                {"uuu", any, true, up},
                                {"uudd", two, true, down},
                                {"uuud", two, true, up},
                                {"udsu", two, true, neither},
                                {"usu", two, true, up},
                                {"d", two, true, down},
                                {"dd|u|u", majority, true, up},
                                {"dd|dd|u", majority, true, down},
                                {"d|u", majority, true, neither},
                                {"dds|d|s", majority, true, down},
                                {"ud|d", majority, true, neither},
                                {"dss|ddd|s", majority, false, neither},
                                {"ddd|ss|ss", majority, false, neither}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.votes);
    const Tally tally = count(ballots(c.votes), c.agree);
    EXPECT_EQ(tally.quorum, c.quorum);
    EXPECT_EQ(tally.outcome, c.outcome);
  }
}

TEST(Tally, LiarsThatAreNotMoreThanHalfOfThoseHeardDecideNothing) {
  // Every assignment of up to seven electors: '0' heard and right, '1' liar that says down, '2' liar that says up,
  // '3' not heard.
  std::uint64_t tried = 0;
  for (unsigned n = 1; n <= 7; ++n) {
    std::vector<unsigned> kind(n, 0);
    for (bool more = true; more; ++tried) {
      for (const bool alive : {true, false}) {
        std::vector<Ballot> votes(n);
        unsigned right = 0;
        unsigned liars = 0;
        for (unsigned v = 0; v < n; ++v) {
          votes[v].standing = kind[v] == 3 ? Standing::silent : Standing::counted;
          votes[v].says = (kind[v] == 0 ? alive : kind[v] == 2) ? Verdict::up : Verdict::down;
          right += kind[v] == 0;
          liars += kind[v] == 1 || kind[v] == 2;
        }
        const Verdict outcome = count(votes, majority).outcome;
        if (right >= liars) EXPECT_NE(outcome, alive ? Verdict::down : Verdict::up);
        if (2 * right > n) EXPECT_EQ(outcome, alive ? Verdict::up : Verdict::down);  // nobody can hinder a right quorum
      }
      unsigned at = 0;
      while (at < n && ++kind[at] == 4) kind[at++] = 0;
      more = at < n;
    }
  }
  EXPECT_EQ(tried, 4U + 16U + 64U + 256U + 1024U + 4096U + 16384U);
}

TEST(Tally, TheEarliestChangeIsThatOfTheVoteThatTipsIt) {
  auto votes = ballots("uuu");
  EXPECT_EQ(earliest_change(votes, majority, Verdict::up, 12s), 12s);
  votes[0].in_motion = true;
  votes[0].until_change = 3s;
  EXPECT_EQ(earliest_change(votes, majority, Verdict::up, 12s), 12s);  // it takes two
  votes[1].in_motion = true;
  votes[1].until_change = 5s;
  EXPECT_EQ(earliest_change(votes, majority, Verdict::up, 12s), 5s);
  EXPECT_EQ(earliest_change(votes, any, Verdict::up, 12s), 3s);
  EXPECT_EQ(earliest_change(votes, all, Verdict::up, 12s), 12s);
  EXPECT_EQ(earliest_change(ballots("udd"), majority, Verdict::up, 12s), 0s);
  EXPECT_EQ(earliest_change(ballots("uds"), majority, Verdict::up, 12s), 0s);  // who is silent may speak at any moment
}

}  // namespace
}  // namespace gslb::health
