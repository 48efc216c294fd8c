// RFC 9460: HTTPS records of steered names, one for each chosen endpoint, in the draw that A and AAAA have.
#include <map>
#include <set>

#include "tests/conformance/zone_fixture.hpp"
#include "tests/support/signed_server.hpp"

namespace gslb::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

constexpr unsigned type_svcb = 64;

std::string world(const std::string& services, const std::string& records = "", const std::string& zone = "") {
  return R"(
control: { socket: none }
listen: 127.0.0.1:5300
geo:
  location: []
  places:
    - { prefix: 85.214.0.0/16, at: [52.52, 13.4], country: "DE" }
    - { prefix: 12.0.0.0/8, at: [38.9, -77.04], country: "US" }
sites: { fra: { at: [50.11, 8.68] }, iad: { at: [39.04, -77.49] }, gru: { at: [-23.55, -46.63] } }
monitors: { web: { http: /healthz } }
defaults: { slowstart: 0s }
zones:
  example.org:
    soa: { serial: 7 }
    ns: [ns1.example.net.]
)" + zone +
         "    services:\n" + services + "    records:\n      known: { A: 192.0.2.99 }\n" + records;
}

TestServer serving(const std::string& service, const std::string& records = "") {
  return TestServer(world("      www: { " + service + " }\n", records));
}

const std::string dual = R"(endpoints: { fra: [192.0.2.10, "2001:db8:1::10"], iad: [192.0.2.20, "2001:db8:2::20"] })";

std::vector<std::string> https_of(TestServer& server, const std::string& client, unsigned payload = 1232) {
  Ask ask{.name = "www.example.org.", .type = type_https, .subnet = client, .payload = payload};
  return server.ask(ask).answer();
}

// RFC 9460 section 2.2: keys in the order of their numbers, whatever order they are written in.
TEST(Rfc9460Section2_2, TheRecordHasThePresentParametersInTheOrderOfTheirNumbers) {
  TestServer server = serving("https: { port: 8443, ech: AAQAAAAA, no_default_alpn: true, alpn: [h3, h2] }, " + dual);
  EXPECT_THAT(https_of(server, "85.214.132.0/24"),
              ElementsAre("www.example.org. 30 HTTPS 1 . alpn=h3,h2 no-default-alpn port=8443 ipv4hint=192.0.2.10 "
                          "ech=AAQAAAAA ipv6hint=2001:db8:1::10"));
}

TEST(Rfc9460Section9, OneLineOfConfigurationIsEnough) {
  TestServer protocols = serving("https: [h2, h3], " + dual);
  EXPECT_THAT(https_of(protocols, "12.1.2.0/24"),
              ElementsAre("www.example.org. 30 HTTPS 1 . alpn=h2,h3 ipv4hint=192.0.2.20 ipv6hint=2001:db8:2::20"));
  TestServer on = serving("https: on, endpoints: { fra: 192.0.2.10 }");
  EXPECT_THAT(https_of(on, ""), ElementsAre("www.example.org. 30 HTTPS 1 . ipv4hint=192.0.2.10"));
}

TEST(Rfc9460Section9, WithoutHttpsInTheConfigurationTheTypeDoesNotExist) {
  TestServer server = serving(dual);
  const Reply reply = server.ask("www.example.org.", type_https);
  EXPECT_EQ(reply.rcode(), 0U);
  EXPECT_THAT(reply.answer(), IsEmpty());
  EXPECT_THAT(reply.authority(), ElementsAre(HasSubstr(" SOA ")));
}

TEST(Rfc9460Section9, SvcbOfASteeredNameDoesNotExistAndOtherNamesHaveStaticRecords) {
  TestServer server = serving("https: [h2], " + dual, R"(      _dns.ns: { SVCB: ["1 ns alpn=dot"] }
      other: { HTTPS: ["1 . alpn=h2 ipv4hint=192.0.2.99"] }
)");
  EXPECT_THAT(server.ask("www.example.org.", type_svcb).answer(), IsEmpty());
  EXPECT_THAT(server.ask("_dns.ns.example.org.", type_svcb).answer(),
              ElementsAre("_dns.ns.example.org. 3600 SVCB 1 ns.example.org. alpn=dot"));
  EXPECT_THAT(server.ask("other.example.org.", type_https).answer(),
              ElementsAre("other.example.org. 3600 HTTPS 1 . alpn=h2 ipv4hint=192.0.2.99"));
}

/// The addresses of a reply's records: data of A and AAAA, hints of HTTPS.
std::set<std::string> addresses_in(const std::vector<std::string>& records) {
  std::set<std::string> out;
  for (const std::string& record : records) {
    const auto last = [&record](const std::string& before) {
      const auto at = record.find(before);
      if (at == std::string::npos) return std::string();
      const auto start = at + before.size();
      return record.substr(start, record.find(' ', start) - start);
    };
    for (const char* before : {" A ", " AAAA ", "ipv4hint=", "ipv6hint="})
      if (const auto address = last(before); !address.empty()) out.insert(address);
  }
  return out;
}

TEST(Rfc9460Section7_3, EveryClientGetsTheHintsOfTheAddressesItGets) {
  TestServer server = serving("policy: [weighted], https: [h2], " + dual);
  std::map<std::string, int> seen;
  for (int i = 0; i < 200; ++i) {
    const auto ask = [&](unsigned type) {
      Ask what{.name = "www.example.org.", .type = type, .subnet = "198.51." + std::to_string(i) + ".0/24"};
      return server.ask(what);
    };
    auto expected = addresses_in(ask(type_a).answer());
    ASSERT_THAT(expected, SizeIs(1));
    ++seen[*expected.begin()];
    expected.merge(addresses_in(ask(type_aaaa).answer()));
    const Reply reply = ask(type_https);
    EXPECT_EQ(addresses_in(reply.answer()), expected);
    EXPECT_EQ(addresses_in(reply.additional()), expected);
    EXPECT_EQ(reply.subnet(), ask(type_a).subnet());
  }
  EXPECT_THAT(seen, SizeIs(2));
}

TEST(Rfc9460Section7_3, AnEndpointOfOneFamilyHasOnlyThatHintAndItsSiteStillMatches) {
  TestServer server = serving(R"(https: [h2], endpoints: { fra: 192.0.2.10, iad: "2001:db8:2::20" })");
  EXPECT_THAT(https_of(server, "85.214.132.0/24"),
              ElementsAre("www.example.org. 30 HTTPS 1 . alpn=h2 ipv4hint=192.0.2.10"));
  EXPECT_THAT(https_of(server, "12.1.2.0/24"),
              ElementsAre("www.example.org. 30 HTTPS 1 . alpn=h2 ipv6hint=2001:db8:2::20"));
}

// RFC 9460 section 2.4.1
TEST(Rfc9460Section2_4_1, SeveralEndpointsHaveThePrioritiesOfTheirDraw) {
  TestServer server = serving(
      "policy: [nearest, take: 3], https: [h2], endpoints: { fra: 192.0.2.10, iad: 192.0.2.20, gru: 192.0.2.30 }");
  // The nearest takes every client, and no tier after it is reached.
  EXPECT_THAT(https_of(server, "12.1.2.0/24"),
              ElementsAre("www.example.org. 30 HTTPS 1 . alpn=h2 ipv4hint=192.0.2.20"));
  TestServer drawn = serving(
      "policy: [weighted, take: 2], https: [h2], endpoints: { fra: 192.0.2.10, iad: 192.0.2.20, gru: 192.0.2.30 }");
  std::set<std::string> firsts;
  for (int i = 0; i < 50; ++i) {
    const std::string client = "198.51." + std::to_string(i) + ".0/24";
    const auto records = https_of(drawn, client);
    ASSERT_THAT(records, ElementsAre(HasSubstr(" HTTPS 1 . "), HasSubstr(" HTTPS 2 . ")));
    const Ask ask{.name = "www.example.org.", .type = type_a, .subnet = client};
    const auto addresses = drawn.ask(ask).answer();
    ASSERT_THAT(addresses, SizeIs(2));
    for (std::size_t n = 0; n < 2; ++n) EXPECT_EQ(addresses_in({records[n]}), addresses_in({addresses[n]})) << client;
    firsts.insert(addresses[0]);
  }
  EXPECT_THAT(firsts, SizeIs(3));
}

TEST(Rfc9460Section2_4_1, EqualsThatShareClientsByTurnsHaveOnePriority) {
  for (const char* policy : {"rotate", "all"}) {
    TestServer server = serving(std::string("policy: [") + policy + "], https: [h2], " + dual);
    EXPECT_THAT(https_of(server, ""), testing::UnorderedElementsAre(
                                          testing::AllOf(HasSubstr(" HTTPS 1 . "), HasSubstr("ipv4hint=192.0.2.10 ")),
                                          testing::AllOf(HasSubstr(" HTTPS 1 . "), HasSubstr("ipv4hint=192.0.2.20 "))));
  }
}

TEST(Rfc9460Section7_3, AnEndpointIsThereWhileAnyOfItsAddressesIsUp) {
  TestServer server = serving("monitor: web, https: [h2], " + dual);
  server.set("192.0.2.10", health::Verdict::down);
  EXPECT_THAT(https_of(server, "85.214.132.0/24"), ElementsAre(HasSubstr("ipv4hint=192.0.2.10 ")));
  server.set("2001:db8:1::10", health::Verdict::down);
  EXPECT_THAT(https_of(server, "85.214.132.0/24"), ElementsAre(HasSubstr("ipv4hint=192.0.2.20 ")));
}

TEST(Rfc9460Section9, WhenNothingIsUpTheAnswerIsAsIfAllWereAndSaysSo) {
  TestServer server = serving("monitor: web, https: [h2], " + dual);
  for (const char* address : {"192.0.2.10", "192.0.2.20", "2001:db8:1::10", "2001:db8:2::20"})
    server.set(address, health::Verdict::down);
  const Reply reply = server.ask({.name = "www.example.org.", .type = type_https, .subnet = "12.1.2.0/24"});
  EXPECT_THAT(reply.answer(), ElementsAre(HasSubstr("ipv4hint=192.0.2.20 ")));
  EXPECT_EQ(reply.extended_error(), 3U);
}

TEST(Rfc9460Section9, WithNothingLeftTheFallbackIsAnsweredElseServfailAndNeverNodata) {
  const std::string down = R"(monitor: web, all_down: none, https: [h2], endpoints: { fra: 192.0.2.10 })";
  TestServer fallback = serving(down + R"(, fallback: [198.51.100.9, "2001:db8:9::9"])");
  fallback.set("192.0.2.10", health::Verdict::down);
  EXPECT_THAT(https_of(fallback, ""), ElementsAre("www.example.org. 30 HTTPS 1 . alpn=h2 ipv4hint=198.51.100.9",
                                                  "www.example.org. 30 HTTPS 2 . alpn=h2 ipv6hint=2001:db8:9::9"));
  TestServer none = serving(down);
  none.set("192.0.2.10", health::Verdict::down);
  EXPECT_EQ(none.ask("www.example.org.", type_https).rcode(), 2U);
}

TEST(Rfc9460Section4_1, TheAddressesOfTheTargetAreAdditionalAndGiveWayToTheLimit) {
  TestServer server = serving("https: [h2], " + dual);
  const Ask ask{.name = "www.example.org.", .type = type_https, .subnet = "12.1.2.0/24"};
  EXPECT_THAT(server.ask(ask).additional(),
              ElementsAre("www.example.org. 30 A 192.0.2.20", "www.example.org. 30 AAAA 2001:db8:2::20"));
  const std::string many(60, 'x');
  std::string protocols;
  for (int i = 0; i < 6; ++i) protocols += std::to_string(i) + many + ", ";
  TestServer large = serving("https: [" + protocols + "h2], " + dual);
  const Reply reply = large.ask({.name = "www.example.org.", .type = type_https, .payload = 512});
  EXPECT_FALSE(reply.truncated());
  EXPECT_THAT(reply.answer(), SizeIs(1));
  EXPECT_THAT(reply.additional(), ElementsAre(StartsWith("www.example.org. 30 A 192.0.2.")));  // 28 octets do not fit
}

TEST(Rfc9460Section4_1, RecordsThatDoNotFitAreLeftOutAndTcSaysSo) {
  const std::string many(60, 'x');
  std::string protocols;
  for (int i = 0; i < 9; ++i) protocols += std::to_string(i) + many + ", ";
  TestServer server = serving("https: [" + protocols + "h2], " + dual);
  const Reply reply = server.ask({.name = "www.example.org.", .type = type_https, .payload = 512});
  EXPECT_TRUE(reply.truncated());
  EXPECT_THAT(reply.answer(), IsEmpty());
}

TEST(Rfc9460Section2, AnAliasLeadsToTheHttpsRecordsOfTheSteeredName) {
  TestServer server = serving("https: [h2], " + dual, "      alias: { CNAME: www }\n");
  EXPECT_THAT(
      server.ask("alias.example.org.", type_https).answer(),
      ElementsAre("alias.example.org. 3600 CNAME www.example.org.", StartsWith("www.example.org. 30 HTTPS 1 ")));
}

TEST(Rfc8482Section4_1, AnyOfASteeredNameIsItsAddresses) {
  TestServer server = serving(R"(https: [h2], endpoints: { iad: "2001:db8:2::20" })");
  EXPECT_THAT(server.ask("www.example.org.", type_any).answer(),
              ElementsAre("www.example.org. 30 AAAA 2001:db8:2::20"));
}

// ---- signed

TEST(SignedHttps, EveryDrawAndEveryHealthValidatesWithoutANewSignature) {
  const std::string endpoints =
      R"(endpoints: { fra: [192.0.2.10, "2001:db8:1::10"], iad: 192.0.2.20, gru: "2001:db8:3::30" })";
  const std::string services = "      drawn: { monitor: web, policy: [weighted, take: 3], https: [h2], " + endpoints +
                               ", fallback: [198.51.100.9, 198.51.100.10], all_down: none }\n"
                               "      turns: { monitor: web, policy: [rotate], https: [h2], " +
                               endpoints + " }\n      near: { monitor: web, https: [h2], " + endpoints + " }\n";
  SignedServer signed_server("example.org.", world(services, "", "    dnssec: on\n"));
  const auto made = signed_server.store().made();
  TestServer& server = signed_server.server();
  const std::size_t targets = server.states().size();
  ASSERT_EQ(targets, 4U);
  for (unsigned mix = 0; mix < 1U << targets; ++mix) {
    for (std::size_t i = 0; i < targets; ++i)
      server.states()[i].verdict = (mix >> i & 1) != 0 ? health::Verdict::up : health::Verdict::down;
    server.publish();
    for (const char* service : {"drawn.example.org.", "turns.example.org.", "near.example.org."}) {
      for (int i = 0; i < 20; ++i) {
        Ask ask{.name = service, .type = type_https, .subnet = "198.51." + std::to_string(i) + ".0/24"};
        ask.dnssec_ok = true;
        ask.transport = engine::Transport::stream;
        const Reply reply = server.ask(ask);
        EXPECT_THAT(reply.answer(), Contains(HasSubstr(" RRSIG HTTPS 13 3 30 "))) << service;
        EXPECT_EQ(signed_server.validator().why_bogus(reply, service, type_https), "") << service << mix;
      }
    }
  }
  EXPECT_EQ(signed_server.store().made(), made);
}

TEST(SignedHttps, TheAdditionalAddressesAreSigned) {
  SignedServer server("example.org.", world("      www: { https: [h2], " + dual + " }\n", "", "    dnssec: on\n"));
  const Reply reply = server.ask("www.example.org.", type_https);
  EXPECT_THAT(reply.additional(), Contains(HasSubstr(" RRSIG A 13 3 30 ")));
  EXPECT_THAT(reply.additional(), Contains(HasSubstr(" RRSIG AAAA 13 3 30 ")));
}

TEST(SignedHttps, MoreOrdersOfEndpointsThanCanBeSignedAreAnErrorThatSaysWhatToDo) {
  std::string endpoints;
  for (int i = 1; i <= 66; ++i) endpoints += "{ site: fra, address: 192.0.2." + std::to_string(i) + " }, ";
  const std::string yaml =
      world("      www: { policy: [weighted, take: 2], https: [h2], endpoints: [" + endpoints + "] }\n", "",
            "    dnssec: { keys: keys }\n");
  base::ErrorList errors;
  const auto config = config::load_text("test.yaml", yaml, errors);
  ASSERT_TRUE(config);
  EXPECT_FALSE(engine::compile(*config, {}, errors));
  ASSERT_FALSE(errors.all().empty());
  EXPECT_THAT(errors.all()[0].what, HasSubstr("66 endpoints, take: 2, make more than 4096 different answers"));
}

}  // namespace
}  // namespace gslb::test
