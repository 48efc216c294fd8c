// RFC 8555 section 8.4: the TXT records in which a CA looks for its challenge, in zones with and without signatures.
#include "engine/challenges.hpp"

#include "engine/signing.hpp"
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
using testing::UnorderedElementsAre;

constexpr unsigned type_rrsig = 46, type_nsec = 47;

constexpr const char* zone = R"(
control: { socket: none }
listen: 127.0.0.1:5300
geo: { location: [] }
sites: { fra: { at: [50.11, 8.68] } }
monitors: { web: { http: /healthz } }
defaults: { monitor: none }
zones:
  example.org:
    ttl: 300s
    soa: { serial: 7 }
    ns: [ns1.example.net.]
    services:
      www: { endpoints: { fra: 192.0.2.10 } }
      "*.shop": { endpoints: { fra: 192.0.2.11 } }
      elsewhere: { endpoints: { fra: 192.0.2.12 } }
      moved: { endpoints: { fra: 192.0.2.13 } }
    records:
      "*": { TXT: [any] }
      _acme-challenge.elsewhere: { CNAME: elsewhere.acme.example.net. }
      moved: { DNAME: other.example.org. }
  static.example.org:
    ns: [ns1.example.net.]
    records: { www: { A: [192.0.2.20] } }
)";

std::string signed_zone() {
  const std::string anchor = "    ttl: 300s\n";
  std::string yaml = zone;
  yaml.insert(yaml.find(anchor), "    dnssec: on\n");
  return yaml;
}

engine::Challenge challenge(const std::string& name, const std::string& value) {
  return {*dns::Name::parse(name), value, 0};
}

void set(TestServer& server, zones::SignatureStore& store, const std::vector<engine::Challenge>& challenges) {
  server.change([&](engine::Snapshot& next) {
    const auto done = engine::set_challenges(next, challenges, store, {signing_time, false});
    ASSERT_TRUE(done) << done.error().what;
  });
}

std::vector<std::string> answer(TestServer& server, const std::string& name, unsigned type = type_txt) {
  return server.ask(name, type).answer();
}

TEST(Rfc8555Section8_4, ThereIsAPlaceForChallengesAtEveryServiceAndTheApex) {
  TestServer server(zone);
  for (const char* name :
       {"_acme-challenge.www.example.org.", "_acme-challenge.shop.example.org.", "_acme-challenge.example.org."})
    EXPECT_THAT(answer(server, name), ElementsAre(std::string(name) + " 1 TXT \"no challenge is set\""));
}

TEST(Rfc8555Section8_4, AZoneWithoutServicesIsWhatItsRecordsSay) {
  TestServer server(zone);
  EXPECT_EQ(server.ask("_acme-challenge.static.example.org.", type_txt).rcode(), 3U);
}

TEST(Rfc8555Section8_4, RecordsOfTheOperatorStay) {
  TestServer server(zone);
  EXPECT_THAT(answer(server, "_acme-challenge.elsewhere.example.org."),
              ElementsAre(HasSubstr("CNAME elsewhere.acme.example.net.")));
  EXPECT_THAT(answer(server, "_acme-challenge.moved.example.org."), Contains(HasSubstr(" DNAME other.example.org.")));
  const auto& snapshot = *server.generation().snapshot;
  for (const char* name : {"_acme-challenge.elsewhere.example.org", "_acme-challenge.moved.example.org",
                           "_acme-challenge.nothing.example.org", "www.example.org", "_acme-challenge.example.net"})
    EXPECT_EQ(engine::challenge_zone(snapshot, *dns::Name::parse(name)), std::nullopt) << name;
  EXPECT_EQ(engine::challenge_zone(snapshot, *dns::Name::parse("_acme-challenge.www.example.org")), 0U);
}

TEST(Rfc8555Section8_4, SeveralValuesAreAnsweredAtOnce) {
  TestServer server(zone);
  zones::SignatureStore store;
  set(server, store,
      {challenge("_acme-challenge.example.org", "base"), challenge("_acme-challenge.example.org", "star"),
       challenge("_acme-challenge.example.org", "base")});
  EXPECT_THAT(answer(server, "_acme-challenge.example.org."),
              UnorderedElementsAre("_acme-challenge.example.org. 1 TXT \"base\"",
                                   "_acme-challenge.example.org. 1 TXT \"star\""));
  EXPECT_THAT(answer(server, "_ACME-challenge.Example.org."), testing::SizeIs(2));
  EXPECT_THAT(answer(server, "_acme-challenge.www.example.org."), ElementsAre(HasSubstr("no challenge is set")));
  set(server, store, {challenge("_acme-challenge.example.org", "star")});
  EXPECT_THAT(answer(server, "_acme-challenge.example.org."), ElementsAre(HasSubstr("\"star\"")));
  set(server, store, {});
  EXPECT_THAT(answer(server, "_acme-challenge.example.org."), ElementsAre(HasSubstr("no challenge is set")));
}

TEST(Rfc8555Section8_4, OnlyTheZoneThatChangesGetsANewPart) {
  TestServer server(zone);
  zones::SignatureStore store;
  set(server, store, {challenge("_acme-challenge.example.org", "one")});
  const auto before = server.generation().snapshot;
  server.change([&](engine::Snapshot& next) {
    const std::vector same{challenge("_acme-challenge.example.org", "one")};
    const auto done = engine::set_challenges(next, same, store, {signing_time, false});
    ASSERT_TRUE(done);
    EXPECT_FALSE(*done);
  });
  EXPECT_EQ(server.generation().snapshot->challenges, before->challenges);
  EXPECT_EQ(server.generation().snapshot->zones.all(), before->zones.all());
}

TEST(Rfc8555Section8_4, MoreValuesThanADatagramHoldsComeOverTcp) {
  TestServer server(zone);
  zones::SignatureStore store;
  std::vector<engine::Challenge> many;
  for (char c = 'a'; c < 'a' + 16; ++c) many.push_back(challenge("_acme-challenge.example.org", std::string(255, c)));
  set(server, store, many);
  Ask ask;
  ask.name = "_acme-challenge.example.org.";
  ask.type = type_txt;
  EXPECT_TRUE(server.ask(ask).truncated());
  ask.transport = engine::Transport::stream;
  EXPECT_THAT(server.ask(ask).answer(), testing::SizeIs(16));
}

// RFC 4034 section 4.1.2: the NSEC says TXT, and there is one, set or not.
TEST(Rfc8555Section8_4, SettingAChallengeChangesNoProof) {
  SignedServer server("example.org.", signed_zone());
  const auto proofs = [&] {
    std::vector<std::vector<std::string>> out;
    for (const char* name : {"_acme-challenge.www.example.org.", "www.example.org.", "example.org."})
      out.push_back(server.ask(name, type_nsec).answer());
    out.push_back(server.ask("nothing.example.org.", type_a).authority());
    return out;
  };
  const auto before = proofs();
  EXPECT_THAT(before[0], Contains(HasSubstr("TXT RRSIG NSEC")));
  set(server.server(), server.store(), {challenge("_acme-challenge.www.example.org", "digest")});
  EXPECT_EQ(proofs(), before);
}

TEST(Rfc8555Section8_4, EveryAnswerAtTheNameValidatesSetOrNot) {
  SignedServer server("example.org.", signed_zone());
  for (const bool is_set : {false, true}) {
    if (is_set)
      set(server.server(), server.store(),
          {challenge("_acme-challenge.www.example.org", "one"), challenge("_acme-challenge.www.example.org", "two")});
    for (const char* name :
         {"_acme-challenge.www.example.org.", "_acme-challenge.example.org.", "_acme-challenge.shop.example.org.",
          "below._acme-challenge.www.example.org.", "_acme-challenge.elsewhere.example.org."})
      for (const unsigned type : {type_txt, type_a, type_any, type_nsec, type_rrsig, type_cname})
        EXPECT_EQ(server.why_bogus(name, type), "") << name << " " << type << " " << is_set;
  }
  EXPECT_THAT(server.ask("_acme-challenge.www.example.org.", type_txt).answer(),
              Contains(StartsWith("_acme-challenge.www.example.org. 1 RRSIG TXT ")));
}

TEST(Rfc8555Section8_4, WithoutDoThereIsNoSignature) {
  SignedServer server("example.org.", signed_zone());
  set(server.server(), server.store(), {challenge("_acme-challenge.www.example.org", "one")});
  EXPECT_THAT(answer(server.server(), "_acme-challenge.www.example.org."), ElementsAre(HasSubstr("\"one\"")));
}

TEST(Rfc8555Section8_4, OneSignatureIsMadeForASetAndNoneForQueriesAndForTheSameSetAgain) {
  SignedServer server("example.org.", signed_zone());
  const auto before = server.store().made();
  const std::vector one{challenge("_acme-challenge.www.example.org", "one")};
  set(server.server(), server.store(), one);
  EXPECT_EQ(server.store().made(), before + 1);
  for (int i = 0; i < 100; ++i) server.ask("_acme-challenge.www.example.org.", type_txt);
  set(server.server(), server.store(), {});
  set(server.server(), server.store(), one);
  EXPECT_EQ(server.store().made(), before + 1);
}

TEST(Rfc8555Section8_4, ChallengesFollowTheZonesKeys) {
  SignedServer server("example.org.", signed_zone());
  set(server.server(), server.store(), {challenge("_acme-challenge.www.example.org", "one")});
  const auto next_keys = ksk_and_zsk();
  server.server().change([&](engine::Snapshot& next) {
    ASSERT_TRUE(engine::sign(next, 0, next_keys, server.store(), {signing_time, false}));
  });
  const Validator validator("example.org.", next_keys->dnskeys, signing_time);
  const Reply reply = server.ask("_acme-challenge.www.example.org.", type_txt);
  EXPECT_EQ(validator.why_bogus(reply, "_acme-challenge.www.example.org.", type_txt), "");
  EXPECT_THAT(reply.answer(), Contains(HasSubstr("\"one\"")));
  server.server().change([&](engine::Snapshot& next) {
    ASSERT_TRUE(engine::sign(next, 0, nullptr, server.store(), {signing_time, false}));
  });
  EXPECT_THAT(server.ask("_acme-challenge.www.example.org.", type_txt).answer(), ElementsAre(HasSubstr("\"one\"")));
}

TEST(Rfc8555Section8_4, SignaturesOfChallengesAreRenewedWithTheZones) {
  SignedServer server("example.org.", signed_zone());
  set(server.server(), server.store(), {challenge("_acme-challenge.www.example.org", "one")});
  constexpr std::int64_t later = signing_time + 10 * 86400;
  server.server().change([&](engine::Snapshot& next) {
    const engine::Renewal renewal = engine::renew(next, server.store(), {later, false});
    EXPECT_TRUE(renewal.renewed);
  });
  const Validator validator("example.org.", csk()->dnskeys, signing_time + 15 * 86400);  // the first ones have ended
  const Reply reply = server.ask("_acme-challenge.www.example.org.", type_txt);
  EXPECT_EQ(validator.why_bogus(reply, "_acme-challenge.www.example.org.", type_txt), "");
}

TEST(Rfc8555Section8_4, AConfigurationLoadedAnewKeepsWhatIsSet) {
  const std::vector<engine::Challenge> kept{challenge("_acme-challenge.www.example.org", "one"),
                                            challenge("_acme-challenge.gone.example.org", "two")};
  engine::CompileOptions options;
  options.challenges = kept;
  TestServer server(zone, options);
  EXPECT_THAT(answer(server, "_acme-challenge.www.example.org."), ElementsAre(HasSubstr("\"one\"")));
  EXPECT_THAT(answer(server, "_acme-challenge.gone.example.org."), ElementsAre(HasSubstr("\"any\"")));
}

}  // namespace
}  // namespace gslb::test
