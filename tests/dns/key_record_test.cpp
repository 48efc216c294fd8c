// When a key does what, as name servers tell each other.
#include "dns/key_record.hpp"

#include <gtest/gtest.h>

namespace gslb::dns {
namespace {

UnixTime at(long long second) { return UnixTime(seconds(second)); }

TEST(KeyRecord, ComesBackAsItWas) {
  const KeyRecord some{13, 57470, "fra-1", {at(1), at(2), at(3), {}, {}, {}, at(4), {}}};
  EXPECT_EQ(key_record_name(some), "13+57470");
  EXPECT_EQ(to_text(some),
            "by=fra-1 created=19700101000001 publish=19700101000002 activate=19700101000003 "
            "sync_publish=19700101000004");
  EXPECT_EQ(parse_key_record(key_record_name(some), to_text(some)), some);
  const KeyRecord all{15, 0, "", {at(1), at(2), at(3), at(4), at(5), at(6), at(7), at(8)}};
  EXPECT_EQ(parse_key_record(key_record_name(all), to_text(all)), all);
  const KeyRecord none{8, 65535, "x", {}};
  EXPECT_EQ(parse_key_record(key_record_name(none), to_text(none)), none);
}

TEST(KeyRecord, NamesNobodyWithBlanks) {
  EXPECT_EQ(to_text({13, 1, "fra 1\n", {}}), "by=fra1");
  EXPECT_FALSE(parse_key_record("13+1", "by=fra\t1"));
  EXPECT_FALSE(parse_key_record("13+1", "by=fra\x7f"));
}

TEST(KeyRecord, IsWholeOrNone) {
  for (const char* name : {"", "13", "13+", "+1", "256+1", "13+65536", "013+1", "13+1 ", "13+x", "13x+1", "13+01"})
    EXPECT_FALSE(parse_key_record(name, "by=fra-1")) << name;
  for (const char* text :
       {"", "fra-1", "by=fra-1 ", "by=fra-1 created", "by=fra-1 created=", "by=fra-1 created=1", "by=fra-1 remove=x",
        "by=fra-1 publish=19700101000002 created=19700101000001", "by=fra-1 born=19700101000001",
        "by=fra-1 created=19700101000001  publish=19700101000002", "by=fra-1 created=19701301000001"})
    EXPECT_FALSE(parse_key_record("13+1", text)) << text;
}

}  // namespace
}  // namespace gslb::dns
