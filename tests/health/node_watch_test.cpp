// Differences between nodes that last, by what they report and by what they write into the store.
#include "health/sharing/node_watch.hpp"

#include <gmock/gmock.h>

#include "health/shared_keys.hpp"

namespace gslb::health {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class NodeWatchTest : public testing::Test {
 protected:
  void look(std::uint32_t weights, std::uint64_t revision, std::uint64_t configuration = 1) {
    const Listing listing{100,
                          {{"/gslb/nodes/fra-1", to_text({1, 1, 1}), 1},
                           {"/gslb/nodes/iad-1", to_text({configuration, weights, 7}), revision},
                           {"/gslb/nodes/bad name", to_text({1, 9, 7}), revision},
                           {"/gslb/nodes/odd", "nonsense", revision},
                           {"/gslb/orders/1", "x", revision}}};
    watch.read(listing, "fra-1", now);
    watch.compare({1, 1, 1}, now);
  }
  void hear(std::uint32_t weights, std::uint32_t own = 1, std::uint64_t configuration = 1) {
    watch.heard("iad-1", {configuration, weights, 7}, now);
    watch.compare({1, own, 1}, now);
  }
  NodeWatch watch;
  base::SteadyTime now{1h};
};

TEST_F(NodeWatchTest, ADifferenceAlarmsWhenItLasts) {
  look(1, 5);
  EXPECT_THAT(watch.nodes(), SizeIs(1));
  EXPECT_THAT(watch.alarms(), IsEmpty());
  look(2, 6);
  now += NodeWatch::tolerated;
  look(2, 7);
  EXPECT_THAT(watch.alarms(), IsEmpty());
  now += 1s;
  look(2, 8);
  EXPECT_THAT(watch.alarms(),
              ElementsAre("iad-1 has answered by other weights than this server for 31 s: by the same configuration"));
  look(2, 9, 5);
  EXPECT_THAT(watch.alarms(), ElementsAre(HasSubstr("its configuration is another")));
  look(1, 10);
  EXPECT_THAT(watch.alarms(), IsEmpty());
  look(2, 11);
  EXPECT_THAT(watch.alarms(), IsEmpty()) << "it begins anew";
}

TEST_F(NodeWatchTest, ReportsAreComparedAsWell) {
  hear(2);
  now += NodeWatch::tolerated + 1s;
  hear(2);
  EXPECT_THAT(watch.alarms(), SizeIs(1));
  look(1, 5);
  EXPECT_THAT(watch.alarms(), SizeIs(1)) << "what it wrote into the store is older than its report";
  watch.follow({});
  look(1, 6);
  EXPECT_THAT(watch.nodes(), SizeIs(1)) << "it does not report any more, but is in the store";
  watch.read({101, {}}, "fra-1", now);
  watch.compare({1, 1, 1}, now);
  EXPECT_THAT(watch.nodes(), IsEmpty());
}

TEST_F(NodeWatchTest, WeightsThatMoveMayDifferForLonger) {
  for (std::uint32_t step = 10; now < base::SteadyTime{1h} + NodeWatch::tolerated_moving; ++step, now += 1s) {
    hear(step, step + 1);
    EXPECT_THAT(watch.alarms(), IsEmpty()) << "a slow start";
  }
  now += 1s;
  hear(1'000, 1'001);
  EXPECT_THAT(watch.alarms(), SizeIs(1)) << "none takes so long without ever agreeing";
}

TEST_F(NodeWatchTest, AnotherConfigurationMayBeRolledOutForAWhile) {
  hear(1, 1, 5);
  EXPECT_TRUE(watch.nodes().at(0).configuration_differs);
  now += NodeWatch::tolerated_configuration;
  hear(1, 1, 5);
  EXPECT_THAT(watch.alarms(), IsEmpty());
  now += 1s;
  hear(1, 1, 5);
  EXPECT_THAT(watch.alarms(), ElementsAre("iad-1 has run another configuration than this server for 601 s"));
  hear(1, 1, 0);
  EXPECT_THAT(watch.alarms(), IsEmpty()) << "unknown is no difference";
}

TEST_F(NodeWatchTest, ANodeThatIsSilentIsNotComparedWith) {
  look(2, 5);
  now += NodeWatch::silent_after + 1s;
  look(2, 5);
  EXPECT_TRUE(watch.nodes().at(0).silent);
  EXPECT_THAT(watch.alarms(), IsEmpty());
  look(2, 6);
  EXPECT_FALSE(watch.nodes().at(0).silent);
}

TEST_F(NodeWatchTest, WhatIsUnknownIsNoDifference) {
  look(0, 5);
  now += 1h;
  look(0, 6);
  EXPECT_THAT(watch.alarms(), IsEmpty());
}

TEST(NodeRecord, IsInTheReportOfANodeThatAnswers) {
  Report report;
  report.configuration = 0xfeed;
  EXPECT_FALSE(record_in(report)) << "a prober answers nobody";
  report.shared = {{generation_key(), 42, {}}, {weights_key(), 7, {}}};
  EXPECT_EQ(record_in(report), (NodeRecord{0xfeed, 7, 42, 0}));
}

}  // namespace
}  // namespace gslb::health
