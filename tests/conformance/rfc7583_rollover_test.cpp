// RFC 7583: each wait of a rollover, to the second. RFC 7344 and RFC 8078: when CDS and CDNSKEY are there.
#include <gmock/gmock.h>

#include <algorithm>

#include "dns/dnskey.hpp"
#include "dns/key_schedule.hpp"
#include "dns/rdata.hpp"

namespace gslb::dns {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using testing::ElementsAre;
using testing::IsEmpty;

const UnixTime start{days(20'000)};

KeyPolicy policy() {
  KeyPolicy out;
  out.dnskey_ttl = 1h;
  out.zone_ttl = 2h;
  out.ds_ttl = 24h;
  out.propagation = 5min;
  return out;
}

/// This node alone, doing what it was told at once; a parent that shows the DS for `ds`.
Observations seen(const KeyStep& now, std::vector<std::uint16_t> ds) {
  Observations out;
  out.servers.push_back({"self", true, now.publish, {}, false});
  if (now.zone_signer) out.servers[0].signs_with = {*now.zone_signer};
  const bool any = !ds.empty();
  out.parents.push_back({"parent", true, std::move(ds), any, 24h});
  return out;
}

/// A zone that time passes for.
struct Zone {
  KeyPolicy policy;
  std::vector<ScheduledKey> keys;
  std::vector<std::uint16_t> ds;
  KeyStep last;

  void at(UnixTime now) {
    for (int i = 0; i < 6; ++i) {
      last = step(now, policy, keys, seen(last, ds));
      for (const ScheduledKey& changed : last.changed)
        std::ranges::replace_if(
            keys, [&](const ScheduledKey& key) { return key.tag == changed.tag; }, changed);
      if (last.make == KeyStep::Make::nothing) continue;
      keys.push_back({static_cast<std::uint16_t>(keys.size() + 1), last.make_algorithm, last.make == KeyStep::Make::sep,
                      last.make_times});
    }
  }
  ScheduledKey& key(std::uint16_t tag) { return keys.at(tag - 1U); }
};

/// A zone with one CSK whose DS is at the parent, ten days old.
Zone settled(KeyPolicy policy) {
  Zone zone{policy, {}, {}, {}};
  zone.at(start);
  zone.at(start + days(1));
  zone.ds = {1};
  zone.at(start + days(2));
  zone.at(start + days(10));
  return zone;
}

// Section 3.3.4: before the first DS, all unsigned data has left the caches.
TEST(Rfc7583, TheFirstDsIsAskedForWhenNothingUnsignedIsCached) {
  Zone zone{policy(), {}, {}, {}};
  zone.at(start);
  EXPECT_EQ(zone.last.zone_signer, 1);
  EXPECT_EQ(zone.key(1).times.sync_publish, start + 2h + 5min);
  zone.at(start + 2h + 4min);
  EXPECT_EQ(zone.last.cds, std::nullopt);
  zone.at(start + 2h + 5min);
  EXPECT_EQ(zone.last.cds, 1);
}

// Section 3.3.1, Double-KSK: Ipub = TTLkey + Dprp, then the DS, then Iret = TTLds + Dprp.
TEST(Rfc7583, AKskOverlapsUntilTheOldDsHasLeftTheCaches) {
  Zone zone = settled(policy());
  const UnixTime begin = start + days(10);
  zone.keys.push_back({2, zone.policy.algorithm, true, times_of_new_key(begin, false)});
  zone.at(begin);
  EXPECT_THAT(zone.last.key_signers, ElementsAre(1, 2)) << "both sign the keys at once";
  EXPECT_EQ(zone.last.zone_signer, 1) << "and the old one the rest";
  zone.at(begin + 1h + 5min - 1s);
  EXPECT_EQ(zone.last.cds, std::nullopt);
  EXPECT_EQ(zone.last.zone_signer, 1);
  zone.at(begin + 1h + 5min);
  EXPECT_EQ(zone.last.cds, 2);
  EXPECT_EQ(zone.last.zone_signer, 2);
  zone.at(begin + days(3));
  EXPECT_THAT(zone.last.publish, ElementsAre(1, 2)) << "until the parent has the DS";
  zone.ds = {2};
  zone.at(begin + days(4));
  EXPECT_EQ(zone.last.cds, std::nullopt);
  EXPECT_EQ(zone.key(1).times.remove, begin + days(4) + 24h + 5min);
  zone.at(begin + days(5) + 5min - 1s);
  EXPECT_THAT(zone.last.publish, ElementsAre(1, 2));
  zone.at(begin + days(5) + 5min);
  EXPECT_THAT(zone.last.publish, ElementsAre(2));
}

// Section 3.2.1, Pre-Publication: Ipub = TTLkey + Dprp, Iret = TTLsig + Dprp; begun so that the lifetime is met.
TEST(Rfc7583, AZskIsPublishedBeforeAndStaysAfterItSigns) {
  KeyPolicy with_zsk = policy();
  with_zsk.split = true;
  with_zsk.zsk_lifetime = days(30);
  Zone zone{with_zsk, {}, {}, {}};
  zone.at(start);
  ASSERT_EQ(zone.keys.size(), 2U);
  EXPECT_EQ(zone.last.zone_signer, 2);
  EXPECT_THAT(zone.last.key_signers, ElementsAre(1));
  zone.ds = {1};
  zone.at(start + days(1));
  const UnixTime active = start + days(30);
  zone.at(active - 1h - 5min - 1s);
  EXPECT_EQ(zone.keys.size(), 2U);
  zone.at(active - 1h - 5min);
  ASSERT_EQ(zone.keys.size(), 3U);
  zone.at(active - 1s);
  EXPECT_EQ(zone.last.zone_signer, 2);
  zone.at(active);
  EXPECT_EQ(zone.last.zone_signer, 3);
  EXPECT_EQ(zone.key(2).times.remove, active + 2h + 5min);
  zone.at(active + 2h + 5min);
  EXPECT_THAT(zone.last.publish, ElementsAre(1, 3));
}

// RFC 7344 section 4: there is a CDS only while a change is wanted.
TEST(Rfc7344, ThereIsNoCdsWhileParentAndChildAgree) {
  Zone zone = settled(policy());
  EXPECT_EQ(zone.last.cds, std::nullopt);
  EXPECT_FALSE(zone.last.cds_delete);
}

// RFC 8078 section 4, with the erratum on the CDNSKEY: these octets and no others.
TEST(Rfc8078, TheDeletingRecordsAreThoseOfTheRfc) {
  EXPECT_EQ(rdata_to_string(Rtype::CDS, cds_delete).substr(0, 5), "0 0 0");
  EXPECT_THAT(cds_delete, ElementsAre(0, 0, 0, 0, 0));
  EXPECT_THAT(cdnskey_delete, ElementsAre(0, 0, 3, 0, 0));
}

TEST(Rfc8078, TheZoneStaysSignedUntilNoCacheHasADs) {
  Zone zone = settled(policy());
  const UnixTime begin = start + days(20);
  zone.policy.unsign = true;
  zone.at(begin);
  EXPECT_TRUE(zone.last.cds_delete);
  zone.ds = {};
  zone.at(begin + days(1));
  zone.at(begin + days(2) + 5min - 1s);
  EXPECT_EQ(zone.last.zone_signer, 1);
  zone.at(begin + days(2) + 5min);
  EXPECT_EQ(zone.last.zone_signer, std::nullopt);
  EXPECT_THAT(zone.last.publish, IsEmpty());
  EXPECT_FALSE(zone.last.cds_delete);
}

}  // namespace
}  // namespace gslb::dns
