// RFC 4034, 4035 and 6840 as a validating resolver sees them: every answer of a signed zone, and every denial, verified
// by ldns. RFC 9077 for the TTL of NSEC.
#include "base/random.hpp"
#include "tests/conformance/zone_fixture.hpp"
#include "tests/support/signed_server.hpp"

namespace gslb::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr unsigned type_rrsig = 46, type_nsec = 47, type_dnskey = 48, type_cds = 59, type_cdnskey = 60;

std::string signed_sample() {
  const std::string anchor = "    ttl: 300s\n";
  std::string yaml = sample_zone;
  yaml.insert(yaml.find(anchor), "    dnssec: on\n");
  return yaml;
}

SignedServer& server() {
  static SignedServer instance("example.org.", signed_sample());
  return instance;
}

const std::vector<unsigned>& all_types() {
  static const std::vector<unsigned> types{type_a,    type_ns,      type_cname, type_soa,   type_mx,   type_txt,
                                           type_aaaa, type_ds,      type_any,   type_rrsig, type_nsec, type_dnskey,
                                           type_cds,  type_cdnskey, type_https, 65280};
  return types;
}

TEST(Rfc4035Section3_1, EveryAnswerAndDenialOfTheSampleZoneValidates) {
  for (const char* name : {"example.org.",
                           "www.example.org.",
                           "half.example.org.",
                           "whole.example.org.",
                           "failing.example.org.",
                           "secure.example.org.",
                           "hosted.example.org.",
                           "below.hosted.example.org.",
                           "mail.example.org.",
                           "alias.example.org.",
                           "static-alias.example.org.",
                           "second-alias.example.org.",
                           "out.example.org.",
                           "loop1.example.org.",
                           "deep.empty.below.example.org.",
                           "empty.below.example.org.",
                           "below.example.org.",
                           "x.wild.example.org.",
                           "x.y.wild.example.org.",
                           "known.wild.example.org.",
                           "x.known.wild.example.org.",
                           "wild.example.org.",
                           "*.wild.example.org.",
                           "a.alias-wild.example.org.",
                           "moved.example.org.",
                           "host.moved.example.org.",
                           "nothing.moved.example.org.",
                           "host.new.example.org.",
                           "child.example.org.",
                           "x.child.example.org.",
                           "ns.child.example.org.",
                           "bare.example.org.",
                           "x.bare.example.org.",
                           "nothing.example.org.",
                           "a.b.c.example.org.",
                           "!.example.org.",
                           "zzz.example.org.",
                           "~.example.org.",
                           "www.www.example.org.",
                           "big.example.org.",
                           "WWW.eXample.org."}) {
    for (const unsigned type : all_types()) EXPECT_EQ(server().why_bogus(name, type), "") << name << " " << type;
  }
}

TEST(Rfc4035Section3_1, AWholeZoneOfEd25519KeysValidatesToo) {
  SignedServer other("example.org.", signed_sample(), ksk_and_zsk(dns::DnssecAlgorithm::ed25519));
  for (const char* name : {"example.org.", "www.example.org.", "nothing.example.org.", "x.wild.example.org."})
    for (const unsigned type : all_types()) EXPECT_EQ(other.why_bogus(name, type), "") << name << " " << type;
}

// The validator must be able to fail, or the tests above say nothing.
TEST(Rfc4035Section3_1, TheValidatorSeesAChangedOctetAndAMissingProof) {
  const Reply good = server().ask("mail.example.org.", type_a);
  ASSERT_EQ(server().validator().why_bogus(good, "mail.example.org.", type_a), "");
  auto octets = good.octets();
  constexpr std::array<std::uint8_t, 4> wanted{192, 0, 2, 25};
  const auto address = std::search(octets.begin(), octets.end(), wanted.begin(), wanted.end());
  ASSERT_NE(address, octets.end());
  *address = 193;
  EXPECT_THAT(server().validator().why_bogus(Reply(octets), "mail.example.org.", type_a), HasSubstr("mail"));
  const Reply denial = server().ask("nothing.example.org.", type_a);
  EXPECT_THAT(server().validator().why_bogus(denial, "zebra.example.org.", type_a), HasSubstr("not covered"));
  EXPECT_THAT(server().validator().why_bogus(denial, "mail.example.org.", type_a), HasSubstr("denial"));
}

TEST(Rfc4035Section3_1, WithoutDoNoSignatureAndNoProofGoesOut) {
  for (const char* name : {"www.example.org.", "nothing.example.org.", "x.wild.example.org.", "child.example.org."}) {
    const Reply reply = server().server().ask(name, type_a);
    for (const auto& section : {reply.answer(), reply.authority(), reply.additional()}) {
      EXPECT_THAT(section, Not(Contains(HasSubstr(" RRSIG ")))) << name;
      EXPECT_THAT(section, Not(Contains(HasSubstr(" NSEC ")))) << name;
    }
  }
}

// RFC 4034 section 4.1.2 and RFC 4035 section 2.3: what exists by configuration, whatever its health.
TEST(Rfc4034Section4_1_2, TheBitmapListsSteeredAndStaticTypes) {
  EXPECT_THAT(server().ask("www.example.org.", type_nsec).answer(),
              Contains(StartsWith("www.example.org. 30 NSEC _acme-challenge.www.example.org. A TXT RRSIG NSEC")));
  EXPECT_THAT(server().ask("half.example.org.", type_nsec).answer(), Contains(HasSubstr(" A AAAA RRSIG NSEC")));
  EXPECT_THAT(server().ask("secure.example.org.", type_nsec).answer(), Contains(HasSubstr(" A AAAA RRSIG NSEC HTTPS")));
  EXPECT_THAT(server().ask("example.org.", type_nsec).answer(),
              Contains(HasSubstr(" NS SOA MX TXT RRSIG NSEC DNSKEY")));
}

TEST(Rfc4035Section2_3, ADelegationHasOnlyTheParentsTypesInItsBitmap) {
  const Reply reply = server().ask("child.example.org.", type_ds);
  EXPECT_THAT(reply.answer(), Contains(HasSubstr(" DS 12345 13 2 ")));
  const Reply bare = server().ask("x.bare.example.org.", type_a);
  EXPECT_THAT(bare.authority(), Contains(HasSubstr(" NS RRSIG NSEC")));
}

TEST(Rfc9077Section3, NsecHasTheTtlOfTheNegativeAnswer) {
  const Reply reply = server().ask("nothing.example.org.", type_a);
  for (const std::string& line : reply.authority()) EXPECT_THAT(line, HasSubstr(".org. 30 ")) << line;
}

TEST(Rfc4035Section3_1_1, AnRrsetWithoutRoomForItsSignatureIsLeftOutAndTcSaysSo) {
  for (unsigned payload = 512; payload < 1232; payload += 40) {
    for (const char* name : {"big.example.org.", "www.example.org.", "example.org.", "nothing.example.org."}) {
      for (const unsigned type : {type_txt, type_a, type_mx, type_dnskey}) {
        const Reply reply = server().ask(name, type, payload);
        EXPECT_LE(reply.size(), payload);
        const std::string wrong = reply.truncated() ? "" : server().validator().why_bogus(reply, name, type);
        EXPECT_EQ(wrong, "") << name << type;
      }
    }
  }
}

TEST(Rfc4035Section3_1_3_2, OneNsecDoesForNameAndWildcardIfItCoversBoth) {
  const Reply reply = server().ask("!.example.org.", type_a);
  // SOA, NSEC, and a signature on each.
  EXPECT_EQ(reply.authority().size(), 4U);
  EXPECT_EQ(server().ask("nothing.example.org.", type_a).authority().size(), 6U);
  EXPECT_EQ(server().validator().why_bogus(reply, "!.example.org.", type_a), "");
}

TEST(Rfc8482Section4_1, AnyGivesOneRrsetWithItsSignatureAndRrsigGivesSignatures) {
  EXPECT_EQ(server().ask("example.org.", type_any).answer().size(), 3U);  // two NS
  EXPECT_THAT(server().ask("mail.example.org.", type_rrsig).answer(), ElementsAre(HasSubstr(" RRSIG NSEC 13 ")));
}

TEST(Rfc4035Section3_1_4, ADelegationInASignedZoneShowsDsOrProvesThereIsNone) {
  const Reply secure = server().ask("x.child.example.org.", type_a);
  EXPECT_THAT(secure.authority(), Contains(HasSubstr(" DS 12345 ")));
  EXPECT_FALSE(secure.authoritative());
  EXPECT_THAT(secure.additional(), Contains("ns.child.example.org. 300 A 192.0.2.99"));
  EXPECT_THAT(secure.additional(), Not(Contains(HasSubstr("RRSIG"))));
}

// RFC 4035 section 3.1.1: signatures of additional addresses go along where there is room.
TEST(Rfc4035Section3_1_1, AdditionalAddressesAreSigned) {
  EXPECT_THAT(server().ask("example.org.", type_mx).additional(), Contains(HasSubstr(" RRSIG A 13 3 300 ")));
}

TEST(Rfc4034Section3_1_8_1, ALoweredTtlReusesTheSignatureAndShowsOnIt) {
  TestServer& server_now = server().server();
  for (auto& state : server_now.states()) {
    state.in_motion = true;
    state.until_change = std::chrono::seconds(7);
  }
  server_now.publish();
  const Reply reply = server().ask("www.example.org.", type_a);
  EXPECT_THAT(reply.answer(), Contains(HasSubstr("www.example.org. 7 RRSIG A 13 3 30 ")));
  EXPECT_EQ(server().validator().why_bogus(reply, "www.example.org.", type_a), "");
  for (auto& state : server_now.states()) state.in_motion = false;
  server_now.publish();
}

TEST(SignedAnswers, EveryMixOfHealthValidatesWithoutASingleNewSignature) {
  const auto made = server().store().made();
  EXPECT_GT(made, 0U);
  TestServer& server_now = server().server();
  const std::size_t targets = server_now.states().size();
  for (unsigned mix = 0; mix < 1U << targets; ++mix) {
    for (std::size_t i = 0; i < targets; ++i)
      server_now.states()[i].verdict = (mix >> i & 1) != 0 ? health::Verdict::up : health::Verdict::down;
    server_now.publish();
    for (const char* name : {"www.example.org.", "half.example.org.", "whole.example.org.", "failing.example.org.",
                             "secure.example.org.", "alias.example.org."})
      for (const unsigned type : {type_a, type_aaaa, type_https})
        EXPECT_EQ(server().why_bogus(name, type), "") << name << mix;
  }
  for (auto& state : server_now.states()) state.verdict = health::Verdict::up;
  server_now.publish();
  EXPECT_EQ(server().store().made(), made);
}

TEST(SignedAnswers, AFloodOfRandomNamesCostsNoSignature) {
  const auto made = server().store().made();
  base::Random random(7);
  for (unsigned i = 0; i < 5000; ++i) {
    const std::string name = std::to_string(random.next()) + ".example.org.";
    const Reply reply = server().ask(name, type_a);
    EXPECT_EQ(reply.rcode(), 3U);
    const std::string wrong = i % 50 == 0 ? server().validator().why_bogus(reply, name, type_a) : "";
    EXPECT_EQ(wrong, "") << name;
  }
  EXPECT_EQ(server().store().made(), made);
}

/// A zone of random shape: few labels, so that names, wildcards, empty non-terminals and delegations meet.
std::string random_zone(std::uint64_t seed) {
  base::Random random(seed);
  static const std::vector<std::string> labels{"a", "b", "*", "z", "-", "aa"};
  std::string records;
  std::vector<std::string> seen;
  for (unsigned i = 0; i < 12; ++i) {
    std::string name;
    const unsigned depth = 1 + random.below(3);
    for (unsigned label = 0; label < depth; ++label) {
      const std::string& text = labels[random.below(static_cast<std::uint32_t>(labels.size()))];
      name = name.empty() ? text : text + "." + name;
    }
    if (std::ranges::find(seen, name) != seen.end()) continue;
    seen.push_back(name);
    std::string data = "A: [192.0.2." + std::to_string(i + 1) + "]";
    switch (random.below(6)) {
      case 0:
        data = "CNAME: " + labels[random.below(2)] + ".b";
        break;
      case 1:
        if (name[0] != '*') data = "NS: [ns.example.net.]";
        break;
      case 2:
        data += ", TXT: [text], MX: [\"10 a\"]";
        break;
      default:
        break;
    }
    records += "      \"" + name + "\": { " + data + " }\n";
  }
  return "control: { socket: none }\nlisten: 127.0.0.1:5300\nzones:\n  example.org:\n    ns: [ns.example.net.]\n    "
         "dnssec: on\n"
         "    soa: { serial: 1 }\n    records:\n" +
         records;
}

TEST(SignedAnswers, EveryQuestionToRandomZonesValidates) {
  const std::vector<std::string> labels{"a", "b", "*", "z", "-", "aa", "0", "m"};
  std::size_t denied = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const std::string yaml = random_zone(seed);
    SignedServer zone("example.org.", yaml);
    std::vector<std::string> names{"example.org."};
    for (std::size_t from = 0, depth = 0; depth < 3; ++depth) {
      const std::size_t end = names.size();
      for (; from < end; ++from)
        for (const auto& label : labels) names.push_back(label + "." + names[from]);
    }
    base::Random random(seed);
    for (const std::string& name : names) {
      if (name.size() > 18 && random.below(4) != 0) continue;
      for (const unsigned type : {type_a, type_ds, type_txt}) {
        const Reply reply = zone.ask(name, type);
        denied += reply.rcode() == 3 ? 1 : 0;
        ASSERT_EQ(zone.validator().why_bogus(reply, name, type), "") << name << " " << type << "\n" << yaml;
      }
    }
  }
  EXPECT_GT(denied, 1000U);
}

}  // namespace
}  // namespace gslb::test
