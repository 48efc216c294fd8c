#include "server/zone_key_ring.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

#include "dns/dnskey.hpp"
#include "tests/support/signed_server.hpp"

namespace gslb::server {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

const dns::Name apex = *dns::Name::parse("example.org.");
const dns::UnixTime now{1'790'000'000s};

class KeysOfAZone : public ::testing::Test {
 protected:
  KeysOfAZone() {
    zone.apex.value = apex;
    zone.dnssec.emplace().keys.value = folder;
    std::filesystem::create_directories(folder);
  }
  ~KeysOfAZone() override { std::filesystem::remove_all(folder); }

  dns::SigningKeyPtr put(unsigned number, bool sep, const dns::KeyTimes& times) {
    auto key = test::fixed_key(number, sep, dns::DnssecAlgorithm::ecdsap256sha256);
    EXPECT_TRUE(dns::write_key_file(folder, apex, {key, times}));
    return key;
  }
  /// In use since long ago.
  static dns::KeyTimes used() {
    dns::KeyTimes times;
    times.created = times.publish = times.activate = now - 24h;
    return times;
  }
  zones::ZoneKeysPtr load() {
    base::ErrorList found;
    auto out = load_zone_keys(zone, now, found);
    errors.clear();
    for (const auto& error : found.all()) errors.push_back(error.what);
    return out;
  }

  const std::string folder =
      (std::filesystem::temp_directory_path() / ("gslb-ring-" + std::to_string(::getpid()))).string();
  zones::ZoneSpec zone;
  std::vector<std::string> errors;
};

TEST_F(KeysOfAZone, AreThoseOfItsFolderByTheirTimes) {
  const auto ksk = put(1, true, used());
  const auto zsk = put(2, false, used());
  auto later = used();
  later.publish = now + 1h;
  put(3, false, later);
  const auto keys = load();
  ASSERT_NE(keys, nullptr);
  EXPECT_THAT(errors, ElementsAre());
  EXPECT_THAT(keys->dnskeys, SizeIs(2));
  ASSERT_THAT(keys->key_signers, SizeIs(1));
  EXPECT_EQ(keys->key_signers[0]->tag(), ksk->tag());
  ASSERT_THAT(keys->zone_signers, SizeIs(1));
  EXPECT_EQ(keys->zone_signers[0]->tag(), zsk->tag());
}

// RFC 7344 section 4: what the parent's DS should be.
TEST_F(KeysOfAZone, TellTheParentOnceCachesHaveThem) {
  auto times = used();
  put(1, true, times);
  EXPECT_THAT(load()->cds, ElementsAre());
  times.sync_publish = now;
  const auto key = put(1, true, times);
  const auto keys = load();
  EXPECT_THAT(keys->cds, ElementsAre(dns::ds_rdata(apex.wire(), key->dnskey(), dns::DigestType::sha256)));
  EXPECT_THAT(keys->cdnskeys, ElementsAre(std::vector<std::uint8_t>(key->dnskey().begin(), key->dnskey().end())));
}

// The maker makes the first one, once others were asked.
TEST_F(KeysOfAZone, MustBeThereForAFollowerBecauseOthersMayServeItSigned) {
  EXPECT_EQ(load(), nullptr);
  EXPECT_THAT(errors, ElementsAre());
  zone.dnssec->maker = false;
  EXPECT_EQ(load(), nullptr);
  EXPECT_THAT(errors, ElementsAre("no key of example.org. to sign with is in " + folder));
}

// After unsign the files stay 30 days; the zone is then to be signed again, and the server starts.
TEST_F(KeysOfAZone, ThatHaveLeftAreNoReasonForTheMakerNotToStart) {
  auto left = used();
  left.remove = now - 1s;
  put(1, true, left);
  EXPECT_EQ(load(), nullptr);
  EXPECT_THAT(errors, ElementsAre());
  left.remove.reset();
  left.publish = left.activate = now + 1h;
  put(2, true, left);
  EXPECT_EQ(load(), nullptr);
  EXPECT_THAT(errors, ElementsAre(HasSubstr("no key of example.org. to sign with")));
}

TEST_F(KeysOfAZone, MayBeGoneFromOneThatIsToBeUnsigned) {
  zone.dnssec->unsign = true;
  EXPECT_EQ(load(), nullptr);
  EXPECT_THAT(errors, ElementsAre());
}

TEST_F(KeysOfAZone, ThatOthersMayReadAreRefused) {
  const auto key = put(1, true, used());
  const std::string path = folder + "/" + dns::key_file_stem(apex, key->algorithm(), key->tag()) + ".private";
  std::filesystem::permissions(path, std::filesystem::perms::group_read, std::filesystem::perm_options::add);
  EXPECT_EQ(load(), nullptr);
  EXPECT_THAT(errors, ElementsAre(HasSubstr("(mode 0640): chmod 600 it")));
}

}  // namespace
}  // namespace gslb::server
