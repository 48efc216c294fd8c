// Latches of `failback` in the shared store.
#include "health/sharing/latch_record.hpp"

#include <gtest/gtest.h>

#include "health/shared_keys.hpp"

namespace gslb::health {
namespace {

using namespace std::chrono_literals;

TEST(LatchRecord, ComesBackAsItWas) {
  LatchRecord record{0, 2, base::WallTime(1'764'216'000'123ms), "www.example.org v4 812"};
  record.number = latch_key(record.of);
  EXPECT_EQ(parse_latch({key_of(record), to_text(record), 5}), record);
}

TEST(LatchRecord, WhatIsNoneIsLeftAlone) {
  const LatchRecord record{latch_key("www v4 1"), 1, base::WallTime(1s), "www v4 1"};
  EXPECT_FALSE(parse_latch({"/gslb/orders/1", to_text(record), 1}));
  EXPECT_FALSE(parse_latch({key_of(record) + "0", to_text(record), 1})) << "another number";
  for (const char* text :
       {"", "floor=1", "floor=0 since=1 of=www v4 1", "floor=65536 since=1 of=www v4 1", "floor=1 since=x of=www v4 1",
        "floor=1 since=9000000000001 of=www v4 1", "floor=1 since=1 for=www v4 1", "floor=-1 since=1 of=www v4 1"})
    EXPECT_FALSE(parse_latch({key_of(record), text, 1})) << text;
}

}  // namespace
}  // namespace gslb::health
