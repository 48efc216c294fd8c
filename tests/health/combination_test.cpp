#include "health/combination.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.hpp"

namespace gslb::health {
namespace {

using namespace std::chrono_literals;

/// 'u' up, 'd' down, '?' unknown; a capital letter is in motion.
TargetState state(char c, base::Duration until = 3s) {
  TargetState out;
  out.verdict = c == 'u' || c == 'U' ? Verdict::up : c == 'd' || c == 'D' ? Verdict::down : Verdict::unknown;
  out.in_motion = c == 'U' || c == 'D';
  if (out.in_motion) out.until_change = until;
  out.reason = out.verdict == Verdict::down ? "http 503" : "";
  return out;
}

struct Members {
  explicit Members(std::string_view letters, std::vector<std::uint32_t> weights = {}) {
    for (const char c : letters) states.push_back(state(c));
    for (std::size_t i = 0; i < states.size(); ++i)
      list.push_back({&states[i], i < weights.size() ? weights[i] : 1, i == 0 ? "web" : "db"});
  }
  std::vector<TargetState> states;
  std::vector<Combined> list;
};

TEST(Combination, IsUpDownOrUnknownAsItsMembersSay) {
  struct Case {
    const char* members;
    std::uint32_t need;
    Verdict verdict;
  };
  for (const Case& c : std::vector<Case>{{"uu", 2, Verdict::up},
                                         {"ud", 2, Verdict::down},
                                         {"u?", 2, Verdict::unknown},
                                         {"d?", 2, Verdict::down},
                                         {"ud", 1, Verdict::up},
                                         {"dd", 1, Verdict::down},
                                         {"d?", 1, Verdict::unknown},
                                         {"??", 1, Verdict::unknown},
                                         {"uud", 2, Verdict::up},
                                         {"udd", 2, Verdict::down},
                                         {"ud?", 2, Verdict::unknown},
                                         {"?dd", 2, Verdict::down}}) {
    const Members members(c.members);
    EXPECT_EQ(combine(members.list, c.need).verdict, c.verdict) << c.members << " " << c.need;
  }
}

TEST(Combination, CountsWeights) {
  EXPECT_EQ(combine(Members("ud", {3, 1}).list, 3).verdict, Verdict::up);
  EXPECT_EQ(combine(Members("du", {3, 1}).list, 3).verdict, Verdict::down);
  EXPECT_EQ(combine(Members("?u", {3, 1}).list, 3).verdict, Verdict::unknown);
}

TEST(Combination, IsInMotionOnlyIfThoseInMotionCanTurnIt) {
  EXPECT_TRUE(combine(Members("Uu").list, 2).in_motion);
  EXPECT_FALSE(combine(Members("Uu").list, 1).in_motion) << "the other one holds it up";
  EXPECT_TRUE(combine(Members("UU").list, 1).in_motion);
  EXPECT_FALSE(combine(Members("Dd").list, 2).in_motion);
  EXPECT_TRUE(combine(Members("Du").list, 2).in_motion);
  EXPECT_TRUE(combine(Members("D?").list, 2).in_motion) << "the unknown one may be up at any moment";
  EXPECT_FALSE(combine(Members("U?").list, 2).in_motion);
}

TEST(Combination, ChangesWhenTheLastMemberNeededForItCould) {
  Members members("UUU");
  members.states[0].until_change = 1s;
  members.states[1].until_change = 5s;
  members.states[2].until_change = 2s;
  EXPECT_EQ(combine(members.list, 3).until_change, 1s);
  EXPECT_EQ(combine(members.list, 2).until_change, 2s);
  EXPECT_EQ(combine(members.list, 1).until_change, 5s);
}

TEST(Combination, CameBackWithTheMemberThatMadeItWhole) {
  Members members("uuu");
  members.states[0].returned_at = base::SteadyTime(7s);
  members.states[1].returned_at = base::SteadyTime(3s);
  EXPECT_EQ(combine(members.list, 3).returned_at, base::SteadyTime(7s));
  EXPECT_EQ(combine(members.list, 2).returned_at, base::SteadyTime(3s));
  EXPECT_EQ(combine(members.list, 1).returned_at, std::nullopt) << "the third was never away";
}

TEST(Combination, SaysWhichMembersAreMissing) {
  EXPECT_EQ(combine(Members("ud").list, 2).reason, "1 of 2 needed; db: http 503");
  EXPECT_EQ(combine(Members("?u").list, 2).reason, "1 of 2 needed; web: no outcome yet");
  EXPECT_EQ(combine(Members("uu").list, 2).reason, "2 of 2 needed");
}

TEST(Combination, OfOneIsThatOne) {
  for (const char c : std::string_view("uUdD?")) {
    const Members members(std::string(1, c));
    const TargetState combined = combine(members.list, 1);
    EXPECT_EQ(combined.verdict, members.states[0].verdict) << c;
    EXPECT_EQ(combined.in_motion, members.states[0].in_motion) << c;
    EXPECT_EQ(combined.until_change, members.states[0].until_change) << c;
  }
}

/// Whatever the members in motion and those without a verdict do, the verdict does not change before `until_change`.
TEST(Combination, NeverChangesBeforeItSays) {
  base::Random random(1);
  constexpr std::string_view letters = "uUdD?";
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    std::vector<std::uint32_t> weights;
    std::uint32_t total = 0;
    for (std::uint32_t i = 0, n = 1 + random.below(5); i < n; ++i) {
      text += letters[random.below(5)];
      weights.push_back(1 + random.below(3));
      total += weights.back();
    }
    Members members(text, weights);
    for (TargetState& s : members.states)
      if (s.in_motion) s.until_change = std::chrono::seconds(random.below(10));
    const std::uint32_t need = 1 + random.below(total);
    const TargetState now = combine(members.list, need);
    if (now.verdict == Verdict::unknown) continue;
    const base::Duration horizon = now.in_motion ? now.until_change : base::Duration(1h);
    for (TargetState& s : members.states) {
      const bool turns = s.in_motion && s.until_change < horizon;
      if (turns) s.verdict = s.verdict == Verdict::up ? Verdict::down : Verdict::up;
    }
    EXPECT_TRUE(combine(members.list, need).verdict == now.verdict) << text << " need " << need;
  }
}

}  // namespace
}  // namespace gslb::health
