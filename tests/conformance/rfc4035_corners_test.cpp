// RFC 4035 where zones meet and where names are steered: a zone and its child on one server, chains from zone to zone,
// services at the apex, below empty non-terminals and at wildcards, clients whom nothing is left for. RFC 9077.
#include "tests/conformance/zone_fixture.hpp"
#include "tests/support/signed_server.hpp"

namespace gslb::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr unsigned type_dname = 39, type_rrsig = 46, type_nsec = 47, type_dnskey = 48;

constexpr const char* zones_that_meet = R"(
control: { socket: none }
listen: 127.0.0.1:5300
geo:
  location: []
  places: [{ prefix: 85.214.0.0/16, at: [52.52, 13.4], country: "DE" }]
sites: { fra: { at: [50.11, 8.68] }, iad: { at: [39.04, -77.49] } }
monitors: { web: { http: /healthz } }
defaults: { monitor: web, slowstart: 0s, policy: [weighted], ttl: 40s }
zones:
  example.org:
    ns: [ns1.example.com.]
    soa: { serial: 1, minimum: 30s }
    dnssec: on
    services:
      "@": { endpoints: { fra: 192.0.2.10, iad: 192.0.2.20 } }
      a.b.deep: { endpoints: { fra: 192.0.2.11 } }
      "*.any": { endpoints: { fra: [192.0.2.12, "2001:db8::12"], iad: 192.0.2.22 } }
      german:
        policy: [fence, weighted]
        endpoints: [{ site: fra, address: 192.0.2.13, serves: { countries: [DE] } }]
    records:
      to-service: { CNAME: www.example.net. }
      to-nothing: { CNAME: nothing.example.net. }
      to-other-type: { CNAME: host.example.net. }
      to-unsigned: { CNAME: host.plain }
      to-german: { CNAME: german }
      "*.wild": { CNAME: www.example.net. }
      "*.wilder": { CNAME: "x.wild" }
      moved: { DNAME: example.net. }
      sub: { NS: [ns1.example.com.], DS: ["12345 13 2 0000000000000000000000000000000000000000000000000000000000000000"] }
      plain: { NS: [ns1.example.com.] }
  sub.example.org:
    ns: [ns1.example.com.]
    soa: { serial: 1 }
    dnssec: on
    records: { host: { A: [192.0.2.31] } }
  plain.example.org:
    ns: [ns1.example.com.]
    soa: { serial: 1 }
    records:
      host: { A: [192.0.2.32] }
      to-signed: { CNAME: host.example.net. }
  example.net:
    ns: [ns1.example.com.]
    soa: { serial: 1, ttl: 20s, minimum: 60s }
    dnssec: on
    services: { www: { endpoints: { fra: 192.0.2.41, iad: 192.0.2.42 } } }
    records: { host: { A: [192.0.2.43] } }
)";

SignedServer& server() {
  static const auto instance = [] {
    auto out = std::make_unique<SignedServer>("example.org.", zones_that_meet);
    for (const char* apex : {"sub.example.org.", "example.net."}) out->validator().add_zone(apex, csk()->dnskeys);
    return out;
  }();
  return *instance;
}

TEST(ZonesThatMeet, EveryAnswerAndDenialOfThemValidates) {
  for (const char* name : {"example.org.",
                           "a.b.deep.example.org.",
                           "b.deep.example.org.",
                           "deep.example.org.",
                           "x.deep.example.org.",
                           "x.a.b.deep.example.org.",
                           "any.example.org.",
                           "x.any.example.org.",
                           "x.y.any.example.org.",
                           "*.any.example.org.",
                           "to-service.example.org.",
                           "to-nothing.example.org.",
                           "to-other-type.example.org.",
                           "x.wild.example.org.",
                           "x.wilder.example.org.",
                           "host.moved.example.org.",
                           "www.moved.example.org.",
                           "x.moved.example.org.",
                           "sub.example.org.",
                           "host.sub.example.org.",
                           "x.sub.example.org.",
                           "example.net.",
                           "www.example.net.",
                           "x.example.net."}) {
    for (const unsigned type : {type_a, type_aaaa, type_ns, type_soa, type_cname, type_txt, type_ds, type_dname,
                                type_any, type_rrsig, type_nsec, type_dnskey})
      EXPECT_EQ(server().why_bogus(name, type), "") << name << " " << type;
  }
}

// RFC 4035 section 3.1.4.1: the DS of a zone is its parent's, also where both are served here.
TEST(Rfc4035Section3_1_4_1, TheDsOfAChildServedHereComesFromTheParent) {
  const Reply secure = server().ask("sub.example.org.", type_ds);
  EXPECT_TRUE(secure.authoritative());
  EXPECT_THAT(secure.answer(), Contains(HasSubstr(" DS 12345 ")));
  EXPECT_THAT(secure.answer(), Contains(AllOf(HasSubstr(" RRSIG DS 13 3 "), HasSubstr(" example.org. "))));

  const Reply insecure = server().ask("plain.example.org.", type_ds);
  EXPECT_THAT(insecure.answer(), IsEmpty());
  EXPECT_THAT(insecure.authority(), Contains(StartsWith("example.org. 30 SOA ")));
  EXPECT_THAT(insecure.authority(),
              Contains(AllOf(StartsWith("plain.example.org. 30 NSEC "), HasSubstr(" NS RRSIG NSEC"))));
  EXPECT_EQ(server().validator().why_bogus(insecure, "plain.example.org.", type_ds), "");
}

TEST(Rfc4035Section3_1_4_1, TheDsOfAZoneWhoseParentIsElsewhereIsDeniedByItsOwnApex) {
  const Reply reply = server().ask("example.net.", type_ds);
  EXPECT_EQ(reply.rcode(), 0U);
  EXPECT_THAT(reply.authority(),
              Contains(AllOf(StartsWith("example.net. 20 NSEC "), HasSubstr(" NS SOA RRSIG NSEC DNSKEY"))));
  EXPECT_THAT(reply.authority(), Not(Contains(AllOf(HasSubstr(" NSEC "), HasSubstr(" DS ")))));
}

TEST(SignedChains, EndInAnotherZoneWithEachLinkSignedByItsOwnZone) {
  const Reply reply = server().ask("to-service.example.org.", type_a);
  EXPECT_THAT(reply.answer(), ElementsAre(HasSubstr(" CNAME www.example.net."), HasSubstr(" RRSIG CNAME "),
                                          StartsWith("www.example.net. 40 A 192.0.2.4"),
                                          AllOf(HasSubstr(" RRSIG A "), HasSubstr(" example.net. "))));
  const Reply nothing = server().ask("to-nothing.example.org.", type_a);
  EXPECT_EQ(nothing.rcode(), 3U);
  EXPECT_THAT(nothing.authority(), Contains(StartsWith("example.net. 20 SOA ")));
  EXPECT_THAT(nothing.authority(), Not(Contains(StartsWith("example.org."))));
}

// RFC 4035 section 3.1.3.3: every wildcard on the way has its own proof that nothing closer exists.
TEST(SignedChains, ThroughWildcardsProveEachOfThem) {
  const Reply reply = server().ask("x.wilder.example.org.", type_a);
  EXPECT_THAT(reply.authority(), Contains(StartsWith("*.wilder.example.org. 30 NSEC ")));
  EXPECT_THAT(reply.authority(), Contains(StartsWith("*.wild.example.org. 30 NSEC ")));
  EXPECT_EQ(reply.answer().size(), 6U);
}

TEST(SignedChains, IntoAnUnsignedZoneAndOutOfOneAreSignedWhereTheZoneIs) {
  const Reply into = server().ask("to-unsigned.example.org.", type_a);
  EXPECT_THAT(into.answer(), ElementsAre(HasSubstr(" CNAME "), HasSubstr(" RRSIG CNAME "), HasSubstr(" A 192.0.2.32")));
  const Reply out_of = server().ask("to-signed.plain.example.org.", type_a);
  EXPECT_THAT(out_of.answer(), ElementsAre(HasSubstr(" CNAME "), HasSubstr(" A 192.0.2.43"), HasSubstr(" RRSIG A ")));
}

TEST(SignedServices, AtTheApexStandInItsBitmapWithTheKeys) {
  EXPECT_THAT(server().ask("example.org.", type_nsec).answer(), Contains(HasSubstr(" A NS SOA RRSIG NSEC DNSKEY")));
  EXPECT_THAT(server().ask("example.org.", type_a).answer(),
              ElementsAre(StartsWith("example.org. 40 A 192.0.2."), HasSubstr("example.org. 40 RRSIG A 13 2 40 ")));
}

TEST(SignedServices, BelowEmptyNonTerminalsLeaveThoseWithoutData) {
  for (const char* name : {"b.deep.example.org.", "deep.example.org."}) {
    const Reply reply = server().ask(name, type_a);
    EXPECT_EQ(reply.rcode(), 0U) << name;
    EXPECT_THAT(reply.answer(), IsEmpty());
    EXPECT_THAT(reply.authority(), Contains(HasSubstr(" NSEC a.b.deep.example.org. ")));
  }
  EXPECT_EQ(server().ask("x.deep.example.org.", type_a).rcode(), 3U);
}

// RFC 4034 section 3.1.3: the asterisk does not count as a label.
TEST(SignedServices, AtAWildcardAreSignedAsTheWildcard) {
  const Reply reply = server().ask("x.y.any.example.org.", type_aaaa);
  EXPECT_THAT(reply.answer(), ElementsAre("x.y.any.example.org. 40 AAAA 2001:db8::12",
                                          StartsWith("x.y.any.example.org. 40 RRSIG AAAA 13 3 40 ")));
  EXPECT_THAT(reply.authority(), Contains(StartsWith("_acme-challenge.any.example.org. 30 NSEC ")));
}

// What health and place cannot take away: the type exists, so its absence is never signed.
TEST(SignedServices, AClientWhomNothingIsLeftForGetsServfailAndNoProof) {
  for (const char* name : {"german.example.org.", "to-german.example.org."}) {
    Ask ask;
    ask.name = name;
    ask.dnssec_ok = true;
    ask.client = "198.51.100.1";
    const Reply reply = server().server().ask(ask);
    EXPECT_EQ(reply.rcode(), 2U) << name;
    EXPECT_EQ(reply.extended_error(), 17U);
    EXPECT_THAT(reply.authority(), IsEmpty());
    ask.client = "85.214.1.1";
    const Reply there = server().server().ask(ask);
    EXPECT_THAT(there.answer(), Contains(HasSubstr(" A 192.0.2.13")));
    EXPECT_EQ(server().validator().why_bogus(there, name, type_a), "");
  }
  EXPECT_THAT(server().ask("german.example.org.", type_nsec).answer(), Contains(HasSubstr(" A RRSIG NSEC")));
  EXPECT_EQ(server().why_bogus("german.example.org.", type_aaaa), "");
}

TEST(SignedServices, AreLoweredInTtlTogetherWithTheirSignatureThroughAnyChain) {
  TestServer& now = server().server();
  for (auto& state : now.states()) {
    state.in_motion = true;
    state.until_change = std::chrono::seconds(6);
  }
  now.publish();
  for (const char* name : {"example.org.", "x.any.example.org.", "a.b.deep.example.org."}) {
    const Reply reply = server().ask(name, type_a);
    EXPECT_THAT(reply.answer(), Each(StartsWith(std::string(name) + " 6 "))) << name;
    EXPECT_EQ(server().validator().why_bogus(reply, name, type_a), "");
  }
  const Reply chain = server().ask("to-service.example.org.", type_a);
  EXPECT_THAT(chain.answer(), Contains(StartsWith("www.example.net. 6 RRSIG A 13 3 40 ")));
  EXPECT_EQ(server().validator().why_bogus(chain, "to-service.example.org.", type_a), "");
  for (auto& state : now.states()) state.in_motion = false;
  now.publish();
}

// RFC 2308 section 3 and RFC 9077 section 3: the lesser of the SOA's TTL and its MINIMUM, for SOA and NSEC, and for
// the signatures on both; where the SOA itself is asked for it has its own.
TEST(Rfc9077Section3, TheTtlOfEveryRecordOfADenialIsTheLesserOfSoaTtlAndMinimum) {
  EXPECT_THAT(server().ask("nothing.example.org.", type_a).authority(), Each(HasSubstr(".org. 30 ")));
  EXPECT_THAT(server().ask("nothing.example.net.", type_a).authority(), Each(HasSubstr(".net. 20 ")));
  EXPECT_THAT(server().ask("host.example.net.", type_txt).authority(), Each(HasSubstr(".net. 20 ")));
  EXPECT_THAT(server().ask("example.org.", type_soa).answer(), Each(StartsWith("example.org. 3600 ")));
  EXPECT_THAT(server().ask("nothing.example.org.", type_a).authority(),
              Contains(StartsWith("example.org. 30 RRSIG SOA 13 2 3600 ")));
}

// RFC 8482 section 4.1, also for steered names.
TEST(Rfc8482Section4_1, AnyAtAServiceIsOneSignedSetOfIt) {
  const Reply reply = server().ask("x.any.example.org.", type_any);
  EXPECT_THAT(reply.answer(), ElementsAre(HasSubstr(" A 192.0.2."), HasSubstr(" RRSIG A 13 3 40 ")));
}

TEST(Rfc4035Section2_3, AnEmptyNonTerminalHasNoNsecOfItsOwn) {
  for (const unsigned type : {type_nsec, type_rrsig}) {
    const Reply reply = server().ask("deep.example.org.", type);
    EXPECT_EQ(reply.rcode(), 0U);
    EXPECT_THAT(reply.answer(), IsEmpty());
    EXPECT_THAT(reply.authority(), Contains(StartsWith("example.org. 30 SOA ")));
  }
}

}  // namespace
}  // namespace gslb::test
