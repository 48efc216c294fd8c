#include "health/sharing/node_record.hpp"

#include <gtest/gtest.h>

namespace gslb::health {
namespace {

TEST(NodeRecord, ComesBackAsItWas) {
  const NodeRecord record{0xfeed, 0xffffffff, 42, 0xabcdef01};
  EXPECT_EQ(parse_node_record(to_text(record)).value(), record);
  EXPECT_EQ(parse_node_record(to_text(record) + " color=blue").value(), record) << "of a later release";
  for (const char* bad : {"", "x", "configuration=1", "configuration=g weights=1 generation=1",
                          "configuration=1 weights=1 generation=", "configuration=1 weights=100000000 generation=1",
                          "configuration=1 weights=1 generation=-1", "configuration=1 weights=1 generation=1",
                          "configuration=1 weights=1 generation=1 orders=100000000"})
    EXPECT_FALSE(parse_node_record(bad)) << bad;
}

}  // namespace
}  // namespace gslb::health
