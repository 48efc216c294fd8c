// A signed zone over time: kept signatures are used again, due ones are renewed, a wrong clock changes nothing.
#include "engine/signing.hpp"
#include "policy/set_ranks.hpp"
#include "tests/conformance/zone_fixture.hpp"
#include "tests/support/signed_server.hpp"

namespace gslb::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

constexpr std::int64_t day = 86400;

std::string signed_sample() {
  const std::string anchor = "    ttl: 300s\n";
  std::string yaml = sample_zone;
  yaml.insert(yaml.find(anchor), "    dnssec: on\n");
  return yaml;
}

TEST(SigningAgain, ARestartWithTheKeptFileSignsNothing) {
  SignedServer first("example.org.", signed_sample());
  EXPECT_GT(first.store().made(), 50U);
  zones::SignatureStore kept;
  ASSERT_TRUE(kept.restore(first.store().octets()).has_value());
  engine::Snapshot snapshot = *first.server().generation().snapshot;
  ASSERT_TRUE(engine::sign(snapshot, 0, csk(), kept, {signing_time + 60}).has_value());
  EXPECT_EQ(kept.made(), 0U);
}

// A node that stood by for three months is of use at once, though all that it kept has ended.
TEST(SigningAgain, AStartAfterALongAbsenceSignsEverythingAnew) {
  SignedServer first("example.org.", signed_sample());
  zones::SignatureStore kept;
  ASSERT_TRUE(kept.restore(first.store().octets()).has_value());
  const std::int64_t now = signing_time + 90 * day;
  engine::Snapshot snapshot = *first.server().generation().snapshot;
  ASSERT_TRUE(engine::sign(snapshot, 0, csk(), kept, {now}).has_value());
  EXPECT_EQ(kept.made(), first.store().made());
  EXPECT_GT(snapshot.signatures[0]->first_expiration(), now + 10 * day);
  EXPECT_THAT(engine::renew(snapshot, kept, {now}).warnings, IsEmpty());
  EXPECT_EQ(kept.size(), kept.made()) << "what has ended is forgotten";
}

TEST(SigningAgain, OtherKeysSignEverythingAndTheOldOnesAreKeptForAWhile) {
  SignedServer server("example.org.", signed_sample());
  const auto made = server.store().made();
  engine::Snapshot snapshot = *server.server().generation().snapshot;
  ASSERT_TRUE(engine::sign(snapshot, 0, ksk_and_zsk(), server.store(), {signing_time + 60}).has_value());
  EXPECT_GT(server.store().made(), made + made / 2);
  const auto both = server.store().made();
  ASSERT_TRUE(engine::sign(snapshot, 0, csk(), server.store(), {signing_time + 120}).has_value());
  EXPECT_EQ(server.store().made(), both);
}

TEST(SigningAgain, NoKeysServeTheZoneUnsigned) {
  SignedServer server("example.org.", signed_sample());
  engine::Snapshot snapshot = *server.server().generation().snapshot;
  ASSERT_TRUE(engine::sign(snapshot, 0, nullptr, server.store(), {signing_time}).has_value());
  EXPECT_EQ(snapshot.signatures[0], nullptr);
  EXPECT_EQ(engine::renew(snapshot, server.store(), {signing_time}).next, 3600U);
}

// Two months of renewals at the times that renew() asks for: at no time is a signature over, and each batch is small.
TEST(SigningAgain, EverySignatureIsRenewedLongBeforeItEnds) {
  SignedServer server("example.org.", signed_sample());
  const auto at_once = server.store().made();
  engine::Snapshot snapshot = *server.server().generation().snapshot;
  std::int64_t now = signing_time;
  std::uint64_t largest = 0;
  while (now < signing_time + 60 * day) {
    const auto before = server.store().made();
    const engine::Renewal renewal = engine::renew(snapshot, server.store(), {now});
    EXPECT_THAT(renewal.warnings, IsEmpty());
    EXPECT_FALSE(renewal.held);
    EXPECT_EQ(renewal.renewed, server.store().made() != before);
    largest = std::max(largest, server.store().made() - before);
    EXPECT_GT(std::int64_t{snapshot.signatures[0]->first_expiration()}, now + 4 * day);
    ASSERT_GT(renewal.next, 0U);
    now += renewal.next;
  }
  EXPECT_GT(server.store().made(), 4 * at_once);
  EXPECT_LT(largest, at_once / 2);
  EXPECT_EQ(server.store().size(), at_once);
}

TEST(SigningAgain, AClockFarFromWhatIsKeptRenewsNothingAndSaysSo) {
  SignedServer server("example.org.", signed_sample());
  engine::Snapshot snapshot = *server.server().generation().snapshot;
  const auto made = server.store().made();
  const auto signatures = snapshot.signatures[0];
  for (const zones::ClockReading wrong : {zones::ClockReading{signing_time + 365 * day},
                                          {signing_time - 30 * day},
                                          {0},
                                          {signing_time + 2 * day, true},
                                          {signing_time + 15 * day, true}}) {
    const engine::Renewal renewal = engine::renew(snapshot, server.store(), wrong);
    EXPECT_FALSE(renewal.renewed);
    EXPECT_TRUE(renewal.held);
    EXPECT_THAT(renewal.warnings, Contains(HasSubstr("existing signatures are kept")));
    EXPECT_EQ(renewal.next, 60U);
  }
  EXPECT_EQ(server.store().made(), made);
  EXPECT_EQ(server.store().size(), made);
  EXPECT_EQ(snapshot.signatures[0], signatures);
  EXPECT_THAT(engine::renew(snapshot, server.store(), {signing_time + 60}).warnings, IsEmpty());
}

TEST(SigningAgain, AJumpIsBelievedBeforeASignatureEndsByIt) {
  SignedServer server("example.org.", signed_sample());
  engine::Snapshot snapshot = *server.server().generation().snapshot;
  const std::int64_t end = snapshot.signatures[0]->first_expiration();
  EXPECT_TRUE(engine::renew(snapshot, server.store(), {end - 3 * day, true}).held);
  const engine::Renewal renewal = engine::renew(snapshot, server.store(), {end - 2 * day, true});
  EXPECT_TRUE(renewal.renewed);
  EXPECT_FALSE(renewal.held);
  EXPECT_THAT(renewal.warnings, IsEmpty());
}

TEST(SigningAgain, AnImpossibleClockAndNothingKeptLeavesTheZoneAsItIs) {
  SignedServer server("example.org.", signed_sample());
  engine::Snapshot snapshot = *server.server().generation().snapshot;
  const auto signatures = snapshot.signatures[0];
  zones::SignatureStore lost;
  const engine::Renewal renewal = engine::renew(snapshot, lost, {0});
  EXPECT_THAT(renewal.warnings, ElementsAre(HasSubstr("the clock says 1970-01-01")));
  EXPECT_EQ(renewal.next, 60U);
  EXPECT_FALSE(engine::sign(snapshot, 0, ksk_and_zsk(), lost, {0}).has_value());
  EXPECT_EQ(snapshot.signatures[0], signatures);
}

/// Two zones, each with a service.
std::string two_zones() {
  std::string yaml = "control: { socket: none }\nlisten: 127.0.0.1:5300\nsites: { fra: {} }\nzones:\n";
  for (const char* apex : {"example.org", "example.net"})
    yaml += std::string("  ") + apex +
            ":\n    ns: [ns1.example.com.]\n    soa: { serial: 1 }\n    dnssec: on\n"
            "    services: { www: { monitor: none, policy: [take: 1], endpoints: { fra: 192.0.2.10 } } }\n";
  return yaml;
}

/// Makes a zone one that cannot be signed: its service could be answered in more ways than there may be signatures.
void break_zone(engine::Snapshot& snapshot, std::size_t zone) {
  policy::Service& service = snapshot.services[snapshot.first_service[zone]].service;
  service.endpoints.resize(policy::SetRanks::limit + 1, service.endpoints[0]);
}

TEST(SigningAlarms, EachZoneThatCannotBeRenewedIsNamedFirstTheReasonThenWhenASignatureEnds) {
  SignedServer server("example.org.", two_zones());
  engine::Snapshot snapshot = *server.server().generation().snapshot;
  break_zone(snapshot, 0);
  break_zone(snapshot, 1);
  const std::int64_t end =
      std::min(snapshot.signatures[0]->first_expiration(), snapshot.signatures[1]->first_expiration());
  const auto failing = engine::renew(snapshot, server.store(), {end - 4 * day});
  EXPECT_THAT(failing.warnings, UnorderedElementsAre(HasSubstr("example.org. cannot be signed: "),
                                                     HasSubstr("example.net. cannot be signed: ")));
  EXPECT_FALSE(failing.renewed);
  EXPECT_EQ(failing.next, 60U) << "tries again soon, and not all the time";

  for (std::size_t zone = 0; zone < 2; ++zone) {
    const std::string name = zone == 0 ? "example.org." : "example.net.";
    const std::int64_t ends = snapshot.signatures[zone]->first_expiration();
    const auto warned = [&](std::int64_t now) { return engine::renew(snapshot, server.store(), {now}).warnings; };
    EXPECT_THAT(warned(ends - 3 * day), Not(Contains(HasSubstr("a signature in " + name))));
    EXPECT_THAT(warned(ends - 3 * day + 1), Contains("a signature in " + name + " ends within 72 hours"));
    EXPECT_THAT(warned(ends - 3599), Contains("a signature in " + name + " ends within the hour"));
    EXPECT_THAT(warned(ends), Contains("a signature in " + name + " has ended"));
  }
}

TEST(SigningAlarms, AZoneThatCannotBeSignedKeepsNoOtherFromBeingRenewed) {
  SignedServer server("example.org.", two_zones());
  engine::Snapshot snapshot = *server.server().generation().snapshot;
  break_zone(snapshot, 0);
  const auto before = snapshot.signatures;
  const std::int64_t now = signing_time + 10 * day;
  const auto renewal = engine::renew(snapshot, server.store(), {now});
  EXPECT_THAT(renewal.warnings, Contains(HasSubstr("example.org. cannot be signed: ")));
  EXPECT_THAT(renewal.warnings, Not(Contains(HasSubstr("example.net."))));
  EXPECT_TRUE(renewal.renewed);
  EXPECT_EQ(snapshot.signatures[0], before[0]);
  EXPECT_GT(snapshot.signatures[1]->first_expiration(), before[1]->first_expiration());
}

TEST(SigningAlarms, AClockThatIsWrongForAllZonesIsSaidOnce) {
  SignedServer server("example.org.", two_zones());
  engine::Snapshot snapshot = *server.server().generation().snapshot;
  EXPECT_THAT(engine::renew(snapshot, server.store(), {0}).warnings, ElementsAre(HasSubstr("the clock says")));
}

}  // namespace
}  // namespace gslb::test
