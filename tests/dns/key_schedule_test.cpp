#include "dns/key_schedule.hpp"

#include <gmock/gmock.h>

#include "tests/dns/key_world.hpp"

namespace gslb::dns {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::KeySet;
using testing::Node;
using ::testing::SizeIs;
using testing::Tags;
using testing::Truth;
using testing::World;
using namespace std::chrono_literals;
using std::chrono::days;

KeyPolicy policy(bool split = false) {
  KeyPolicy out;
  const Truth truth;
  out.split = split;
  out.dnskey_ttl = truth.dnskey_ttl;
  out.zone_ttl = truth.zone_ttl;
  out.ds_ttl = truth.ds_ttl;
  out.propagation = 5min;
  out.ksk_lifetime = days(60);
  out.zsk_lifetime = days(25);
  return out;
}

constexpr std::uint64_t seeds = 12;

// The heart: RFC 6781 section 4.1 and RFC 7583 section 3 as one property.
TEST(KeyWorld, EverythingThatCanMeetInACacheValidatesThroughRolloversOfACsk) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    World world(seed, {}, policy(), seed % 3, 1 + seed % 3);
    world.run(days(400));
    EXPECT_EQ(world.verdict(), "") << "seed " << seed;
    EXPECT_GE(world.rolls(), 4U) << "seed " << seed << ": nothing was rolled";
  }
}

TEST(KeyWorld, EverythingThatCanMeetInACacheValidatesThroughRolloversOfKskAndZsk) {
  for (std::uint64_t seed = 101; seed <= 100 + seeds; ++seed) {
    World world(seed, {}, policy(true), seed % 3, 1 + seed % 3);
    world.run(days(300));
    EXPECT_EQ(world.verdict(), "") << "seed " << seed;
    EXPECT_GE(world.rolls(), 7U) << "seed " << seed;
  }
}

TEST(KeyWorld, AChangeOfStyleBreaksNothing) {
  for (std::uint64_t seed = 201; seed <= 200 + seeds; ++seed) {
    World world(seed, {}, policy(), 1, 2);
    world.run(days(40));
    world.maker().policy.split = true;
    world.run(days(60));
    EXPECT_THAT(world.maker().dnskey.now().publish, SizeIs(::testing::Ge(2U)));
    world.maker().policy.split = false;
    world.run(days(60));
    EXPECT_EQ(world.verdict(), "") << "seed " << seed;
  }
}

// RFC 8078 section 4: the DS goes first, everything else after.
TEST(KeyWorld, GoingInsecureAndBackBreaksNothing) {
  for (std::uint64_t seed = 301; seed <= 300 + seeds; ++seed) {
    World world(seed, {}, policy(seed % 2 == 0), 1, 2);
    world.run(days(40));
    EXPECT_FALSE(world.parents()[0].now().empty());
    world.unsign(true);
    world.run(days(30));
    EXPECT_EQ(world.maker().dnskey.now(), KeySet{}) << "seed " << seed << ": still signed";
    EXPECT_THAT(world.parents()[0].now(), IsEmpty());
    world.unsign(false);
    world.run(days(40));
    EXPECT_FALSE(world.parents()[0].now().empty()) << "seed " << seed << ": not signed again";
    EXPECT_EQ(world.verdict(), "") << "seed " << seed;
  }
}

TEST(KeyWorld, AChangeOfMindOnTheWayOutBreaksNothing) {
  for (std::uint64_t seed = 401; seed <= 400 + seeds; ++seed) {
    World world(seed, {}, policy(), 1, 2);
    world.run(days(40));
    world.unsign(true);
    world.run(12h * static_cast<int>(seed % 12));
    world.unsign(false);
    world.run(days(60));
    EXPECT_EQ(world.verdict(), "") << "seed " << seed;
    EXPECT_FALSE(world.parents()[0].now().empty()) << "seed " << seed;
  }
}

TEST(KeyWorld, RolloversThatPeopleStartAtAnyTimeBreakNothing) {
  for (std::uint64_t seed = 501; seed <= 500 + seeds; ++seed) {
    World world(seed, {}, policy(true), 1, 2);
    for (int i = 0; i < 5; ++i) {
      world.run(days(3 + static_cast<int>(seed) % 7 * i));
      if (world.maker().dnskey.now().publish.size() < most_keys) world.roll(i % 2 == 0);
    }
    world.run(days(60));
    EXPECT_EQ(world.verdict(), "") << "seed " << seed;
  }
}

/// How many worlds break when the nodes believe something that is not so.
template <class Change>
std::size_t broken(Change change) {
  std::size_t count = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    Truth truth;
    KeyPolicy believed = policy();
    change(truth, believed);
    World world(seed, truth, believed, 1, 2);
    world.run(days(300));
    count += world.verdict().empty() ? 0 : 1;
  }
  return count;
}

// The judge is no rubber stamp: each wait that is too short is found.
TEST(KeyWorld, EachWaitThatIsTooShortIsFound) {
  EXPECT_EQ(broken([](Truth&, KeyPolicy&) {}), 0U);
  EXPECT_GT(broken([](Truth& truth, KeyPolicy&) { truth.dnskey_ttl = 72h; }), seeds / 2) << "TTLkey";
  EXPECT_GT(broken([](Truth& truth, KeyPolicy&) { truth.zone_ttl = 120h; }), seeds / 2) << "TTLsig";
  EXPECT_GT(broken([](Truth& truth, KeyPolicy& p) {
              truth.ds_ttl = 96h;
              p.ds_ttl = 1h;
            }),
            seeds / 2)
      << "TTLds";
}

TEST(KeyWorld, AFollowerThatNobodyWatchesIsFound) {
  EXPECT_GT(broken([](Truth& truth, KeyPolicy&) {
              truth.followers_are_listed = false;
              truth.longest_copy = days(15);
            }),
            seeds / 2);
}

// -- single steps

const UnixTime start{days(20'000)};

Observations alone(Tags publishes, Tags signs_with) {
  Observations seen;
  seen.servers.push_back({"self", true, std::move(publishes), std::move(signs_with), false});
  return seen;
}

ScheduledKey csk(std::uint16_t tag, UnixTime publish) {
  ScheduledKey key{tag, DnssecAlgorithm::ecdsap256sha256, true, times_of_new_key(publish, true)};
  return key;
}

TEST(KeySchedule, MakesTheFirstKeyAndUsesItAtOnce) {
  const KeyStep first = step(start, policy(), {}, alone({}, {}));
  EXPECT_EQ(first.make, KeyStep::Make::sep);
  EXPECT_EQ(first.zone_signer, std::nullopt);
  ScheduledKey key = csk(1, start);
  key.times = first.make_times;
  const KeyStep second = step(start, policy(), {key}, alone({}, {}));
  EXPECT_EQ(second.make, KeyStep::Make::nothing);
  EXPECT_THAT(second.publish, ElementsAre(1));
  EXPECT_THAT(second.key_signers, ElementsAre(1));
  EXPECT_EQ(second.zone_signer, 1);
  EXPECT_EQ(second.cds, std::nullopt) << "nobody asks for a DS before caches have forgotten the unsigned zone";
}

TEST(KeySchedule, MakesNoKeyWhereAnotherServerSignsWithOneThatIsNotHere) {
  Observations seen = alone({}, {});
  seen.servers.push_back({"192.0.2.2:53", true, {}, {}, true});
  const KeyStep outcome = step(start, policy(), {}, seen);
  EXPECT_EQ(outcome.make, KeyStep::Make::nothing);
  EXPECT_THAT(outcome.warnings, ElementsAre(HasSubstr("192.0.2.2:53 publishes one that is not here")));
}

TEST(KeySchedule, MakesNoKeyWhereTheParentHasADsAlready) {
  Observations seen = alone({}, {});
  seen.parents.push_back({"192.0.2.53:53", true, {}, true, 1h});
  const KeyStep outcome = step(start, policy(), {}, seen);
  EXPECT_EQ(outcome.make, KeyStep::Make::nothing);
  EXPECT_THAT(outcome.warnings, ElementsAre(HasSubstr("has a DS for a key that is not here")));
}

TEST(KeySchedule, AFollowerChangesNothing) {
  KeyPolicy follower = policy();
  follower.maker = false;
  EXPECT_EQ(step(start, follower, {}, alone({}, {})).make, KeyStep::Make::nothing);
  const KeyStep outcome = step(start + days(300), follower, {csk(1, start)}, alone({1}, {1}));
  EXPECT_THAT(outcome.changed, IsEmpty());
  EXPECT_THAT(outcome.forget, IsEmpty());
  EXPECT_EQ(outcome.zone_signer, 1);
}

// DESIGN section 9: a node does not activate a key that another NS does not publish yet.
TEST(KeySchedule, ANodeDoesNotActivateAKeyThatAnotherDoesNotPublishYet) {
  KeyPolicy follower = policy();
  follower.maker = false;
  ScheduledKey old = csk(1, start);
  ScheduledKey fresh = csk(2, start + days(1));
  old.times.inactive = fresh.times.activate = start + days(2);
  Observations seen = alone({1, 2}, {1});
  seen.servers.push_back({"192.0.2.2:53", true, {1}, {1}, false});
  EXPECT_EQ(step(start + days(3), follower, {old, fresh}, seen).zone_signer, 1);
  EXPECT_THAT(step(start + days(3), follower, {old, fresh}, seen).status[1].waits,
              "held back: 192.0.2.2:53 does not publish it yet");
  seen.servers[1].publishes = {1, 2};
  EXPECT_EQ(step(start + days(3), follower, {old, fresh}, seen).zone_signer, 2);
}

TEST(KeySchedule, SaysHowManyParentServersAreMissing) {
  ScheduledKey key = csk(1, start);
  key.times.sync_publish = start + 3h;
  Observations seen = alone({1}, {1});
  seen.parents = {{"a", true, {1}, true, 1h}, {"b", true, {1}, true, 1h}, {"c", false, {}, false, 0s}};
  const KeyStep outcome = step(start + days(1), policy(), {key}, seen);
  EXPECT_EQ(outcome.cds, 1);
  EXPECT_TRUE(outcome.watch_parents);
  EXPECT_EQ(outcome.status[0].does, "signs everything");
  EXPECT_EQ(outcome.status[0].waits, "waits for the new DS at the parent: seen at 2 of 3 parent servers");
}

TEST(KeySchedule, WithoutParentAddressesAPersonSaysThatTheDsIsThere) {
  ScheduledKey key = csk(1, start);
  key.times.sync_publish = start + 3h;
  EXPECT_THAT(step(start + days(1), policy(), {key}, alone({1}, {1})).status[0].waits, HasSubstr("ds-seen"));
  key.times.ds_seen = start + days(1);
  const KeyStep outcome = step(start + days(1), policy(), {key}, alone({1}, {1}));
  EXPECT_EQ(outcome.status[0].waits, "");
  EXPECT_EQ(outcome.cds, std::nullopt) << "RFC 7344 section 4: nothing is wanted any more";
}

// RFC 7344 section 4, RFC 8078 section 4.
TEST(KeySchedule, AsksForNoDsAtAllOnTheWayToUnsigned) {
  KeyPolicy leaving = policy();
  leaving.unsign = true;
  ScheduledKey key = csk(1, start);
  key.times.sync_publish = start + 3h;
  key.times.ds_seen = start + days(1);
  Observations seen = alone({1}, {1});
  seen.parents = {{"a", true, {1}, true, 1h}};
  KeyStep outcome = step(start + days(9), leaving, {key}, seen);
  EXPECT_TRUE(outcome.cds_delete);
  EXPECT_EQ(outcome.zone_signer, 1);
  EXPECT_THAT(outcome.status[0].waits, HasSubstr("gone at 0 of 1 parent servers"));
  seen.parents = {{"a", true, {}, false, 0s}};
  outcome = step(start + days(9), leaving, {key}, seen);
  ASSERT_THAT(outcome.changed, SizeIs(1));
  EXPECT_EQ(outcome.changed[0].times.remove, start + days(9) + 24h + 5min);
  EXPECT_EQ(step(start + days(11), leaving, outcome.changed, seen).zone_signer, std::nullopt);
}

TEST(KeySchedule, KeepsTheAlgorithmOfAZoneThatHasKeys) {
  KeyPolicy other = policy();
  other.algorithm = DnssecAlgorithm::ed25519;
  const KeyStep outcome = step(start + 1h, other, {csk(1, start)}, alone({1}, {1}));
  EXPECT_THAT(outcome.warnings, ElementsAre(HasSubstr("to change the algorithm take the zone back to unsigned")));
  EXPECT_EQ(outcome.make, KeyStep::Make::nothing);
}

TEST(KeySchedule, NeverHasMoreThanFourKeys) {
  std::vector<ScheduledKey> keys;
  for (std::uint16_t tag = 1; tag <= 4; ++tag) keys.push_back(csk(tag, start + days(tag)));
  for (ScheduledKey& key : keys) key.times.remove = start + days(900);
  const KeyStep outcome = step(start + days(100), policy(), keys, alone({1, 2, 3, 4}, {4}));
  EXPECT_EQ(outcome.make, KeyStep::Make::nothing);
  EXPECT_THAT(outcome.warnings, ElementsAre(HasSubstr("has 4 keys already")));
}

TEST(KeySchedule, AKeyOfTheFutureIsNotInTheZoneYet) {
  ScheduledKey key = csk(1, start + days(1));
  key.times.activate = start + days(2);
  const KeyStep outcome = step(start, policy(), {key}, alone({}, {}));
  EXPECT_THAT(outcome.publish, IsEmpty());
  EXPECT_EQ(outcome.status[0].does, "is not in the zone yet");
  EXPECT_EQ(outcome.next, start + days(1));
  KeyPolicy leaving = policy();
  leaving.unsign = true;
  EXPECT_FALSE(step(start, leaving, {key}, alone({}, {})).cds_delete);
  EXPECT_FALSE(step(start, leaving, {}, alone({}, {})).cds_delete) << "nor where there is no key";
}

TEST(KeySchedule, AKeyFileWithoutTimesIsAKeyThatNobodyHasSeen) {
  const ScheduledKey zsk{1, DnssecAlgorithm::ecdsap256sha256, false, {}};
  EXPECT_EQ(step(start, policy(), {zsk}, alone({}, {})).make, KeyStep::Make::sep);
  EXPECT_EQ(step(start, policy(), {zsk}, alone({}, {})).make_times.activate, start) << "the first of the zone";
}

TEST(KeySchedule, TheNewestIsTheNewestInAnyOrder) {
  ScheduledKey old = csk(1, start);
  const ScheduledKey fresh = csk(2, start + days(9));
  for (const auto& keys : {std::vector{old, fresh}, std::vector{fresh, old}}) {
    KeyPolicy leaving = policy();
    leaving.maker = false;
    EXPECT_EQ(step(start + days(10), leaving, keys, alone({1, 2}, {2})).zone_signer, 2);
  }
}

TEST(KeySchedule, WithoutLifetimesNothingIsReplaced) {
  KeyPolicy eternal = policy(true);
  eternal.ksk_lifetime = eternal.zsk_lifetime = 0s;
  ScheduledKey ksk = csk(1, start);
  ksk.times.sync_publish = ksk.times.ds_seen = start + 3h;
  ScheduledKey zsk{2, DnssecAlgorithm::ecdsap256sha256, false, times_of_new_key(start, true)};
  const KeyStep outcome = step(start + days(9000), eternal, {ksk, zsk}, alone({1, 2}, {2}));
  EXPECT_EQ(outcome.make, KeyStep::Make::nothing);
}

TEST(KeySchedule, AKeyThatWasNeverActivatedHasNoLifetime) {
  ScheduledKey key = csk(1, start);
  key.times.sync_publish = key.times.ds_seen = start + 3h;
  key.times.activate.reset();
  EXPECT_EQ(step(start + days(9000), policy(), {key}, alone({1}, {})).make, KeyStep::Make::nothing);
}

TEST(KeySchedule, AZoneWhoseKeysHaveAllLeftStartsAnew) {
  ScheduledKey gone = csk(1, start);
  gone.times.remove = start + days(10);
  const KeyStep outcome = step(start + days(20), policy(), {gone}, alone({}, {}));
  EXPECT_EQ(outcome.make, KeyStep::Make::sep);
  EXPECT_EQ(outcome.make_times.activate, start + days(20));
}

TEST(KeySchedule, AZskLeavesWhenACskHasTakenOver) {
  ScheduledKey key = csk(1, start);
  key.times.sync_publish = key.times.ds_seen = start + 3h;
  const ScheduledKey zsk{2, DnssecAlgorithm::ecdsap256sha256, false, times_of_new_key(start, true)};
  const KeyStep outcome = step(start + days(1), policy(), {key, zsk}, alone({1, 2}, {1}));
  EXPECT_EQ(outcome.status[1].waits, "leaves the zone");
  key.times.activate = start + days(2);
  EXPECT_EQ(step(start + days(1), policy(), {key, zsk}, alone({1, 2}, {2})).status[1].waits, "");
  key.times = times_of_new_key(start, true);
  EXPECT_EQ(step(start + days(1), policy(), {key, zsk}, alone({1, 2}, {2})).status[1].waits, "");
}

TEST(KeySchedule, MakesOneKeyAtATime) {
  ScheduledKey ksk = csk(1, start);
  ksk.times.sync_publish = ksk.times.ds_seen = start + 3h;
  const KeyStep both = step(start + days(100), policy(true), {ksk}, alone({1}, {1}));  // KSK too old, no ZSK yet
  EXPECT_EQ(both.make, KeyStep::Make::zsk);
}

TEST(KeySchedule, AKeyStaysUntilEveryServerIsSeenToSignWithItsSuccessor) {
  ScheduledKey ksk = csk(9, start);
  ksk.times.sync_publish = ksk.times.ds_seen = start + 3h;
  ScheduledKey old{1, DnssecAlgorithm::ecdsap256sha256, false, times_of_new_key(start, true)};
  ScheduledKey fresh{2, DnssecAlgorithm::ecdsap256sha256, false, times_of_new_key(start + days(20), false)};
  fresh.times.activate = start + days(21);
  const auto waits = [&](const ServerObservation& other) {
    Observations seen = alone({9, 1, 2}, {2});
    seen.servers.push_back(other);
    return step(start + days(22), policy(true), {ksk, old, fresh}, seen).status[1].waits;
  };
  EXPECT_EQ(waits({"b", false, {}, {}, false}), "waits until b (no answer) signs with its successor");
  EXPECT_EQ(waits({"b", true, {9, 1, 2}, {}, false}), "waits until b signs with its successor") << "unsigned";
  EXPECT_EQ(waits({"b", true, {9, 1, 2}, {1}, false}), "waits until b signs with its successor");
  EXPECT_EQ(waits({"b", true, {9, 1, 2}, {2}, false}), "leaves the zone");
}

TEST(KeySchedule, AZskAloneIsNotHandedOverToACskThatIsNotThere) {
  const ScheduledKey zsk{1, DnssecAlgorithm::ecdsap256sha256, false, times_of_new_key(start, true)};
  const KeyStep outcome = step(start + days(1), policy(), {zsk}, alone({1}, {1}));
  EXPECT_EQ(outcome.make, KeyStep::Make::sep);
  EXPECT_THAT(outcome.changed, IsEmpty());
}

TEST(KeySchedule, WithoutParentAddressesAPersonSaysThatTheDsIsGone) {
  KeyPolicy leaving = policy();
  leaving.unsign = true;
  EXPECT_THAT(step(start + days(1), leaving, {csk(1, start)}, alone({1}, {1})).status[0].waits, HasSubstr("ds-gone"));
}

TEST(KeySchedule, NamesAServerThatPublishesAKeyOfItsOwn) {
  Observations seen = alone({1}, {1});
  seen.servers.push_back({"192.0.2.2:53", true, {1}, {1}, true});
  KeyPolicy follower = policy();
  EXPECT_THAT(step(start + 1h, follower, {csk(1, start)}, seen).warnings,
              ElementsAre("192.0.2.2:53 publishes a key that is not here: does a second node make keys?"));
  follower.maker = false;
  EXPECT_THAT(step(start + 1h, follower, {csk(1, start)}, seen).warnings,
              ElementsAre("192.0.2.2:53 publishes a key that is not here: copy the maker's key files"));
}

TEST(KeySchedule, ForgetsFilesAMonthAfterTheirKeyLeft) {
  ScheduledKey old = csk(1, start);
  old.times.remove = start + days(10);
  const ScheduledKey fresh = csk(2, start + days(1));
  EXPECT_THAT(step(start + days(39), policy(), {old, fresh}, alone({2}, {2})).forget, IsEmpty());
  EXPECT_THAT(step(start + days(41), policy(), {old, fresh}, alone({2}, {2})).forget, ElementsAre(1));
}

TEST(KeySchedule, WakesWhenTimeAloneChangesSomething) {
  ScheduledKey key = csk(1, start);
  const KeyStep outcome = step(start + 1h, policy(), {key}, alone({1}, {1}));
  ASSERT_THAT(outcome.changed, SizeIs(1));
  EXPECT_EQ(outcome.changed[0].times.sync_publish, start + 1h + 2h + 5min) << "TTL of the zone, and Dprp";
  EXPECT_EQ(outcome.next, start + 1h + 2h + 5min);
}

}  // namespace
}  // namespace gslb::dns
