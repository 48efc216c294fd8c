#include "server/soak.hpp"

#include <gtest/gtest.h>

namespace gslb::server {
namespace {

using std::chrono::seconds;

const base::SteadyTime noon{seconds(43200)};

Reading reading(std::uint64_t replies, std::uint64_t failures, std::vector<std::uint64_t> sites,
                std::set<std::string> open = {}) {
  return {replies, failures, std::move(sites), std::move(open)};
}

/// Before, two sites had half of 2,000 answers each, and one reply in a hundred failed.
class SoakTest : public ::testing::Test {
 protected:
  Soak soak(double predicted = 0) {
    return {reading(1000, 10, {500, 500}), reading(3000, 30, {1500, 1500}, {"old.example.org"}), predicted, noon,
            seconds(300)};
  }
};

TEST_F(SoakTest, IsContentWhileAllIsAsBefore) {
  Soak one = soak();
  EXPECT_FALSE(one.trouble(reading(5000, 50, {2500, 2500}, {"old.example.org"}), noon + seconds(60)));
  EXPECT_FALSE(one.over(noon + seconds(299)));
  EXPECT_TRUE(one.over(noon + seconds(300)));
}

TEST_F(SoakTest, ObjectsToMoreServfailThanBefore) {
  Soak one = soak();
  EXPECT_FALSE(one.trouble(reading(4000, 44, {2000, 2000}), noon + seconds(1))) << "1.4 % is not much more than 1 %";
  const auto why = one.trouble(reading(4000, 50, {2000, 2000}), noon + seconds(2));
  ASSERT_TRUE(why);
  EXPECT_EQ(*why, "SERVFAIL is 2.0 % of 1,000 replies, 1.0 % before");
}

TEST_F(SoakTest, TakesAFewServfailForNothing) {
  Soak one = soak();
  EXPECT_FALSE(one.trouble(reading(3019, 49, {1510, 1509}), noon + seconds(1)));
}

TEST_F(SoakTest, ObjectsToAServiceThatFailsOpenForLongerThanItsFirstProbesTake) {
  Soak one = soak();
  const Reading open = reading(3000, 30, {1500, 1500}, {"old.example.org", "www.example.org"});
  EXPECT_FALSE(one.trouble(open, noon + seconds(1)));
  EXPECT_FALSE(one.trouble(open, noon + seconds(10)));
  EXPECT_FALSE(one.trouble(reading(3000, 30, {1500, 1500}), noon + seconds(11))) << "it was open for a moment";
  EXPECT_FALSE(one.trouble(open, noon + seconds(12)));
  const auto why = one.trouble(open, noon + seconds(22));
  ASSERT_TRUE(why);
  EXPECT_EQ(*why, "www.example.org answers as if all were up, and did not before");
}

TEST_F(SoakTest, ObjectsToClientsThatGoWhereNobodyPredicted) {
  Soak one = soak();
  const auto why = one.trouble(reading(4000, 40, {2300, 1700}), noon + seconds(60));
  ASSERT_TRUE(why);
  EXPECT_EQ(*why, "30.0 % of the answers go to other sites, and 0.0 % were predicted");
  EXPECT_FALSE(soak(0.25).trouble(reading(4000, 40, {2300, 1700}), noon + seconds(60)));
}

TEST_F(SoakTest, CountsASiteThatIsNew) {
  Soak one = soak();
  EXPECT_TRUE(one.trouble(reading(4000, 40, {1500, 1500, 1000}), noon + seconds(60)));
}

TEST_F(SoakTest, SaysNothingOfClientsBeforeThereAreEnough) {
  Soak one = soak();
  EXPECT_FALSE(one.trouble(reading(3400, 34, {1900, 1500}), noon + seconds(60)));
}

}  // namespace
}  // namespace gslb::server
