#include "dns/signing_key.hpp"

#include <gmock/gmock.h>

#include <set>
#include <thread>

#include "dns/dnskey.hpp"
#include "dns/rdata.hpp"
#include "dns/types.hpp"

// Last: it defines true and false.
#include <ldns/ldns.h>
#undef bool
#undef true
#undef false

namespace gslb::dns {
namespace {

constexpr DnssecAlgorithm both[] = {DnssecAlgorithm::ecdsap256sha256, DnssecAlgorithm::ed25519};

std::vector<std::uint8_t> rdata(Rtype type, const std::string& text) {
  std::vector<std::uint8_t> out;
  EXPECT_TRUE(parse_rdata(type, text, Name(), out)) << text;
  return out;
}

struct Free {
  void operator()(ldns_rr* rr) const noexcept { ldns_rr_free(rr); }
  void operator()(ldns_rr_list* list) const noexcept { ldns_rr_list_deep_free(list); }
};
using Record = std::unique_ptr<ldns_rr, Free>;

Record record(Rtype type, std::span<const std::uint8_t> data) {
  const std::string line = "example.org. 3600 IN " + to_string(type) + " " + rdata_to_string(type, data);
  ldns_rr* out = nullptr;
  EXPECT_EQ(ldns_rr_new_frm_str(&out, line.c_str(), 0, nullptr, nullptr), LDNS_STATUS_OK) << line;
  return Record(out);
}

/// An MX record and its RRSIG (RFC 4034 section 3.1.8.1), signed by `key`.
struct SignedRecord {
  std::vector<std::uint8_t> mx;
  std::vector<std::uint8_t> rrsig;

  SignedRecord(const SigningKey& key, unsigned preference)
      : mx(rdata(Rtype::MX, std::to_string(preference) + " mail.example.org.")) {
    rrsig = rdata(Rtype::RRSIG, "MX " + std::to_string(static_cast<unsigned>(key.algorithm())) +
                                    " 2 3600 20361124000000 20161124000000 " + std::to_string(key.tag()) +
                                    " example.org. AA==");
    rrsig.pop_back();
    const auto owner = Name::parse("example.org.").value();
    std::vector<std::uint8_t> data = rrsig;
    data.insert(data.end(), owner.wire().begin(), owner.wire().end());
    data.insert(data.end(), {0, 15, 0, 1, 0, 0, 0x0e, 0x10, 0, static_cast<std::uint8_t>(mx.size())});
    data.insert(data.end(), mx.begin(), mx.end());
    Signature signature{};
    EXPECT_TRUE(key.sign(data, signature));
    rrsig.insert(rrsig.end(), signature.begin(), signature.end());
  }

  /// What ldns, which sees only the records, thinks of it.
  bool verifies(const SigningKey& key) const {
    const std::unique_ptr<ldns_rr_list, Free> set(ldns_rr_list_new());
    ldns_rr_list_push_rr(set.get(), record(Rtype::MX, mx).release());
    const Record sig = record(Rtype::RRSIG, rrsig);
    const Record dnskey = record(Rtype::DNSKEY, key.dnskey());
    return ldns_verify_rrsig(set.get(), sig.get(), dnskey.get()) == LDNS_STATUS_OK;
  }
};

TEST(SigningKey, SignsSoThatTheDnskeyAloneVerifies) {
  for (const auto algorithm : both) {
    const auto key = SigningKey::generate(algorithm, true);
    ASSERT_TRUE(key);
    for (unsigned i = 0; i < 300; ++i)  // ECDSA: some r or s begin with zeros
      ASSERT_TRUE(SignedRecord(**key, i).verifies(**key)) << to_string(algorithm) << " " << i;
  }
}

TEST(SigningKey, DoesNotVerifyForOtherData) {
  for (const auto algorithm : both) {
    const auto key = SigningKey::generate(algorithm, false);
    ASSERT_TRUE(key);
    SignedRecord record(**key, 1);
    record.mx[1] ^= 1;
    EXPECT_FALSE(record.verifies(**key)) << to_string(algorithm);
  }
}

TEST(SigningKey, ComesBackFromItsPrivateHalf) {
  for (const auto algorithm : both) {
    const auto key = SigningKey::generate(algorithm, false);
    Secret secret{};
    ASSERT_TRUE((*key)->copy_secret(secret));
    const auto again = SigningKey::from_secret(algorithm, false, secret);
    ASSERT_TRUE(again);
    EXPECT_THAT((*again)->dnskey(), testing::ElementsAreArray((*key)->dnskey()));
    EXPECT_EQ((*again)->tag(), (*key)->tag());
    EXPECT_TRUE(SignedRecord(**again, 7).verifies(**key));
  }
}

TEST(SigningKey, SaysInItsFlagsWhetherTheParentsDsIsForIt) {
  const auto ksk = SigningKey::generate(DnssecAlgorithm::ed25519, true);
  const auto zsk = SigningKey::generate(DnssecAlgorithm::ed25519, false);
  EXPECT_EQ((*ksk)->flags(), 257);
  EXPECT_EQ((*zsk)->flags(), 256);
  EXPECT_TRUE((*ksk)->sep());
  EXPECT_FALSE((*zsk)->sep());
}

// A private key of P-256 is 1 to n-1 (SEC 1 section 3.2.1).
TEST(SigningKey, RefusesNumbersThatAreNoPrivateKeys) {
  Secret zero{};
  EXPECT_FALSE(SigningKey::from_secret(DnssecAlgorithm::ecdsap256sha256, true, zero));
  Secret large{};
  large.fill(0xff);
  EXPECT_FALSE(SigningKey::from_secret(DnssecAlgorithm::ecdsap256sha256, true, large));
}

TEST(SigningKey, SignsFromSeveralThreadsAtOnce) {
  const auto key = SigningKey::generate(DnssecAlgorithm::ecdsap256sha256, true);
  ASSERT_TRUE(key);
  std::array<bool, 4> good{};
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < good.size(); ++t) {
    threads.emplace_back([&, t] {
      bool all = true;
      for (unsigned i = 0; i < 50; ++i) all = SignedRecord(**key, i).verifies(**key) && all;
      good[t] = all;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(good, testing::Each(true));
}

TEST(SigningAlgorithm, IsOneOfTheTwoThatAreMadeHere) {
  EXPECT_EQ(signing_algorithm(13), DnssecAlgorithm::ecdsap256sha256);
  EXPECT_EQ(signing_algorithm(15), DnssecAlgorithm::ed25519);
  for (const unsigned other : {0U, 5U, 8U, 14U, 16U, 269U}) EXPECT_EQ(signing_algorithm(other), std::nullopt) << other;
  EXPECT_EQ(to_string(DnssecAlgorithm::ecdsap256sha256), "ECDSAP256SHA256");
  EXPECT_EQ(to_string(DnssecAlgorithm::ed25519), "ED25519");
}

}  // namespace
}  // namespace gslb::dns
