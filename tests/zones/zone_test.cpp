#include "zones/zone.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/zones/zone_fixture.hpp"

namespace gslb::zones {
namespace {

using dns::Rtype;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::shared_ptr<const Zone> example() {
  ZoneSpec spec = example_spec();
  spec.services.push_back(service("www", true, true));
  spec.services.push_back(service("v6only", false, true));
  spec.services.push_back(service("*.apps", true, false));
  return build(std::move(spec), R"($TTL 300
@        MX    10 mail
@        TXT   "v=spf1 -all"
ns1      A     192.0.2.53
ns1      AAAA  2001:db8::53
mail     A     192.0.2.25
two      60 A  192.0.2.1
two      90 A  192.0.2.2
www      TXT   "beside a service"
alias    CNAME mail
a.b.c    A     192.0.2.3
*.wild   A     192.0.2.4
*.wild   TXT   "wild"
x.wild   TXT   "stands in the way"
y.ent.wild A   192.0.2.5
*.alias-wild CNAME mail
under.*.star A 192.0.2.6
tree     DNAME other.example.net.
tree     TXT   "beside a DNAME"
sub      NS    ns.sub
sub      NS    ns1
sub      NS    ns.example.net.
sub      DS    12345 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
ns.sub   A     192.0.2.7
deep.sub NS    ns.sub
unsigned NS    ns1
_sip._tcp SRV  1 2 5060 mail
_sip._tcp SRV  1 2 5061 ns.sub
)");
}

// RFC 1034 section 4.3.2 step 3a.
TEST(ZoneLookup, AnswersWithTheWholeRrset) {
  const auto zone = example();
  const Asked asked = ask(*zone, "two.example.org.", Rtype::A);
  EXPECT_EQ(asked.outcome, Outcome::answer);
  EXPECT_THAT(asked.lines, ElementsAre("A 60 192.0.2.1", "A 60 192.0.2.2"));
  EXPECT_FALSE(asked.answer.wildcard);
}

TEST(ZoneLookup, AnswersAtTheApex) {
  const auto zone = example();
  EXPECT_THAT(ask(*zone, "example.org.", Rtype::NS).lines, ElementsAre("NS 3600 ns1.example.org."));
  EXPECT_THAT(ask(*zone, "example.org.", Rtype::SOA).lines,
              ElementsAre("SOA 3600 ns1.example.org. hostmaster.example.org. 7 3600 600 604800 30"));
  EXPECT_EQ(zone->serial(), 7U);
  EXPECT_EQ(dns::to_string(zone->apex()), "example.org.");
  EXPECT_EQ(zone->apex_labels(), 2U);
}

TEST(ZoneLookup, TellsNodataFromNxdomain) {
  const auto zone = example();
  EXPECT_EQ(ask(*zone, "two.example.org.", Rtype::AAAA).outcome, Outcome::nodata);
  EXPECT_EQ(ask(*zone, "none.example.org.", Rtype::A).outcome, Outcome::nxdomain);
  EXPECT_EQ(ask(*zone, "none.two.example.org.", Rtype::A).outcome, Outcome::nxdomain);
}

// RFC 8020 and RFC 4592 section 2.2.2: a name with names below it exists.
TEST(ZoneLookup, KnowsEmptyNonTerminals) {
  const auto zone = example();
  EXPECT_EQ(ask(*zone, "b.c.example.org.", Rtype::A).outcome, Outcome::nodata);
  EXPECT_EQ(ask(*zone, "c.example.org.", Rtype::ANY).outcome, Outcome::nodata);
  EXPECT_EQ(ask(*zone, "d.c.example.org.", Rtype::A).outcome, Outcome::nxdomain);
}

TEST(ZoneLookup, LooksNoDeeperThanTheZoneIs) {
  const auto zone = example();
  std::string deep = "example.org.";
  for (int i = 0; i < 100; ++i) deep.insert(0, "a.");
  EXPECT_EQ(ask(*zone, deep, Rtype::A).outcome, Outcome::nxdomain);
}

// RFC 1034 section 4.3.2 step 3a: a CNAME is followed unless it is asked for.
TEST(ZoneLookup, SaysWhichCnameToFollow) {
  const auto zone = example();
  EXPECT_EQ(ask(*zone, "alias.example.org.", Rtype::A).outcome, Outcome::cname);
  EXPECT_THAT(ask(*zone, "alias.example.org.", Rtype::A).lines, ElementsAre("CNAME 300 mail.example.org."));
  EXPECT_EQ(ask(*zone, "alias.example.org.", Rtype::CNAME).outcome, Outcome::answer);
}

// RFC 8482 section 4.1.
TEST(ZoneLookup, AnswersAnyWithOneRrset) {
  const auto zone = example();
  EXPECT_THAT(ask(*zone, "two.example.org.", Rtype::ANY).lines, ElementsAre("A 60 192.0.2.1", "A 60 192.0.2.2"));
  EXPECT_EQ(ask(*zone, "alias.example.org.", Rtype::ANY).outcome, Outcome::answer);
  const Asked steered = ask(*zone, "www.example.org.", Rtype::ANY);
  EXPECT_EQ(steered.outcome, Outcome::service);
  EXPECT_EQ(steered.answer.type, static_cast<std::uint16_t>(Rtype::A));
  EXPECT_EQ(ask(*zone, "v6only.example.org.", Rtype::ANY).answer.type, static_cast<std::uint16_t>(Rtype::AAAA));
}

TEST(ZoneLookup, GivesAddressesOfASteeredNameToItsService) {
  const auto zone = example();
  const Asked a = ask(*zone, "www.example.org.", Rtype::A);
  EXPECT_EQ(a.outcome, Outcome::service);
  EXPECT_EQ(a.answer.service, 0U);
  EXPECT_EQ(a.answer.type, static_cast<std::uint16_t>(Rtype::A));
  EXPECT_EQ(ask(*zone, "www.example.org.", Rtype::AAAA).answer.type, static_cast<std::uint16_t>(Rtype::AAAA));
  EXPECT_EQ(ask(*zone, "v6only.example.org.", Rtype::AAAA).answer.service, 1U);
  EXPECT_EQ(ask(*zone, "v6only.example.org.", Rtype::A).outcome, Outcome::nodata);
}

TEST(ZoneLookup, GivesOtherTypesOfASteeredNameFromItsRecords) {
  const auto zone = example();
  EXPECT_THAT(ask(*zone, "www.example.org.", Rtype::TXT).lines, ElementsAre("TXT 300 \"beside a service\""));
  EXPECT_EQ(ask(*zone, "www.example.org.", Rtype::MX).outcome, Outcome::nodata);
}

// RFC 4592 section 2.2.1 and 3.3.1.
TEST(ZoneLookup, SynthesizesFromAWildcard) {
  const auto zone = example();
  for (const char* qname : {"a.wild.example.org.", "a.b.wild.example.org."}) {
    const Asked asked = ask(*zone, qname, Rtype::A);
    EXPECT_EQ(asked.outcome, Outcome::answer) << qname;
    EXPECT_TRUE(asked.answer.wildcard) << qname;
    EXPECT_EQ(asked.owner, qname);
    EXPECT_THAT(asked.lines, ElementsAre("A 300 192.0.2.4"));
  }
  EXPECT_EQ(ask(*zone, "a.wild.example.org.", Rtype::MX).outcome, Outcome::nodata);
  EXPECT_TRUE(ask(*zone, "a.wild.example.org.", Rtype::MX).answer.wildcard);
  EXPECT_EQ(ask(*zone, "a.alias-wild.example.org.", Rtype::A).outcome, Outcome::cname);
  EXPECT_TRUE(ask(*zone, "a.alias-wild.example.org.", Rtype::A).answer.wildcard);
}

// RFC 4592 section 2.2.1: what exists blocks the wildcard, data or none.
TEST(ZoneLookup, LetsExistingNamesBlockAWildcard) {
  const auto zone = example();
  EXPECT_EQ(ask(*zone, "x.wild.example.org.", Rtype::A).outcome, Outcome::nodata);
  EXPECT_EQ(ask(*zone, "below.x.wild.example.org.", Rtype::A).outcome, Outcome::nxdomain);
  EXPECT_EQ(ask(*zone, "ent.wild.example.org.", Rtype::A).outcome, Outcome::nodata);
  EXPECT_EQ(ask(*zone, "z.ent.wild.example.org.", Rtype::A).outcome, Outcome::nxdomain);
  EXPECT_EQ(ask(*zone, "wild.example.org.", Rtype::A).outcome, Outcome::nodata);
}

// RFC 4592 section 2.3: "*" in a query is a label like any other.
TEST(ZoneLookup, TakesAnAskedForAsteriskLiterally) {
  const auto zone = example();
  const Asked asked = ask(*zone, "*.wild.example.org.", Rtype::A);
  EXPECT_EQ(asked.outcome, Outcome::answer);
  EXPECT_FALSE(asked.answer.wildcard);
  EXPECT_EQ(ask(*zone, "a.*.wild.example.org.", Rtype::A).outcome, Outcome::nxdomain);
}

// RFC 4592 section 2.2.2: an empty non-terminal "*" is a source of synthesis without data.
TEST(ZoneLookup, SynthesizesNodataFromAnEmptyWildcard) {
  const auto zone = example();
  EXPECT_EQ(ask(*zone, "other.star.example.org.", Rtype::A).outcome, Outcome::nodata);
  EXPECT_EQ(ask(*zone, "under.other.star.example.org.", Rtype::A).outcome, Outcome::nodata);
}

TEST(ZoneLookup, SteersAWildcardService) {
  const auto zone = example();
  const Asked asked = ask(*zone, "shop.apps.example.org.", Rtype::A);
  EXPECT_EQ(asked.outcome, Outcome::service);
  EXPECT_EQ(asked.answer.service, 2U);
  EXPECT_TRUE(asked.answer.wildcard);
  EXPECT_EQ(ask(*zone, "shop.apps.example.org.", Rtype::AAAA).outcome, Outcome::nodata);
}

// RFC 6672 section 2.3 and 3.2: what is below is redirected, the owner itself is not.
TEST(ZoneLookup, RedirectsBelowADname) {
  const auto zone = example();
  const Asked asked = ask(*zone, "a.b.tree.example.org.", Rtype::A);
  EXPECT_EQ(asked.outcome, Outcome::dname);
  EXPECT_EQ(asked.owner, "tree.example.org.");
  EXPECT_THAT(asked.lines, ElementsAre("DNAME 300 other.example.net."));
  EXPECT_EQ(ask(*zone, "tree.example.org.", Rtype::A).outcome, Outcome::nodata);
  EXPECT_EQ(ask(*zone, "tree.example.org.", Rtype::TXT).outcome, Outcome::answer);
  EXPECT_EQ(ask(*zone, "tree.example.org.", Rtype::DNAME).outcome, Outcome::answer);
}

// RFC 1034 section 4.3.2 step 3b.
TEST(ZoneLookup, RefersToTheServersOfADelegatedZone) {
  const auto zone = example();
  for (const char* qname : {"sub.example.org.", "www.sub.example.org.", "ns.sub.example.org.", "deep.sub.example.org.",
                            "a.b.deep.sub.example.org."}) {
    for (const Rtype qtype : {Rtype::A, Rtype::NS, Rtype::ANY, Rtype::SOA}) {
      const Asked asked = ask(*zone, qname, qtype);
      EXPECT_EQ(asked.outcome, Outcome::referral) << qname;
      EXPECT_EQ(asked.owner, "sub.example.org.") << qname;
      EXPECT_THAT(asked.lines,
                  ElementsAre("NS 300 ns.sub.example.org.", "NS 300 ns.example.net.", "NS 300 ns1.example.org."));
    }
  }
}

// RFC 1034 section 4.3.2 step 6, RFC 9471: addresses of the servers that are in the zone.
TEST(ZoneLookup, AddsGlueToAReferral) {
  const auto zone = example();
  const Asked asked = ask(*zone, "www.sub.example.org.", Rtype::A);
  EXPECT_THAT(additionals(*zone, *asked.answer.rrset),
              ElementsAre("ns.sub.example.org. A 300 192.0.2.7", "ns1.example.org. A 300 192.0.2.53",
                          "ns1.example.org. AAAA 300 2001:db8::53"));
}

// RFC 3658 section 2.2.1.1: DS belongs to the parent's side.
TEST(ZoneLookup, AnswersDsAtACutItself) {
  const auto zone = example();
  EXPECT_EQ(ask(*zone, "sub.example.org.", Rtype::DS).outcome, Outcome::answer);
  EXPECT_EQ(ask(*zone, "unsigned.example.org.", Rtype::DS).outcome, Outcome::nodata);
  EXPECT_EQ(ask(*zone, "deep.sub.example.org.", Rtype::DS).outcome, Outcome::referral);
  EXPECT_EQ(ask(*zone, "example.org.", Rtype::DS).outcome, Outcome::nodata);
}

// RFC 1034 section 4.3.2 step 6; glue answers for nobody but its zone's referral.
TEST(ZoneLookup, AddsAddressesOfMxAndSrvTargets) {
  const auto zone = example();
  const Asked mx = ask(*zone, "example.org.", Rtype::MX);
  EXPECT_THAT(additionals(*zone, *mx.answer.rrset), ElementsAre("mail.example.org. A 300 192.0.2.25"));
  const Asked srv = ask(*zone, "_sip._tcp.example.org.", Rtype::SRV);
  EXPECT_THAT(additionals(*zone, *srv.answer.rrset), ElementsAre("mail.example.org. A 300 192.0.2.25"));
  const Asked ns = ask(*zone, "example.org.", Rtype::NS);
  EXPECT_THAT(additionals(*zone, *ns.answer.rrset),
              ElementsAre("ns1.example.org. A 300 192.0.2.53", "ns1.example.org. AAAA 300 2001:db8::53"));
  EXPECT_THAT(additionals(*zone, *ask(*zone, "example.org.", Rtype::TXT).answer.rrset), IsEmpty());
}

// RFC 2308 section 3.
TEST(ZoneLookup, GivesTheNegativeSoaTheShorterTtl) {
  const auto zone = example();
  EXPECT_EQ(zone->negative_soa().ttl, 30U);
  EXPECT_THAT(lines(*zone, zone->negative_soa()),
              ElementsAre("SOA 30 ns1.example.org. hostmaster.example.org. 7 3600 600 604800 30"));
  ZoneSpec spec = example_spec();
  spec.soa.ttl = 10;
  EXPECT_EQ(build(spec)->negative_soa().ttl, 10U);
}

TEST(ZoneLookup, ServesTheRootZone) {
  ZoneSpec spec;
  spec.apex.value = dns::Name();
  spec.ns.push_back({name("ns1.example.org."), {}});
  spec.records.push_back(record("org.", "NS", "ns1.example.org."));
  spec.records.push_back(record("ns1.example.org.", "A", "192.0.2.53"));
  const auto zone = build(spec);
  EXPECT_EQ(ask(*zone, ".", Rtype::NS).outcome, Outcome::answer);
  EXPECT_EQ(ask(*zone, "www.example.org.", Rtype::A).outcome, Outcome::referral);
  EXPECT_EQ(ask(*zone, "www.example.net.", Rtype::A).outcome, Outcome::nxdomain);
}

TEST(ZoneLookup, HoldsTheLongestNames) {
  const std::string label(63, 'a');
  const std::string longest = label + "." + label + "." + label + "." + std::string(49, 'b');
  ZoneSpec spec = example_spec();
  spec.records.push_back(record(longest, "A", "192.0.2.1"));
  const auto zone = build(spec);
  EXPECT_EQ(name(longest + ".example.org.").wire().size(), 255U);
  EXPECT_EQ(ask(*zone, longest + ".example.org.", Rtype::A).outcome, Outcome::answer);
}

std::shared_ptr<const Zone> empty_zone(std::string_view apex) {
  ZoneSpec spec;
  spec.apex.value = name(apex);
  spec.ns.push_back({name("ns1.example.net."), {}});
  return build(spec);
}

TEST(ZoneTable, FindsTheZoneWithTheLongestApex) {
  const ZoneTable table({empty_zone("example.org."), empty_zone("a.b.example.org."), empty_zone("example.net.")});
  const auto find = [&](std::string_view qname, Rtype qtype = Rtype::A) { return table.find(question(qname, qtype)); };
  EXPECT_EQ(find("www.example.org.").zone, 0U);
  EXPECT_EQ(find("www.example.org.").apex_label, 1U);
  EXPECT_EQ(find("b.example.org.").zone, 0U);
  EXPECT_EQ(find("a.b.example.org.").zone, 1U);
  EXPECT_EQ(find("x.y.a.b.example.org.").zone, 1U);
  EXPECT_EQ(find("x.y.a.b.example.org.").apex_label, 2U);
  EXPECT_EQ(find("example.net.").zone, 2U);
  EXPECT_EQ(find("org.").zone, ZoneTable::none);
  EXPECT_EQ(find(".").zone, ZoneTable::none);
  EXPECT_EQ(find("www.example.com.").zone, ZoneTable::none);
}

// RFC 4035 section 3.1.4.1.
TEST(ZoneTable, GivesADsQueryToTheParentIfItIsHere) {
  const ZoneTable table({empty_zone("example.org."), empty_zone("sub.example.org.")});
  EXPECT_EQ(table.find(question("sub.example.org.", Rtype::DS)).zone, 0U);
  EXPECT_EQ(table.find(question("example.org.", Rtype::DS)).zone, 0U);
  EXPECT_EQ(table.find(question("example.org.", Rtype::DS)).apex_label, 0U);
  EXPECT_EQ(table.find(question("www.sub.example.org.", Rtype::DS)).zone, 1U);
}

TEST(ZoneTable, FindsNothingWhenItIsEmpty) {
  EXPECT_EQ(ZoneTable().find(question("example.org.", Rtype::A)).zone, ZoneTable::none);
}

TEST(ZoneTable, FindsTheRootZone) {
  const ZoneTable table({empty_zone(".")});
  EXPECT_EQ(table.find(question("www.example.org.", Rtype::A)).zone, 0U);
  EXPECT_EQ(table.find(question("www.example.org.", Rtype::A)).apex_label, 3U);
}

}  // namespace
}  // namespace gslb::zones
