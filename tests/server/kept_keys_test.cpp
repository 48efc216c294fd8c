// The keys of one zone over time, with files, but without a network: the test moves the clock and says what others say.
#include "server/kept_keys.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

#include "dns/dnskey.hpp"
#include "server/key_orders.hpp"
#include "tests/support/signed_server.hpp"

namespace gslb::server {
namespace {

using namespace std::chrono_literals;
using control::KeyOrder;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const dns::Name apex = *dns::Name::parse("example.org.");
const base::SocketAddress other = *base::parse_socket_address("192.0.2.2:53");
const base::SocketAddress parent_a = *base::parse_socket_address("192.0.2.51:53");
const base::SocketAddress parent_b = *base::parse_socket_address("192.0.2.52:53");

class KeysOverTime : public ::testing::Test {
 protected:
  KeysOverTime() {
    zone.apex = apex;
    zone.dnssec.keys.value = folder;
    zone.dnssec.dnskey_ttl = 1h;
    zone.dnssec.propagation = 5min;
    zone.dnssec.ds_ttl = 24h;
    zone.longest_ttl = 1h;
    start();
  }
  ~KeysOverTime() override { std::filesystem::remove_all(folder); }

  /// As after a restart: what is not in the files is forgotten.
  void start() {
    base::ErrorList errors;
    zones::ZoneSpec spec;
    spec.apex.value = apex;
    spec.dnssec = zone.dnssec;
    zone.keys = load_zone_keys(spec, now, errors);
    ASSERT_TRUE(errors.empty());
    keys.emplace(zone);
  }
  /// Steps, and has workers serve what comes of it.
  void run() {
    keys->run(now);
    keys->set_live(keys->wanted());
    keys->run(now);
  }
  void pass(std::chrono::seconds time) {
    now += time;
    run();
  }
  control::KeyOutcome order(KeyOrder::Verb verb, unsigned tag = 0, std::vector<std::string> paths = {},
                            bool zsk = false) {
    auto outcome = carry_out({verb, "example.org.", zsk, tag, std::move(paths)}, *keys, now);
    run();
    return outcome;
  }

  std::vector<unsigned> tags() const {
    std::vector<unsigned> out;
    for (const auto& file : keys->files()) out.push_back(file.key->tag());
    return out;
  }
  unsigned signer() const { return keys->live() ? keys->live()->zone_signers.at(0)->tag() : 0; }
  const dns::KeyTimes& times(unsigned tag) const { return keys->find(tag)->times; }

  static Answered record(dns::Rtype type, std::span<const std::uint8_t> rdata, std::uint32_t ttl = 3600) {
    return {static_cast<std::uint16_t>(type), ttl, {rdata.begin(), rdata.end()}};
  }
  /// What the other name server says if it publishes these keys and signs with one of them.
  void other_says(const std::vector<unsigned>& publishes, unsigned signs_with) {
    std::vector<Answered> dnskey;
    for (const unsigned tag : publishes) dnskey.push_back(record(dns::Rtype::DNSKEY, keys->find(tag)->key->dnskey()));
    std::vector<std::uint8_t> rrsig(100);
    rrsig[16] = static_cast<std::uint8_t>(signs_with >> 8);
    rrsig[17] = static_cast<std::uint8_t>(signs_with);
    keys->sightings().saw_server(other, dnskey, {record(dns::Rtype::RRSIG, rrsig)});
    run();
  }
  void parent_says(const base::SocketAddress& server, const std::vector<unsigned>& with_ds) {
    std::vector<Answered> ds;
    for (const unsigned tag : with_ds)
      ds.push_back(record(dns::Rtype::DS,
                          dns::ds_rdata(apex.wire(), keys->find(tag)->key->dnskey(), dns::DigestType::sha256), 86400));
    keys->sightings().saw_parent(server, ds);
    run();
  }
  /// A zone with one key whose DS is at the parent since long ago. -> its tag
  unsigned settled() {
    run();
    const unsigned tag = tags().at(0);
    pass(3h);
    EXPECT_TRUE(order(KeyOrder::Verb::ds_seen).ok);
    pass(48h);
    return tag;
  }

  const std::string folder =
      (std::filesystem::temp_directory_path() / ("gslb-kept-" + std::to_string(::getpid()))).string();
  dns::UnixTime now{1'790'000'000s};
  SignedZone zone;
  std::optional<KeptKeys> keys;
};

TEST_F(KeysOverTime, TheMakersFirstKeySignsAtOnceAndIsOfMode600) {
  run();
  ASSERT_THAT(tags(), SizeIs(1));
  EXPECT_EQ(signer(), tags()[0]);
  EXPECT_EQ(keys->view().keys[0].role, "CSK");
  EXPECT_EQ(std::filesystem::status(keys->view().keys[0].file + ".private").permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

// RFC 7344 section 4, RFC 6781 section 4.1.4: not before caches have what belongs to the DS.
TEST_F(KeysOverTime, TheFirstDsIsToldOnceNobodyRemembersTheZoneUnsigned) {
  run();
  EXPECT_THAT(keys->live()->cds, IsEmpty());
  EXPECT_FALSE(keys->view().keys[0].ds_wanted);
  EXPECT_FALSE(order(KeyOrder::Verb::ds_seen).ok);
  pass(1h + 5min);
  EXPECT_THAT(keys->live()->cds, SizeIs(1));
  EXPECT_TRUE(keys->view().keys[0].ds_wanted);
  EXPECT_TRUE(order(KeyOrder::Verb::ds_seen).ok);
  EXPECT_THAT(keys->live()->cds, IsEmpty()) << "nothing more is asked of the parent";
  EXPECT_TRUE(keys->view().keys[0].ds_wanted) << "but it should stay there";
}

TEST_F(KeysOverTime, NoKeyIsMadeBeforeEverybodyWasAsked) {
  zone.dnssec.parent = {{parent_a, {}}};
  start();
  run();
  EXPECT_THAT(tags(), IsEmpty());
  keys->sightings().saw_nothing(parent_a);
  run();
  EXPECT_THAT(tags(), SizeIs(1));
}

TEST_F(KeysOverTime, NoKeyIsMadeWhereTheParentHasADsForAnother) {
  zone.dnssec.parent = {{parent_a, {}}};
  start();
  keys->sightings().saw_parent(parent_a, {record(dns::Rtype::DS, std::array<std::uint8_t, 36>{0, 1, 13, 2})});
  run();
  EXPECT_THAT(tags(), IsEmpty());
  EXPECT_EQ(keys->wanted(), nullptr);
  EXPECT_THAT(keys->warnings(), Contains(HasSubstr("import the key")));
  EXPECT_FALSE(order(KeyOrder::Verb::generate).ok) << "not even on demand";
  EXPECT_THAT(tags(), IsEmpty());
}

// RFC 7583 section 3.3.1 (Double-KSK), of a CSK beside 3.2.1.
TEST_F(KeysOverTime, ARolloverWaitsForEveryParentServerThenForItsTtl) {
  zone.dnssec.parent = {{parent_a, {}}, {parent_b, {}}};
  start();
  for (const auto& server : {parent_a, parent_b}) keys->sightings().saw_parent(server, {});
  const unsigned old = settled();
  for (const auto& server : {parent_a, parent_b}) parent_says(server, {old});
  ASSERT_TRUE(order(KeyOrder::Verb::generate).ok);
  ASSERT_THAT(tags(), SizeIs(2));
  const unsigned next = tags()[0] == old ? tags()[1] : tags()[0];
  EXPECT_THAT(keys->live()->key_signers, SizeIs(2)) << "both sign the keys";
  EXPECT_EQ(signer(), old);
  EXPECT_FALSE(order(KeyOrder::Verb::generate).ok) << "one at a time";
  pass(1h + 5min);
  EXPECT_EQ(signer(), next) << "caches have it";
  EXPECT_THAT(keys->live()->cds, SizeIs(1));
  pass(30 * 24h);
  EXPECT_THAT(tags(), SizeIs(2)) << "the parent has not acted";
  parent_says(parent_a, {next});
  EXPECT_FALSE(times(old).remove);
  EXPECT_THAT(keys->view().keys[0].waits + keys->view().keys[1].waits, HasSubstr("seen at 1 of 2 parent servers"));
  start();  // nothing of the rollover is lost
  run();
  EXPECT_FALSE(times(old).remove);
  parent_says(parent_a, {next});
  parent_says(parent_b, {next});
  ASSERT_TRUE(times(old).remove);
  EXPECT_EQ(*times(old).remove, now + 24h + 5min) << "until no cache has the old DS";
  EXPECT_THAT(keys->live()->dnskeys, SizeIs(2));
  pass(24h + 5min);
  EXPECT_THAT(keys->live()->dnskeys, SizeIs(1));
  EXPECT_EQ(signer(), next);
  pass(31 * 24h);
  EXPECT_THAT(tags(), ElementsAre(next)) << "the old one's files are gone";
}

TEST_F(KeysOverTime, AnOperatorsWordStandsForTheParents) {
  const unsigned old = settled();
  ASSERT_TRUE(order(KeyOrder::Verb::generate).ok);
  pass(2h);
  EXPECT_TRUE(order(KeyOrder::Verb::ds_seen).ok);
  EXPECT_EQ(*times(old).remove, now + 24h + 5min);
}

// RFC 7583 section 3.2.1 (Pre-Publication).
TEST_F(KeysOverTime, AZskIsReplacedByItselfAtItsAgeAndNeverDoublesSignatures) {
  zone.dnssec.split = true;
  zone.dnssec.zsk_lifetime = 240h;
  start();
  run();
  ASSERT_THAT(tags(), SizeIs(2));
  const unsigned first = signer();
  EXPECT_FALSE(keys->find(first)->key->sep());
  pass(240h);
  ASSERT_THAT(tags(), SizeIs(3));
  EXPECT_EQ(signer(), first);
  pass(1h + 5min);
  EXPECT_NE(signer(), first);
  EXPECT_THAT(keys->live()->zone_signers, SizeIs(1));
  EXPECT_THAT(keys->live()->dnskeys, SizeIs(3)) << "until signatures of the first left all caches";
  pass(1h + 5min);
  EXPECT_THAT(keys->live()->dnskeys, SizeIs(2));
}

TEST_F(KeysOverTime, TheMakerDoesNotActivateAKeyThatAnotherNameServerDoesNotPublish) {
  zone.dnssec.servers = {{other, {}}};
  start();
  keys->sightings().saw_nothing(other);
  run();
  const unsigned old = tags().at(0);
  other_says({old}, old);
  pass(3h);
  ASSERT_TRUE(order(KeyOrder::Verb::ds_seen).ok);
  ASSERT_TRUE(order(KeyOrder::Verb::generate).ok);
  pass(24h * 30);
  EXPECT_EQ(signer(), old);
  const unsigned next = tags()[0] == old ? tags()[1] : tags()[0];
  EXPECT_FALSE(times(next).activate);
  EXPECT_THAT(keys->view().keys[0].waits + keys->view().keys[1].waits, HasSubstr("192.0.2.2:53"));
  other_says({old, next}, old);
  EXPECT_TRUE(times(next).activate);
  pass(1h + 5min);
  EXPECT_EQ(signer(), next);
}

TEST_F(KeysOverTime, AFollowerHoldsBackWhatAnotherNameServerDoesNotPublish) {
  dns::KeyTimes long_ago;
  long_ago.created = long_ago.publish = long_ago.activate = now - 240h;
  auto lately = long_ago;
  lately.publish = now - 3h;
  lately.activate = now - 1h;
  const auto old = test::fixed_key(1, true, dns::DnssecAlgorithm::ecdsap256sha256);
  const auto next = test::fixed_key(2, true, dns::DnssecAlgorithm::ecdsap256sha256);
  std::filesystem::create_directories(folder);
  ASSERT_TRUE(dns::write_key_file(folder, apex, {old, long_ago}));
  ASSERT_TRUE(dns::write_key_file(folder, apex, {next, lately}));
  zone.dnssec.maker = false;
  zone.dnssec.servers = {{other, {}}};
  start();
  run();
  other_says({old->tag()}, old->tag());
  EXPECT_EQ(signer(), old->tag());
  other_says({old->tag(), next->tag()}, old->tag());
  EXPECT_EQ(signer(), next->tag());
  EXPECT_FALSE(order(KeyOrder::Verb::generate).ok) << "another node makes keys";
}

TEST_F(KeysOverTime, AFollowerObeysNewTimesInTheFiles) {
  const auto key = test::fixed_key(1, true, dns::DnssecAlgorithm::ecdsap256sha256);
  const auto next = test::fixed_key(2, true, dns::DnssecAlgorithm::ecdsap256sha256);
  dns::KeyTimes times;
  times.created = times.publish = times.activate = now - 240h;
  std::filesystem::create_directories(folder);
  ASSERT_TRUE(dns::write_key_file(folder, apex, {key, times}));
  zone.dnssec.maker = false;
  start();
  run();
  times.publish = now;
  times.activate = now + 2h;
  ASSERT_TRUE(dns::write_key_file(folder, apex, {next, times}));
  run();
  EXPECT_THAT(keys->live()->dnskeys, SizeIs(2));
  EXPECT_EQ(signer(), key->tag());
  pass(2h);
  EXPECT_EQ(signer(), next->tag());
}

TEST_F(KeysOverTime, AKeyInUseOutlivesItsFiles) {
  const unsigned tag = settled();
  std::filesystem::remove_all(folder);
  run();
  EXPECT_EQ(signer(), tag);
  EXPECT_THAT(keys->warnings(), Contains(HasSubstr("are gone from " + folder)));
}

// RFC 8078 section 4, RFC 6781 section 4.3.4.
TEST_F(KeysOverTime, GoingInsecureFirstTakesTheDsThenTheKeys) {
  const unsigned tag = settled();
  EXPECT_FALSE(order(KeyOrder::Verb::ds_gone).ok) << "nobody wants the zone unsigned";
  zone.dnssec.unsign = true;
  keys->reconfigure(zone);
  run();
  EXPECT_THAT(keys->live()->cds, ElementsAre(std::vector<std::uint8_t>{0, 0, 0, 0, 0}));
  EXPECT_THAT(keys->live()->cdnskeys, ElementsAre(std::vector<std::uint8_t>{0, 0, 3, 0, 0}));
  pass(24h * 365);
  EXPECT_EQ(signer(), tag) << "until somebody says that the DS is gone";
  EXPECT_TRUE(order(KeyOrder::Verb::ds_gone).ok);
  pass(24h);
  EXPECT_EQ(signer(), tag);
  pass(5min);
  EXPECT_EQ(keys->live(), nullptr);
  start();
  run();
  EXPECT_EQ(keys->live(), nullptr);
}

TEST_F(KeysOverTime, AZoneGoesInsecureByItselfOnceNoParentServerHasADs) {
  zone.dnssec.parent = {{parent_a, {}}, {parent_b, {}}};
  start();
  for (const auto& server : {parent_a, parent_b}) keys->sightings().saw_parent(server, {});
  const unsigned tag = settled();
  for (const auto& server : {parent_a, parent_b}) parent_says(server, {tag});
  zone.dnssec.unsign = true;
  keys->reconfigure(zone);
  parent_says(parent_a, {});
  EXPECT_FALSE(times(tag).remove);
  EXPECT_FALSE(order(KeyOrder::Verb::ds_gone).ok);
  parent_says(parent_b, {});
  EXPECT_EQ(*times(tag).remove, now + 24h + 5min);
}

TEST_F(KeysOverTime, AnImportedKeyBesideAnotherIsItsSuccessor) {
  const unsigned old = settled();
  const std::string elsewhere = folder + "/elsewhere";
  std::filesystem::create_directories(elsewhere);
  const auto key = test::fixed_key(7, true, dns::DnssecAlgorithm::ecdsap256sha256);
  dns::KeyTimes active;
  active.created = active.publish = active.activate = now - 24h;
  ASSERT_TRUE(dns::write_key_file(elsewhere, apex, {key, active}));
  const std::string path = elsewhere + "/" + dns::key_file_stem(apex, key->algorithm(), key->tag());
  const auto outcome = order(KeyOrder::Verb::import, 0, {path + ".private"});
  EXPECT_TRUE(outcome.ok) << outcome.what;
  EXPECT_EQ(signer(), old) << "no cache has it yet";
  EXPECT_THAT(keys->live()->dnskeys, SizeIs(2));
  EXPECT_FALSE(order(KeyOrder::Verb::import, 0, {path}).ok) << "it is there already";
}

TEST_F(KeysOverTime, AnImportedFirstKeySignsAtOnce) {
  zone.dnssec.parent = {{parent_a, {}}};
  start();
  const std::string elsewhere = folder + "/elsewhere";
  std::filesystem::create_directories(elsewhere);
  const auto key = test::fixed_key(7, true, dns::DnssecAlgorithm::ecdsap256sha256);
  ASSERT_TRUE(dns::write_key_file(elsewhere, apex, {key, {}}));
  keys->sightings().saw_parent(
      parent_a, {record(dns::Rtype::DS, dns::ds_rdata(apex.wire(), key->dnskey(), dns::DigestType::sha256))});
  run();
  ASSERT_EQ(keys->live(), nullptr);
  const std::string path = elsewhere + "/" + dns::key_file_stem(apex, key->algorithm(), key->tag());
  EXPECT_TRUE(order(KeyOrder::Verb::import, 0, {path}).ok);
  EXPECT_EQ(signer(), key->tag());
  EXPECT_THAT(keys->warnings(), IsEmpty());
}

// A resolver that has the DNSKEY RRset of here must be able to check what the servers of before have signed.
TEST_F(KeysOverTime, AKskAndAZskThatAreImportedTogetherTakeOverTogether) {
  zone.dnssec.parent = {{parent_a, {}}};
  zone.dnssec.split = true;
  start();
  const std::string elsewhere = folder + "/elsewhere";
  std::filesystem::create_directories(elsewhere);
  std::vector<std::string> paths;
  dns::KeyTimes used;
  used.created = used.publish = used.activate = now - 240h;
  const auto ksk = test::fixed_key(7, true, dns::DnssecAlgorithm::ecdsap256sha256);
  const auto zsk = test::fixed_key(8, false, dns::DnssecAlgorithm::ecdsap256sha256);
  for (const auto& key : {ksk, zsk}) {
    ASSERT_TRUE(dns::write_key_file(elsewhere, apex, {key, used}));
    paths.push_back(elsewhere + "/" + dns::key_file_stem(apex, key->algorithm(), key->tag()) + ".key");
  }
  keys->sightings().saw_parent(
      parent_a, {record(dns::Rtype::DS, dns::ds_rdata(apex.wire(), ksk->dnskey(), dns::DigestType::sha256))});
  run();
  EXPECT_FALSE(order(KeyOrder::Verb::import, 0, {paths[0], paths[0]}).ok) << "twice";
  EXPECT_FALSE(order(KeyOrder::Verb::import, 0, {paths[0], elsewhere + "/nothing"}).ok);
  ASSERT_EQ(keys->live(), nullptr) << "all or none";
  const auto outcome = order(KeyOrder::Verb::import, 0, paths);
  EXPECT_EQ(outcome.what,
            "imported key " + std::to_string(ksk->tag()) + ", a KSK; key " + std::to_string(zsk->tag()) + ", a ZSK");
  EXPECT_THAT(tags(), testing::UnorderedElementsAre(ksk->tag(), zsk->tag())) << "none is made beside them";
  EXPECT_EQ(signer(), zsk->tag());
  ASSERT_THAT(keys->live()->key_signers, SizeIs(1));
  EXPECT_EQ(keys->live()->key_signers[0]->tag(), ksk->tag());
}

TEST_F(KeysOverTime, RetiringAKeyInUseReplacesIt) {
  const unsigned tag = settled();
  const auto outcome = order(KeyOrder::Verb::retire, tag);
  EXPECT_TRUE(outcome.ok) << outcome.what;
  ASSERT_THAT(tags(), SizeIs(2));
  const unsigned next = tags()[0] == tag ? tags()[1] : tags()[0];
  EXPECT_TRUE(order(KeyOrder::Verb::retire, next).ok) << "nothing relies on the new one yet";
  EXPECT_THAT(keys->live()->dnskeys, SizeIs(1));
  EXPECT_FALSE(order(KeyOrder::Verb::retire, 65535).ok);
}

TEST_F(KeysOverTime, AnotherServersKeysThatAreNotHereAreAWarning) {
  zone.dnssec.servers = {{other, {}}};
  start();
  keys->sightings().saw_server(other, {record(dns::Rtype::DNSKEY, std::array<std::uint8_t, 68>{1, 1, 3, 13})}, {});
  run();
  EXPECT_THAT(tags(), IsEmpty()) << "a first key would break what the other serves";
  EXPECT_THAT(keys->warnings(), Contains(HasSubstr("192.0.2.2:53 publishes one that is not here")));
}

TEST_F(KeysOverTime, AFollowerTakesTheMakersTimesIntoItsFiles) {
  const unsigned tag = settled();
  std::vector<dns::KeyRecord> shared = keys->records("fra-1");
  ASSERT_THAT(shared, SizeIs(1));
  EXPECT_EQ(shared[0].tag, tag);
  zone.dnssec.maker = false;
  start();
  run();
  EXPECT_FALSE(keys->take(shared, "iad-1", now)) << "nothing is new";
  shared[0].times.inactive = now + 1h;
  EXPECT_TRUE(keys->take(shared, "iad-1", now));
  EXPECT_EQ(times(tag).inactive, now + 1h);
  start();
  EXPECT_TRUE(keys->files().empty());
  run();
  EXPECT_EQ(times(tag).inactive, now + 1h) << "it is in the file";
}

TEST_F(KeysOverTime, AFollowerMissesAKeyOfTheMakersUntilItHasLeft) {
  settled();
  zone.dnssec.maker = false;
  start();
  run();
  dns::KeyRecord foreign{13, 1, "fra-1", {}};
  EXPECT_FALSE(keys->take({foreign}, "iad-1", now));
  EXPECT_THAT(keys->warnings(), Contains(HasSubstr("the files of key 1 of fra-1 are not in " + folder)));
  foreign.times.remove = now;
  EXPECT_FALSE(keys->take({foreign}, "iad-1", now));
  EXPECT_THAT(keys->warnings(), IsEmpty());
}

TEST_F(KeysOverTime, AMakerObeysNoOtherAndNamesIt) {
  const unsigned tag = settled();
  std::vector<dns::KeyRecord> shared = keys->records("fra-1");
  shared[0].times.remove = now;
  EXPECT_FALSE(keys->take(shared, "fra-1", now));
  EXPECT_FALSE(times(tag).remove);
  shared[0].by = "iad-1";
  EXPECT_FALSE(keys->take(shared, "fra-1", now));
  EXPECT_FALSE(times(tag).remove);
  EXPECT_THAT(keys->warnings(), Contains(HasSubstr("iad-1 makes keys of this zone, too")));
}

TEST_F(KeysOverTime, AMakerThatKnowsNoOtherServerSaysSo) {
  zone.name_servers = 2;
  start();
  run();
  EXPECT_THAT(keys->warnings(), ElementsAre(HasSubstr("list their addresses in dnssec.servers")));
}

}  // namespace
}  // namespace gslb::server
