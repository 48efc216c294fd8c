#include "engine/serials.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/challenges.hpp"
#include "engine/signing.hpp"
#include "tests/conformance/zone_fixture.hpp"
#include "tests/support/signed_server.hpp"

namespace gslb::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string configuration(const std::string& one, const std::string& other) {
  return "control: { socket: none }\nlisten: 127.0.0.1:5300\nzones:\n"
         "  example.org: { ns: [ns.example.net.], soa: { serial: " +
         one +
         " } }\n"
         "  example.com: { ns: [ns.example.net.], soa: { serial: " +
         other + " } }\n";
}

std::vector<std::string> step(const std::string& from, const std::string& to) {
  const test::TestServer now(configuration(from, "1"));
  const test::TestServer next(configuration(to, "1"));
  return serials_that_go_back(*now.generation().snapshot, *next.generation().snapshot);
}

TEST(Serials, OneThatGoesBackIsNamed) {
  EXPECT_THAT(step("7", "6"), ElementsAre("the serial of example.org. goes back from 7 to 6: servers with a copy keep "
                                          "the older content"));
}

TEST(Serials, OneThatGoesOnOrStaysIsNot) {
  EXPECT_THAT(step("7", "7"), IsEmpty());
  EXPECT_THAT(step("7", "8"), IsEmpty());
  EXPECT_THAT(step("4294967295", "3"), IsEmpty());  // RFC 1982 section 3.2
}

TEST(Serials, OneThatTheNewConfigurationAddsIsNot) {
  const test::TestServer now(
      "control: { socket: none }\nlisten: 127.0.0.1:5300\nzones:\n"
      "  example.net: { ns: [ns.example.com.], soa: { serial: 9 } }\n");
  const test::TestServer next(configuration("1", "1"));
  EXPECT_THAT(serials_that_go_back(*now.generation().snapshot, *next.generation().snapshot), IsEmpty());
}

// What is no input of the zone leaves the serial of its SOA alone.
TEST(Serials, NeitherHealthNorLoweredTtlsNorSignaturesNorChallengesChangeIt) {
  const std::string sample = test::sample_zone;
  const std::string anchor = "    ttl: 300s\n";
  std::string yaml = sample;
  yaml.insert(yaml.find(anchor), "    dnssec: on\n");
  test::SignedServer server("example.org.", yaml);
  const auto soa = [&] { return server.server().ask("example.org.", test::type_soa).answer(); };
  const auto before = soa();
  EXPECT_THAT(before, ElementsAre(::testing::HasSubstr(" 7 3600 600 604800 30")));
  server.server().set("192.0.2.10", health::Verdict::down);
  EXPECT_EQ(soa(), before);
  server.server().change([&](Snapshot& next) {
    EXPECT_TRUE(sign(next, 0, test::ksk_and_zsk(), server.store(), {test::signing_time + 1, false}));
    const std::vector<Challenge> set{{*dns::Name::parse("_acme-challenge.www.example.org"), "one", 0}};
    EXPECT_TRUE(set_challenges(next, set, server.store(), {test::signing_time + 1, false}));
  });
  EXPECT_EQ(soa(), before);
  EXPECT_EQ(test::TestServer(sample).ask("example.org.", test::type_soa).answer(), before);
}

}  // namespace
}  // namespace gslb::engine
