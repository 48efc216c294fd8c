// zones/signature_store.hpp and zones/signing_clock.hpp: nothing is signed twice, nothing damaged is believed, and a
// wrong clock costs no good signature.
#include "zones/signature_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "base/file.hpp"
#include "zones/signing_clock.hpp"

namespace gslb::zones {
namespace {

using testing::HasSubstr;

constexpr std::uint32_t day = 86400;
constexpr std::uint32_t now = 1'790'000'000;

SignatureId id_of(unsigned number) {
  SignatureId id{};
  id[0] = static_cast<std::uint8_t>(number >> 8);
  id[7] = static_cast<std::uint8_t>(number);
  return id;
}

void fill(SignatureStore& store, unsigned from, unsigned to) {
  for (unsigned i = from; i < to; ++i) {
    dns::Signature octets{};
    octets[5] = static_cast<std::uint8_t>(i);
    store.put(id_of(i), now - 3600, now + i, octets);
  }
  store.note_made(to - from, now);
}

TEST(SignatureStore, GivesBackWhatWasPutAlsoThroughAFile) {
  SignatureStore store;
  fill(store, 0, 1000);
  SignatureStore other;
  ASSERT_TRUE(other.restore(store.octets()).has_value());
  EXPECT_EQ(other.size(), 1000U);
  EXPECT_EQ(other.newest(), now);
  EXPECT_EQ(other.made(), 0U);
  for (unsigned i = 0; i < 1000; ++i) {
    const StoredSignature* found = other.find(id_of(i));
    ASSERT_NE(found, nullptr) << i;
    EXPECT_EQ(found->expiration, now + i);
    EXPECT_EQ(found->octets[5], i & 0xff);
  }
  EXPECT_EQ(other.find(id_of(1000)), nullptr);
}

TEST(SignatureStore, ANewerSignatureOfTheSameContentTakesThePlaceOfTheOlder) {
  SignatureStore store;
  fill(store, 0, 1);
  store.put(id_of(0), now, now + day, {});
  EXPECT_EQ(store.size(), 1U);
  EXPECT_EQ(store.find(id_of(0))->expiration, now + day);
}

TEST(SignatureStore, AFileCutShortAnywhereIsRefusedWhole) {
  SignatureStore store;
  fill(store, 0, 3);
  const std::string octets = store.octets();
  for (std::size_t size = 0; size < octets.size(); ++size) {
    SignatureStore other;
    EXPECT_FALSE(other.restore(std::string_view(octets).substr(0, size)).has_value()) << size;
    EXPECT_EQ(other.size(), 0U);
  }
  SignatureStore longer;
  EXPECT_FALSE(longer.restore(octets + "x").has_value());
}

TEST(SignatureStore, AnySingleBitThatFlippedIsNoticed) {
  SignatureStore store;
  fill(store, 0, 3);
  const std::string octets = store.octets();
  for (std::size_t bit = 0; bit < octets.size() * 8; ++bit) {
    std::string damaged = octets;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    SignatureStore other;
    EXPECT_FALSE(other.restore(damaged).has_value()) << bit;
    EXPECT_EQ(other.find(id_of(0)), nullptr);
  }
}

TEST(SignatureStore, WhatNoConfigurationUsedTwiceInARowIsDropped) {
  SignatureStore store;
  fill(store, 0, 100);
  for (unsigned pass = 0; pass < 3; ++pass) {
    for (unsigned i = 0; i < 10; ++i) EXPECT_NE(store.find(id_of(i)), nullptr);
    store.end_pass();
  }
  EXPECT_EQ(store.size(), 10U);
  EXPECT_EQ(store.find(id_of(50)), nullptr);
}

TEST(SignatureStore, WhatHasEndedIsForgottenWhereItIsTold) {
  SignatureStore store;
  fill(store, 0, 100);
  store.forget_ended(now + 40);
  EXPECT_EQ(store.size(), 60U);
  EXPECT_EQ(store.find(id_of(39)), nullptr);
  EXPECT_NE(store.find(id_of(40)), nullptr);
  store.forget_ended(now + 1000);
  EXPECT_EQ(store.size(), 0U);
  EXPECT_EQ(store.find(id_of(40)), nullptr);
  EXPECT_EQ(store.newest(), now);
}

class StoredFile : public testing::Test {
 protected:
  StoredFile() { std::filesystem::create_directories(folder); }
  ~StoredFile() override { std::filesystem::remove_all(folder); }
  const std::string folder =
      (std::filesystem::temp_directory_path() / ("gslb-signatures-" + std::to_string(::getpid()))).string();
  const std::string path = folder + "/signatures";
};

TEST_F(StoredFile, IsReadBackAndNothingHasChangedThen) {
  SignatureStore store;
  EXPECT_FALSE(store.changed());
  fill(store, 0, 10);
  EXPECT_TRUE(store.changed());
  ASSERT_TRUE(store.save(path).has_value());
  EXPECT_FALSE(store.changed());
  SignatureStore other;
  ASSERT_TRUE(other.load(path).has_value());
  EXPECT_EQ(other.size(), 10U);
  EXPECT_FALSE(other.changed());
}

TEST_F(StoredFile, ThatCannotBeWrittenLeavesTheChangeToBeWrittenLater) {
  SignatureStore store;
  fill(store, 0, 10);
  EXPECT_FALSE(store.save(folder + "/none/signatures").has_value());
  EXPECT_TRUE(store.changed());
}

TEST_F(StoredFile, IsNamedInTheErrorIfItIsMissingOrDamaged) {
  SignatureStore store;
  EXPECT_THAT(store.load(path).error().what, HasSubstr(path));
  ASSERT_TRUE(base::write_file_atomically(path, "gslbsigs and no more than that, that is").has_value());
  EXPECT_THAT(store.load(path).error().what, HasSubstr(path + ": "));
}

TEST(ClockWatch, SeesAJumpAheadAndNoneInWhatPassesOrGoesBack) {
  ClockWatch watch;
  EXPECT_FALSE(watch.read(now, 5).jumped);
  watch.believe(now, 5);
  EXPECT_FALSE(watch.read(now + 100 * day, 5 + 100 * day).jumped);
  EXPECT_FALSE(watch.read(now + 3600, 5).jumped);
  EXPECT_TRUE(watch.read(now + 3601, 5).jumped);
  EXPECT_FALSE(watch.read(now - day, 5).jumped);
  EXPECT_EQ(watch.read(now + day, 5).now, now + day);
}

TEST(SigningClock, SignsByAClockThatAgreesWithWhatIsStored) {
  for (const std::uint32_t newest : {0U, now, now - 3 * day, now + 3000, now - 170 * day}) {
    const auto judged = judge_clock({now}, newest, 14 * day, now + 10 * day);
    ASSERT_TRUE(judged.has_value());
    EXPECT_FALSE(judged->moment.hold);
    EXPECT_EQ(judged->moment.now, now);
    EXPECT_EQ(judged->warning, "");
  }
}

TEST(SigningClock, HoldsWhatIsStoredWhereTheClockIsFarFromIt) {
  for (const std::int64_t wrong :
       {std::int64_t{0}, std::int64_t{now} - 2 * 3600, std::int64_t{now} + 200 * day, std::int64_t{5'000'000'000}}) {
    const auto judged = judge_clock({wrong}, now, 14 * day, now + 5 * day);
    ASSERT_TRUE(judged.has_value());
    EXPECT_TRUE(judged->moment.hold) << wrong;
    EXPECT_EQ(judged->moment.now, now);
    EXPECT_THAT(judged->warning, HasSubstr("existing signatures are kept"));
    EXPECT_EQ(next_signing(judged->moment, now + day), 60U);
  }
}

// A machine that was paused for a while must not end with signatures that are over; a clock that jumps by a year must
// not end those that are good.
TEST(SigningClock, HoldsAfterAJumpUntilByThatClockASignatureIsNearItsEnd) {
  const auto hold = [](std::uint32_t jump, std::uint32_t first_expiration) {
    const auto judged = judge_clock({std::int64_t{now} + jump, true}, now, 12 * day, first_expiration);
    EXPECT_THAT(judged->warning, HasSubstr(judged->moment.hold ? "the clock jumped ahead to " : ""));
    return judged->moment.hold;
  };
  EXPECT_TRUE(hold(day, now + 5 * day));
  EXPECT_FALSE(hold(day, now + 3 * day));
  EXPECT_FALSE(hold(6 * day, now + 5 * day));
  EXPECT_TRUE(hold(13 * day, now + 5 * day));
  EXPECT_TRUE(hold(day, 0));
}

TEST(SigningClock, AJumpIsNothingToAServerThatHasNoSignatureYet) {
  EXPECT_FALSE(judge_clock({now, true}, 0, 14 * day, 0)->moment.hold);
}

TEST(SigningClock, AnImpossibleYearWithNothingStoredSignsNothing) {
  const auto judged = judge_clock({86400}, 0, 14 * day, 0);
  ASSERT_FALSE(judged.has_value());
  EXPECT_THAT(judged.error().what, HasSubstr("the clock says 1970-01-02"));
}

TEST(SigningClock, SignsAgainWhenAThirdOfTheValidityIsLeftAndLooksEveryTenMinutes) {
  const auto judged = judge_clock({now}, now, 12 * 3600, now + 12 * 3600);
  EXPECT_EQ(next_signing(judged->moment, now + 4 * 3600 + 300), 300U);
  EXPECT_EQ(next_signing(judged->moment, now + 4 * 3600 - 1), 1U);
  EXPECT_EQ(next_signing(judged->moment, now + 12 * 3600), 600U);
}

}  // namespace
}  // namespace gslb::zones
