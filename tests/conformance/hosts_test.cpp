// Endpoints that are hosts: a CNAME where the name may be one (RFC 1034 section 3.6.2, RFC 2181 section 10.1), else the
// addresses that resolvers say.
#include <set>

#include "config/report.hpp"
#include "tests/conformance/zone_fixture.hpp"
#include "tests/support/signed_server.hpp"

namespace gslb::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

std::string world(const std::string& services, const std::string& records = "", const std::string& zone = "") {
  return R"(
control: { socket: none }
listen: 127.0.0.1:5300
geo:
  location: []
  places:
    - { prefix: 85.214.0.0/16, at: [52.52, 13.4], country: "DE" }
    - { prefix: 12.0.0.0/8, at: [38.9, -77.04], country: "US" }
sites: { fra: { at: [50.11, 8.68] }, iad: { at: [39.04, -77.49] } }
monitors: { web: { https: /healthz }, named: { https: /healthz, host: www.example.org } }
defaults: { slowstart: 0s }
zones:
  example.org:
    soa: { serial: 7 }
    ns: [ns1.example.net.]
)" + zone +
         "    services:\n" + services + "    records:\n      known: { A: 192.0.2.99 }\n" + records;
}

const std::string two_hosts =
    "endpoints: [{ site: fra, host: LB-1.example.net }, { site: iad, host: lb-2.example.net. }]";

health::HostAddresses addresses_of(const std::string& host, const std::vector<std::string>& addresses) {
  health::HostAddresses out;
  for (const std::string& address : addresses) out[host].push_back(base::parse_address(address).value());
  return out;
}

Ask from(const std::string& name, unsigned type, const std::string& client) {
  Ask ask;
  ask.name = name;
  ask.type = type;
  ask.subnet = client;
  return ask;
}

std::string errors_of(const std::string& yaml) {
  base::ErrorList errors;
  const auto config = config::load_text("test.yaml", yaml, errors);
  if (config && engine::compile(*config, {}, errors)) ADD_FAILURE() << "it compiles";
  return config::report(errors);
}

// ---- CNAME

TEST(Rfc1034Section3_6_2, AServiceOfHostsAloneIsACnameForEveryType) {
  TestServer server(world("      www: { " + two_hosts + " }\n"));
  for (const unsigned type :
       {type_a, type_aaaa, type_txt, type_mx, type_https, type_cname, type_any, type_ns, type_ds}) {
    const Reply reply = server.ask(from("www.example.org.", type, "85.214.132.0/24"));
    EXPECT_EQ(reply.rcode(), 0U);
    EXPECT_TRUE(reply.authoritative());
    EXPECT_THAT(reply.answer(), ElementsAre("www.example.org. 30 CNAME lb-1.example.net.")) << type;
    EXPECT_THAT(reply.authority(), IsEmpty());
  }
}

TEST(Rfc1034Section3_6_2, EachClientIsLedToTheHostThatItsPlaceAndTheDrawChoose) {
  TestServer server(
      world("      www: { " + two_hosts + " }\n      drawn: { policy: [weighted], " + two_hosts + " }\n"));
  EXPECT_THAT(server.ask(from("www.example.org.", type_a, "12.1.2.0/24")).answer(),
              ElementsAre("www.example.org. 30 CNAME lb-2.example.net."));
  EXPECT_EQ(server.ask(from("www.example.org.", type_a, "12.1.2.0/24")).subnet(), "1/24/8");
  std::set<std::string> seen;
  for (int i = 0; i < 50; ++i) {
    const std::string client = "198.51." + std::to_string(i) + ".0/24";
    const auto a = server.ask(from("drawn.example.org.", type_a, client)).answer();
    EXPECT_EQ(server.ask(from("drawn.example.org.", type_txt, client)).answer(), a);
    seen.insert(a.at(0));
  }
  EXPECT_THAT(seen, SizeIs(2));
}

TEST(Rfc1034Section3_6_2, APolicyThatAnswersWithSeveralStillGivesOneCname) {
  for (const char* policy : {"[all]", "[rotate]", "[weighted, take: 2]"}) {
    TestServer server(world("      www: { policy: " + std::string(policy) + ", " + two_hosts + " }\n"));
    EXPECT_THAT(server.ask("www.example.org.", type_a).answer(), SizeIs(1)) << policy;
  }
}

TEST(Rfc1034Section3_6_2, ATargetInAZoneOfOursIsFollowed) {
  TestServer server(world("      www: { endpoints: [{ site: fra, host: known.example.org. }] }\n"));
  EXPECT_THAT(server.ask("www.example.org.", type_a).answer(),
              ElementsAre("www.example.org. 30 CNAME known.example.org.", "known.example.org. 3600 A 192.0.2.99"));
  EXPECT_THAT(server.ask("www.example.org.", type_cname).answer(), SizeIs(1));
}

TEST(Rfc1034Section3_6_2, AnAliasOfAServiceOfHostsIsFollowedToItsHost) {
  TestServer server(world("      www: { " + two_hosts + " }\n", "      alias: { CNAME: www }\n"));
  EXPECT_THAT(
      server.ask("alias.example.org.", type_a).answer(),
      ElementsAre("alias.example.org. 3600 CNAME www.example.org.", HasSubstr("www.example.org. 30 CNAME lb-")));
  // RFC 7871 section 7.2.1: with a client subnet the resolver asks for the steered name itself.
  EXPECT_THAT(server.ask(from("alias.example.org.", type_a, "12.1.2.0/24")).answer(), SizeIs(1));
}

TEST(Rfc2181Section10_1, AtTheApexAndBesideOtherRecordsAndWithAFallbackAddressesAreAnswered) {
  const std::string service = "{ " + two_hosts + " }";
  TestServer server(world("      \"@\": " + service + "\n      beside: " + service +
                              "\n      spare: { fallback: 198.51.100.9, " + two_hosts +
                              " }\n      secure: { https: [h2], " + two_hosts + " }\n      mixed: { endpoints: " +
                              "[{ site: fra, host: lb-1.example.net }, { site: iad, address: 192.0.2.20 }] }\n",
                          "      beside: { TXT: [text] }\n"));
  server.resolve(addresses_of("lb-1.example.net", {"192.0.2.1", "192.0.2.2", "2001:db8::1"}));
  const auto ask = [&](const std::string& name, unsigned type) {
    return server.ask(from(name, type, "85.214.132.0/24")).answer();
  };
  for (const std::string& name :
       {std::string(), std::string("beside."), std::string("spare."), std::string("mixed.")}) {
    EXPECT_THAT(ask(name + "example.org.", type_a),
                UnorderedElementsAre(name + "example.org. 30 A 192.0.2.1", name + "example.org. 30 A 192.0.2.2"));
    EXPECT_THAT(ask(name + "example.org.", type_aaaa), ElementsAre(name + "example.org. 30 AAAA 2001:db8::1"));
  }
  EXPECT_THAT(ask("beside.example.org.", type_txt), SizeIs(1));
  EXPECT_THAT(
      ask("secure.example.org.", type_https),
      ElementsAre("secure.example.org. 30 HTTPS 1 . alpn=h2 ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1"));
}

// ---- addresses

TEST(Hosts, ChangesOfAddressesChangeAnswersAndTypes) {
  TestServer server(world("      \"@\": { endpoints: [{ site: fra, host: lb.example.net }] }\n"));
  EXPECT_EQ(server.ask("example.org.", type_a).rcode(), 2U);  // nobody knows yet: never NODATA
  EXPECT_EQ(server.ask("example.org.", type_aaaa).rcode(), 2U);
  server.resolve(addresses_of("lb.example.net", {"192.0.2.1"}));
  EXPECT_THAT(server.ask("example.org.", type_a).answer(), ElementsAre("example.org. 30 A 192.0.2.1"));
  EXPECT_EQ(server.ask("example.org.", type_aaaa).rcode(), 0U);
  EXPECT_THAT(server.ask("example.org.", type_aaaa).authority(), ElementsAre(HasSubstr(" SOA ")));
  server.resolve(addresses_of("lb.example.net", {"2001:db8::1"}));
  EXPECT_THAT(server.ask("example.org.", type_a).answer(), IsEmpty());
  EXPECT_THAT(server.ask("example.org.", type_aaaa).answer(), ElementsAre("example.org. 30 AAAA 2001:db8::1"));
}

TEST(Hosts, AHostIsUpWhileAnyOfItsAddressesIs) {
  TestServer server(world("      \"@\": { monitor: web, " + two_hosts + " }\n"));
  auto known = addresses_of("lb-1.example.net", {"192.0.2.1", "192.0.2.2"});
  known.merge(addresses_of("lb-2.example.net", {"192.0.2.3"}));
  server.resolve(known);
  const auto ask = [&] { return server.ask(from("example.org.", type_a, "85.214.132.0/24")).answer(); };
  server.set("192.0.2.1", health::Verdict::down);
  EXPECT_THAT(ask(), SizeIs(2));
  server.set("192.0.2.2", health::Verdict::down);
  EXPECT_THAT(ask(), ElementsAre("example.org. 30 A 192.0.2.3"));
}

TEST(Hosts, ACnameToAHostThatIsDownOrUnknownIsNotGivenWhileAnotherIsUp) {
  TestServer server(world("      www: { monitor: web, " + two_hosts + " }\n"));
  const auto ask = [&] { return server.ask(from("www.example.org.", type_a, "85.214.132.0/24")).answer(); };
  server.resolve(addresses_of("lb-2.example.net", {"192.0.2.3"}));
  EXPECT_THAT(ask(), ElementsAre(HasSubstr("CNAME lb-2.example.net.")));
  auto known = addresses_of("lb-1.example.net", {"192.0.2.1", "2001:db8::1"});
  known.merge(addresses_of("lb-2.example.net", {"192.0.2.3"}));
  server.resolve(known);
  EXPECT_THAT(ask(), ElementsAre(HasSubstr("CNAME lb-1.example.net.")));
  server.set("192.0.2.1", health::Verdict::down);
  server.set("2001:db8::1", health::Verdict::down);
  EXPECT_THAT(ask(), ElementsAre(HasSubstr("CNAME lb-2.example.net.")));
}

TEST(Hosts, AreProbedAtTheirAddressesByTheirNameUnlessTheMonitorHasOne) {
  TestServer server(
      world("      www: { monitor: web, " + two_hosts + " }\n      other: { monitor: named, " + two_hosts + " }\n"));
  server.resolve(addresses_of("lb-1.example.net", {"192.0.2.1", "192.0.2.2", "2001:db8::1"}));
  std::vector<std::string> probed;
  for (const health::Target& target : server.generation().snapshot->targets)
    probed.push_back(base::to_string(target.address) + " " + target.monitor.host);
  EXPECT_THAT(probed, UnorderedElementsAre("192.0.2.1 lb-1.example.net", "192.0.2.2 lb-1.example.net",
                                           "2001:db8::1 lb-1.example.net", "192.0.2.1 www.example.org",
                                           "192.0.2.2 www.example.org", "2001:db8::1 www.example.org"));
}

TEST(Hosts, ThatLeadBackToASteeredNameAreRefused) {
  EXPECT_THAT(errors_of(world("      www: { endpoints: [{ site: fra, host: www.example.org }] }\n")),
              HasSubstr("www.example.org leads to www.example.org., which is steered itself"));
  EXPECT_THAT(errors_of(world("      www: { endpoints: [{ site: fra, host: alias.example.org }] }\n",
                              "      alias: { CNAME: www }\n")),
              HasSubstr("alias.example.org leads to www.example.org., which is steered itself"));
  EXPECT_THAT(errors_of(world("      www: { endpoints: [{ site: fra, host: gone.example.org }] }\n")),
              HasSubstr("gone.example.org does not exist, and this server answers for its zone"));
  EXPECT_THAT(errors_of(world("      www: { endpoints: [{ site: fra, host: a.example.org }] }\n",
                              "      a: { CNAME: b }\n      b: { CNAME: a }\n")),
              HasSubstr("a.example.org is a chain of aliases without end"));
}

// ---- signed

TEST(SignedHosts, ACnameOfEveryDrawAndTheDenialsAroundItValidate) {
  SignedServer server("example.org.", world("      www: { monitor: web, policy: [weighted], " + two_hosts + " }\n", "",
                                            "    dnssec: on\n"));
  for (const unsigned type : {type_a, type_aaaa, type_txt, type_https, type_cname, type_any, 46U, 47U})
    EXPECT_EQ(server.why_bogus("www.example.org.", type), "") << type;
  EXPECT_THAT(server.ask("www.example.org.", 47).answer(),
              Contains(HasSubstr(" NSEC _acme-challenge.www.example.org. CNAME RRSIG NSEC")));
  EXPECT_EQ(server.why_bogus("a.www.example.org.", type_a), "");
  const auto made = server.store().made();
  std::set<std::string> seen;
  for (int i = 0; i < 50; ++i) {
    Ask ask = from("www.example.org.", type_a, "198.51." + std::to_string(i) + ".0/24");
    ask.dnssec_ok = true;
    const Reply reply = server.server().ask(ask);
    EXPECT_EQ(server.validator().why_bogus(reply, ask.name, type_a), "");
    seen.insert(reply.answer().at(0));
  }
  EXPECT_THAT(seen, SizeIs(2));
  EXPECT_EQ(server.store().made(), made);
}

TEST(SignedHosts, NewAddressesAreSignedBeforeTheyAreAnsweredAndNothingElseIs) {
  SignedServer server("example.org.",
                      world("      \"@\": { " + two_hosts + " }\n      other: { endpoints: { fra: 192.0.2.7 } }\n", "",
                            "    dnssec: on\n"));
  const auto validates = [&] {
    for (const unsigned type : {type_a, type_aaaa, type_txt, 47U}) {
      for (const char* name : {"example.org.", "other.example.org.", "nothing.example.org."})
        EXPECT_EQ(server.why_bogus(name, type), "") << name << type;
    }
  };
  validates();
  auto known = addresses_of("lb-1.example.net", {"192.0.2.1", "192.0.2.2"});
  known.merge(addresses_of("lb-2.example.net", {"192.0.2.3"}));
  auto made = server.store().made();
  server.server().resolve(known, &server.store(), signing_time);
  EXPECT_EQ(server.store().made(), made + 3);  // two sets of A, and the NSEC of the name, which has no AAAA now
  EXPECT_THAT(server.ask("example.org.", type_a).answer(), Contains(HasSubstr(" RRSIG A 13 2 30 ")));
  validates();
  known["lb-1.example.net"].push_back(base::parse_address("2001:db8::1").value());
  server.server().resolve(known, &server.store(), signing_time);
  EXPECT_THAT(server.ask("example.org.", type_aaaa).answer(), Contains(HasSubstr(" AAAA 2001:db8::1")));
  validates();
  made = server.store().made();
  server.server().resolve(known, &server.store(), signing_time);
  EXPECT_EQ(server.store().made(), made);
}

}  // namespace
}  // namespace gslb::test
