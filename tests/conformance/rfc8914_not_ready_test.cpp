// RFC 8914 section 4.15: a zone that is to be signed is not answered before it has a key, since others may know it
// signed: an unsigned answer would be bogus.
#include "engine/export.hpp"
#include "engine/signing.hpp"
#include "tests/conformance/zone_fixture.hpp"
#include "tests/support/signed_server.hpp"

namespace gslb::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr unsigned servfail = 2, not_ready = 14;

constexpr const char* two_zones = R"(
control: { socket: none }
state: /nonexistent
sites: { fra: { at: [50.11, 8.68] } }
zones:
  example.org:
    ns: [ns.example.net.]
    dnssec: on
    services: { www: { monitor: none, endpoints: { fra: 192.0.2.10 } } }
    records: { mail: { A: [192.0.2.25] } }
  example.net:
    ns: [ns]
    records: { ns: { A: [192.0.2.1] }, alias: { CNAME: mail.example.org. } }
)";

std::string unsigning() {
  std::string yaml = two_zones;
  return yaml.replace(yaml.find("dnssec: on"), 10, "dnssec: { unsign: true }");
}

class NotReady : public testing::Test {
 protected:
  engine::CompileOptions options(zones::ZoneKeysPtr keys = nullptr, engine::SnapshotPtr before = nullptr) {
    engine::CompileOptions out;
    out.store = &store;
    out.clock = {signing_time};
    out.keys_of = [keys = std::move(keys)](const zones::ZoneSpec&, base::ErrorList&) { return keys; };
    out.before = std::move(before);
    return out;
  }
  static Reply ask(TestServer& server, const char* name, unsigned type, bool dnssec_ok) {
    Ask what;
    what.name = name;
    what.type = type;
    what.dnssec_ok = dnssec_ok;
    return server.ask(what);
  }
  static engine::SnapshotPtr served_by(const TestServer& server) { return server.generation().snapshot; }

  zones::SignatureStore store;
};

constexpr const char* names[] = {"example.org.", "www.example.org.", "mail.example.org.", "nothing.example.org."};

TEST_F(NotReady, NothingOfTheZoneIsAnsweredBeforeItsFirstKeyAndEverythingSignedAfter) {
  TestServer server(two_zones, options());
  for (const char* name : names) {
    for (const unsigned type : {type_a, type_soa, type_ns, type_any, type_txt}) {
      for (const bool dnssec_ok : {false, true}) {
        const Reply reply = ask(server, name, type, dnssec_ok);
        EXPECT_EQ(reply.rcode(), servfail) << name << " " << type;
        EXPECT_EQ(reply.extended_error(), not_ready);
        EXPECT_FALSE(reply.authoritative());
        EXPECT_THAT(reply.answer(), IsEmpty());
        EXPECT_THAT(reply.authority(), IsEmpty());
      }
    }
  }
  server.change(
      [this](engine::Snapshot& next) { ASSERT_TRUE(engine::sign(next, 0, csk(), store, {signing_time}).has_value()); });
  Validator validator("example.org.", csk()->dnskeys, signing_time);
  for (const char* name : names) EXPECT_EQ(validator.why_bogus(ask(server, name, type_a, true), name, type_a), "");
}

TEST_F(NotReady, OtherZonesAreAnsweredAndAChainEndsWhereItLeadsThere) {
  TestServer server(two_zones, options());
  const Reply reply = ask(server, "alias.example.net.", type_a, false);
  EXPECT_EQ(reply.rcode(), 0U);
  EXPECT_TRUE(reply.authoritative());
  EXPECT_THAT(reply.answer(), testing::ElementsAre(HasSubstr("CNAME mail.example.org.")));
  EXPECT_THAT(ask(server, "ns.example.net.", type_a, false).answer(), SizeIs(1));
}

TEST_F(NotReady, AZoneThatIsGoingOrHasGoneUnsignedNeedsNoKey) {
  TestServer server(unsigning(), options());
  EXPECT_THAT(ask(server, "mail.example.org.", type_a, true).answer(), SizeIs(1));
  TestServer is_signed(unsigning(), options(csk()));
  is_signed.change([this](engine::Snapshot& next) {
    ASSERT_TRUE(engine::sign(next, 0, nullptr, store, {signing_time}).has_value());
  });
  EXPECT_THAT(ask(is_signed, "mail.example.org.", type_a, true).answer(), SizeIs(1));
}

// Reloads: whoever knows the zone unsigned is answered until the first key is there; nobody else is.
TEST_F(NotReady, AZoneThatWasAnsweredUnsignedStaysSoUntilItHasAKey) {
  TestServer before(unsigning(), options());
  TestServer after(two_zones, options(nullptr, served_by(before)));
  EXPECT_THAT(ask(after, "mail.example.org.", type_a, true).answer(), SizeIs(1));
  TestServer again(two_zones, options(nullptr, served_by(after)));
  EXPECT_THAT(ask(again, "mail.example.org.", type_a, true).answer(), SizeIs(1));
}

TEST_F(NotReady, AZoneThatWasSignedOrNotAnsweredOrNotThereIsNotAnsweredUnsigned) {
  TestServer was_signed(two_zones, options(csk())), waited(two_zones, options());
  TestServer other(
      "control: { socket: none }\nzones: { example.com: { ns: [ns], records: { ns: { A: [192.0.2.1] } } } }\n");
  for (TestServer* before : {&was_signed, &waited, &other}) {
    TestServer after(two_zones, options(nullptr, served_by(*before)));
    EXPECT_EQ(ask(after, "mail.example.org.", type_a, true).extended_error(), not_ready);
  }
}

TEST_F(NotReady, AnExportIsRefused) {
  TestServer server(two_zones, options());
  const auto text = engine::export_zone(server.generation(), {"example.org", {}, {signing_time}}, store);
  ASSERT_FALSE(text.has_value());
  EXPECT_THAT(text.error().what, HasSubstr("has no key yet"));
  EXPECT_TRUE(engine::export_zone(server.generation(), {"example.net", {}, {signing_time}}, store).has_value());
}

}  // namespace
}  // namespace gslb::test
