#include <gmock/gmock.h>

#include "tests/config/support.hpp"

namespace gslb::config {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using testing::errors_of;
using ::testing::IsEmpty;
using testing::loaded;
using ::testing::SizeIs;

std::string zone(const std::string& dnssec, const std::string& defaults = "ttl: 30s") {
  return "state: /var/lib/gslb\ndefaults: { " + defaults + " }\nzones:\n  example.org:\n    ns: [ns1, ns2]\n" +
         (dnssec.empty() ? "" : "    dnssec: " + dnssec + "\n");
}

std::optional<zones::DnssecSpec> spec(const std::string& dnssec, const std::string& defaults = "ttl: 30s") {
  return loaded(zone(dnssec, defaults)).zones.at(0).dnssec;
}

TEST(Dnssec, IsOffUnlessSomebodyWantsIt) { EXPECT_FALSE(spec("")); }

TEST(Dnssec, OneLineSignsAZone) {
  for (const char* text : {"on", "{}", "maker"}) {
    const auto dnssec = spec(text);
    ASSERT_TRUE(dnssec) << text;
    EXPECT_EQ(dnssec->algorithm, dns::DnssecAlgorithm::ecdsap256sha256);
    EXPECT_TRUE(dnssec->maker);
    EXPECT_FALSE(dnssec->split);
    EXPECT_FALSE(dnssec->unsign);
    EXPECT_EQ(dnssec->dnskey_ttl, 1h);
  }
}

TEST(Dnssec, OneWordMakesANodeAFollower) { EXPECT_FALSE(spec("follower")->maker); }

TEST(Dnssec, ReadsEverything) {
  const auto dnssec = spec(
      "{ algorithm: ed25519, role: follower, style: ksk+zsk, keys: /var/lib/keys, ksk_lifetime: 365d, zsk_lifetime: "
      "30d, dnskey_ttl: 5m, propagation: 10s, servers: 192.0.2.2, parent: [\"192.0.2.53:5300\", \"2001:db8::53\"], "
      "ds_ttl: 2h, unsign: true }");
  ASSERT_TRUE(dnssec);
  EXPECT_EQ(dnssec->algorithm, dns::DnssecAlgorithm::ed25519);
  EXPECT_FALSE(dnssec->maker);
  EXPECT_TRUE(dnssec->split);
  EXPECT_TRUE(dnssec->unsign);
  EXPECT_EQ(dnssec->keys.value, "/var/lib/keys");
  EXPECT_EQ(dnssec->ksk_lifetime, std::chrono::days(365));
  EXPECT_EQ(dnssec->zsk_lifetime, std::chrono::days(30));
  EXPECT_EQ(dnssec->dnskey_ttl, 5min);
  EXPECT_EQ(dnssec->propagation, 10s);
  EXPECT_EQ(dnssec->ds_ttl, 2h);
  ASSERT_THAT(dnssec->servers, SizeIs(1));
  EXPECT_EQ(base::to_string(dnssec->servers[0].value), "192.0.2.2:53");
  ASSERT_THAT(dnssec->parent, SizeIs(2));
  EXPECT_EQ(base::to_string(dnssec->parent[0].value), "192.0.2.53:5300");
  EXPECT_EQ(base::to_string(dnssec->parent[1].value), "[2001:db8::53]:53");
}

TEST(Dnssec, StartsFromTheDefaults) {
  EXPECT_EQ(spec("", "dnssec: { dnskey_ttl: 5m }")->dnskey_ttl, 5min);
  const auto both = spec("{ role: follower }", "dnssec: { dnskey_ttl: 5m }");
  EXPECT_EQ(both->dnskey_ttl, 5min);
  EXPECT_FALSE(both->maker);
  EXPECT_FALSE(spec("off", "dnssec: on"));
}

TEST(Dnssec, KeepsKeysInTheStateFolderUnlessToldWhere) {
  EXPECT_EQ(spec("on")->keys.value, "/var/lib/gslb/keys");
  EXPECT_EQ(
      loaded("zones: { example.org: { ns: [ns1.example.net.], dnssec: { keys: /keys } } }").zones[0].dnssec->keys.value,
      "/keys");
  EXPECT_THAT(errors_of("zones: { example.org: { ns: [ns1.example.net.], dnssec: on } }"),
              ElementsAre("1:49: dnssec: there is no folder for the keys of example.org."));
}

TEST(Dnssec, SaysWhatIsWrong) {
  const auto errors = [](const std::string& dnssec) { return errors_of(zone(dnssec)); };
  EXPECT_THAT(errors("yes"), ElementsAre("6:13: dnssec: \"yes\" is not one of the words known here"));
  EXPECT_THAT(errors("{ algorithm: rsasha256 }"),
              ElementsAre("6:26: dnssec.algorithm: \"rsasha256\" is not one of the words known here"));
  EXPECT_THAT(errors("{ dnskey_ttl: 0s }"), SizeIs(1));
  EXPECT_THAT(errors("{ servers: [192.0.2.2, \"192.0.2.2:53\"] }"),
              ElementsAre("6:36: dnssec.servers[1]: is in the list already"));
  EXPECT_THAT(errors("{ parent: ns.example.org }"), SizeIs(1));
  EXPECT_THAT(errors("{ kind: csk }"), SizeIs(1));
}

}  // namespace
}  // namespace gslb::config
