#include "control/policy_tests.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/reasons_world.hpp"

namespace gslb::control {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<FailedTest> failing(const std::string& tests) {
  return failed_tests(test::present_of(test::world() + "tests:\n" + tests));
}

TEST(PolicyTests, WhatIsAsExpectedPasses) {
  EXPECT_THAT(failing(R"(
  - { name: Germans go to Frankfurt, ask: www.example.org, client: 198.18.1.0/24, sites: fra, answer: [192.0.2.10] }
  - { ask: www.example.org, client: 198.18.1.0/24, down: [fra], sites: [iad] }
  - { ask: www.example.org, client: 198.18.1.7, down: [192.0.2.10], answer: 192.0.2.20 }
  - { ask: www.example.org, type: AAAA, client: "2001:db8:2::/48", sites: [iad] }
  - { ask: europe.example.org, client: 198.19.130.0/24, rcode: SERVFAIL, answer: [] }
  - { ask: closed.example.org, client: 198.18.1.0/24, down: [fra, iad], answer: [198.51.100.9] }
  - { ask: mail.example.org, resolver: 192.0.2.1, answer: [192.0.2.25] }
  - { ask: nothing.example.org, resolver: 192.0.2.1, rcode: NXDOMAIN }
  - { ask: www.example.org, client: 10.0.0.0/24, resolver: 198.19.1.1, sites: [gru] }
)"),
              IsEmpty());
}

TEST(PolicyTests, AFailureSaysWhereItIsWrittenWhatIsAnsweredAndWhy) {
  const auto failed = failing("  - { name: north, ask: www.example.org, client: 198.18.1.0/24, sites: [gru, sin] }\n");
  ASSERT_THAT(failed, SizeIs(1));
  EXPECT_EQ(failed[0].error.what, "\"north\": expected gru, sin, is fra");
  EXPECT_GT(failed[0].error.where.line, 80);
  EXPECT_EQ(failed[0].error.where.column, 5);
  EXPECT_THAT(failed[0].explanation, HasSubstr("192.0.2.10 (fra)   TTL 30 s   scope /17"));
  EXPECT_THAT(failed[0].explanation, HasSubstr("nearest  fra"));
}

TEST(PolicyTests, EachExpectationCanFail) {
  const auto what = [](const std::string& test) {
    const auto failed = failing("  - { ask: " + test + " }\n");
    return failed.empty() ? std::string("passes") : failed[0].error.what;
  };
  EXPECT_EQ(what("www.example.org, client: 198.18.1.0/24, answer: [192.0.2.20]"), "expected 192.0.2.20, is 192.0.2.10");
  EXPECT_EQ(what("www.example.org, client: 198.18.1.0/24, answer: []"), "expected nothing, is 192.0.2.10");
  EXPECT_EQ(what("www.example.org, client: 198.18.1.0/24, rcode: NXDOMAIN"), "expected NXDOMAIN, is NOERROR");
  EXPECT_EQ(what("europe.example.org, client: 198.19.130.0/24, sites: [fra]"), "expected fra, is SERVFAIL");
  EXPECT_EQ(what("closed.example.org, client: 198.18.1.0/24, down: [fra, iad], sites: [fra]"),
            "expected fra, is a fallback address");
  EXPECT_EQ(what("mail.example.org, client: 198.18.1.0/24, sites: [fra]"), "expected fra, is nothing");
}

}  // namespace
}  // namespace gslb::control
