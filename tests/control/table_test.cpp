#include "control/table.hpp"

#include <gtest/gtest.h>

namespace gslb::control {
namespace {

TEST(Table, AlignsColumnsAndLeavesNoTrailingSpace) {
  Table table({{"site"}, {"latency", true}, {"why"}});
  table.add({{"fra"}, {"0.4 ms"}, {"slow start"}});
  table.add({{"singapore"}, {"-"}, {""}});
  EXPECT_EQ(table.render(false),
            " site       latency  why\n"
            " fra         0.4 ms  slow start\n"
            " singapore        -\n");
}

TEST(Table, CountsCharactersRatherThanOctets) {
  Table table({{"a"}, {"b"}});
  table.add({{"z\xc3\xbcrich"}, {"1"}});
  table.add({{"berlin"}, {"2"}});
  EXPECT_EQ(table.render(false), " a       b\n z\xc3\xbcrich  1\n berlin  2\n");
}

TEST(Table, SendsNoControlOctetsOfOthersToTheTerminal) {
  Table table({{"a"}});
  table.add({{"\x1b]0;title\x07"}});
  EXPECT_EQ(table.render(false), " a\n \\x1b]0;title\\x07\n");
}

TEST(Table, ColorsDoNotDisturbTheColumns) {
  Table table({{"state"}, {"x"}});
  table.add({{"up", Tone::good}, {"1"}});
  EXPECT_EQ(table.render(true), " \x1b[2mstate\x1b[0m  \x1b[2mx\x1b[0m\n \x1b[32mup\x1b[0m     1\n");
}

}  // namespace
}  // namespace gslb::control
