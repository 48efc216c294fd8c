// What makes two name servers' configurations the same.
#include "config/shared_hash.hpp"

#include <gtest/gtest.h>

namespace gslb::config {
namespace {

std::uint64_t hash(const std::string& text) {
  base::ErrorList errors;
  return shared_hash(parse_yaml("t.yaml", text, errors).value());
}

TEST(SharedHash, IsOfWhatIsSaidNotOfHowItIsWritten) {
  const auto one = hash("sites: { fra: {}, iad: {} }\nzones: { example.org: { ns: [a] } }\n");
  EXPECT_EQ(hash("# a comment\nsites:\n  \"fra\": {}\n  iad: {}\nzones:\n  example.org:\n    ns:\n      - a\n"), one);
  EXPECT_NE(hash("sites: { fra: {}, sin: {} }\nzones: { example.org: { ns: [a] } }\n"), one);
  EXPECT_NE(hash("sites: { fra: {}, iad: {} }\nzones: { example.org: { ns: a } }\n"), one);
  EXPECT_NE(hash("sites: { fra: { iad: {} } }\nzones: { example.org: { ns: [a] } }\n"), one);
}

TEST(SharedHash, LeavesOutWhatIsOfOneMachine) {
  const auto one = hash("zones: { example.org: { ns: [a] } }\n");
  EXPECT_EQ(hash("listen: 192.0.2.53:53\nstate: /var/lib/x\nnsid: a\nvantage: { name: fra-1 }\n"
                 "zones: { example.org: { ns: [a] } }\n"),
            one);
  EXPECT_NE(hash("vantages: { fra-1: {} }\nzones: { example.org: { ns: [a] } }\n"), one);
}

}  // namespace
}  // namespace gslb::config
