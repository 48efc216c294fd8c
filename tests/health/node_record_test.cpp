#include "health/sharing/node_record.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gslb::health {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(NodeRecord, ComesBackAsItWas) {
  const NodeRecord record{0xfeed, 0xffffffffffffffff, 42};
  EXPECT_EQ(parse_node_record(to_text(record)).value(), record);
  EXPECT_EQ(parse_node_record(to_text(record) + " color=blue").value(), record) << "of a later release";
  for (const char* bad : {"", "x", "configuration=1", "configuration=g weights=1 generation=1",
                          "configuration=1 weights=1 generation=", "configuration=1 weights=1 generation=-1"})
    EXPECT_FALSE(parse_node_record(bad)) << bad;
}

class NodeWatchTest : public testing::Test {
 protected:
  void look(std::uint64_t weights, std::uint64_t revision, std::uint64_t configuration = 1) {
    const Listing listing{100,
                          {{"/gslb/nodes/fra-1", to_text({1, 1, 1}), 1},
                           {"/gslb/nodes/iad-1", to_text({configuration, weights, 7}), revision},
                           {"/gslb/nodes/bad name", to_text({1, 9, 7}), revision},
                           {"/gslb/nodes/odd", "nonsense", revision},
                           {"/gslb/orders/1", "x", revision}}};
    watch.look(listing, "fra-1", {1, 1, 1}, now);
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
  EXPECT_THAT(
      watch.alarms(),
      ElementsAre(HasSubstr("iad-1 has answered by other weights than this server for 31 s: by the same files")));
  look(2, 8, 5);
  EXPECT_THAT(watch.alarms(), ElementsAre(HasSubstr("its configuration is another")));
  look(1, 9);
  EXPECT_THAT(watch.alarms(), IsEmpty());
  look(2, 10);
  EXPECT_THAT(watch.alarms(), IsEmpty()) << "it begins anew";
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

}  // namespace
}  // namespace gslb::health
