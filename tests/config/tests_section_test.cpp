// `tests:`: questions with the answers that a configuration is meant to give.
#include <gmock/gmock.h>

#include "tests/config/support.hpp"

namespace gslb::config {
namespace {

using ::testing::ElementsAre;
using testing::errors_of;
using testing::loaded;

std::string with_test(const std::string& test) {
  return "sites: { fra: { at: [50, 8] }, iad: { at: [39, -77] } }\n"
         "zones: { example.org: { ns: [ns1], services: { www: { endpoints: { fra: 192.0.2.1 } } } } }\n"
         "tests:\n  - { " +
         test + " }\n";
}

TEST(TestsSection, IsReadWithDefaults) {
  const Config config =
      loaded(with_test("name: one, ask: www.example.org, client: 192.0.2.0/24, down: [fra, 192.0.2.1], "
                       "sites: [iad], answer: [], rcode: SERVFAIL"));
  ASSERT_EQ(config.tests.size(), 1U);
  const TestSpec& test = config.tests[0];
  EXPECT_EQ(test.title, "one");
  EXPECT_EQ(test.name.to_string(), "www.example.org.");
  EXPECT_EQ(test.type, dns::Rtype::A);
  EXPECT_EQ(base::to_string(test.client.value()), "192.0.2.0/24");
  EXPECT_FALSE(test.resolver);
  EXPECT_THAT(test.down_sites, ElementsAre("fra"));
  EXPECT_EQ(test.down_addresses.size(), 1U);
  EXPECT_THAT(test.sites.value(), ElementsAre("iad"));
  EXPECT_TRUE(test.answer.value().empty());
  EXPECT_EQ(test.rcode, dns::Rcode::servfail);
  EXPECT_EQ(test.where.line, 4);
}

TEST(TestsSection, MistakesAreSaidWhereTheyAre) {
  const auto mistake = [](const std::string& test) { return errors_of(with_test(test)).at(0); };
  EXPECT_EQ(mistake("ask: www.example.org, client: 192.0.2.0/24"), "4:5: tests[0]: expects nothing");
  EXPECT_EQ(mistake("ask: www.example.org, sites: [fra]"), "4:5: tests[0]: does not say who asks");
  EXPECT_EQ(mistake("client: 192.0.2.0/24, sites: [fra]"), "4:5: tests[0]: needs \"ask\"");
  EXPECT_EQ(mistake("ask: www.example.org, client: 192.0.2.0/24, sites: [fraa]"),
            "4:59: tests[0].sites[0]: no site is named \"fraa\"");
  EXPECT_EQ(mistake("ask: www.example.org, client: 192.0.2.0/24, type: B, sites: [fra]"),
            "4:57: tests[0].type: \"B\" is no record type");
  EXPECT_EQ(mistake("ask: www.example.org, client: 192.0.2.0/24, rcode: BAD"),
            "4:58: tests[0].rcode: \"BAD\" is not one of the words known here");
  EXPECT_EQ(mistake("ask: www.example.org, client: 192.0.2.0/24, down: [gru], sites: [fra]"),
            "4:58: tests[0].down[0]: no site is named \"gru\"");
}

}  // namespace
}  // namespace gslb::config
