// What a service pushed to one name server, as that tells the others.
#include "health/sharing/shared_push.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace gslb::health {
namespace {

TEST(SharedPush, ComesBackAsItWas) {
  const SharedPush push{{12, std::numeric_limits<std::uint64_t>::max()}, {PushStatus::warn, "disk 91 % full, note=x"}};
  EXPECT_EQ(parse_shared_push(to_text(push)).value(), push);
  EXPECT_EQ(parse_shared_push("status=pass targets=7 note=")->push.note, "");
}

TEST(SharedPush, WhatIsOfAnotherFormIsRefused) {
  for (const char* text : {"", "status=well targets=7 note=", "status=pass targets= note=",
                           "status=pass targets=7, note=", "status=pass targets=-7 note=", "status=pass targets=7",
                           "status=pass note= targets=7", "status=pass targets=7 note=a\nb", "targets=7 note="})
    EXPECT_FALSE(parse_shared_push(text)) << text;
  EXPECT_FALSE(parse_shared_push("status=pass targets=7 note=" + std::string(257, 'x')));
  EXPECT_FALSE(parse_shared_push(to_text({std::vector<std::uint64_t>(most_pushed + 1, 7), {}})));
  EXPECT_TRUE(parse_shared_push(to_text({std::vector<std::uint64_t>(most_pushed, 7), {}})));
}

}  // namespace
}  // namespace gslb::health
