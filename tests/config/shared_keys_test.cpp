// What makes two name servers' configurations the same.
#include "config/shared_keys.hpp"

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

TEST(SharedKeys, WhatIsPushedStandsInPlaceOfAllButTheKeysOfTheMachine) {
  base::ErrorList errors;
  const auto own = parse_yaml("own.yaml", "listen: 192.0.2.53:53\nstate: /var/lib/x\nsites: { fra: {} }\n", errors);
  const auto pushed = parse_yaml("new.yaml", "listen: 192.0.2.99:53\nsites: { iad: {} }\nzones: {}\n", errors);
  const Value both = with_shared(*own, *pushed);
  ASSERT_EQ(both.entries.size(), 4U);
  EXPECT_EQ(both.entries[0].value.text, "192.0.2.53:53");
  EXPECT_EQ(both.entries[2].value.entries[0].key.text, "iad");
  EXPECT_EQ(shared_hash(both), shared_hash(*pushed));
}

}  // namespace
}  // namespace gslb::config
