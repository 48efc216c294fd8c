// RFC 6605 section 6, RFC 8080 section 6, RFC 4034 appendix B: keys of zones, their tags, DS and signatures.
#include <gmock/gmock.h>

#include <string>

#include "dns/dnskey.hpp"
#include "dns/rdata.hpp"
#include "dns/signing_key.hpp"

namespace gslb::dns {
namespace {

std::vector<std::uint8_t> rdata(Rtype type, std::string_view text) {
  std::vector<std::uint8_t> out;
  EXPECT_TRUE(parse_rdata(type, text, Name(), out)) << text;
  return out;
}

/// The private half as a key file writes it: what DNSKEY says in base64, this reads.
Secret secret(const std::string& base64) {
  const auto octets = rdata(Rtype::DNSKEY, "257 3 13 " + base64);
  Secret out{};
  EXPECT_EQ(octets.size(), 4 + out.size());
  std::copy(octets.begin() + 4, octets.end(), out.begin());
  return out;
}

struct Vector {
  DnssecAlgorithm algorithm;
  const char* secret;
  const char* owner;
  const char* dnskey;
  unsigned tag;
  const char* ds;
};

// RFC 6605 section 6.1, RFC 8080 section 6.1.
const Vector vectors[] = {
    {DnssecAlgorithm::ecdsap256sha256, "GU6SnQ/Ou+xC5RumuIUIuJZteXT2z0O/ok1s38Et6mQ=", "example.net.",
     "257 3 13 GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==", 55648,
     "55648 13 2 b4c8c1fe2e7477127b27115656ad6256f424625bf5c1e2770ce6d6e37df61d17"},
    {DnssecAlgorithm::ed25519, "ODIyNjAzODQ2MjgwODAxMjI2NDUxOTAyMDQxNDIyNjI=", "example.com.",
     "257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=", 3613,
     "3613 15 2 3aa5ab37efce57f737fc1627013fee07bdf241bd10f3b1964ab55c78e79a304b"},
    {DnssecAlgorithm::ed25519, "DSSF3o0s0f+ElWzj9E/Osxw8hLpk55chkmx0LYN5WiY=", "example.com.",
     "257 3 15 zPnZ/QwEe7S8C5SPz2OfS5RR40ATk2/rYnE9xHIEijs=", 35217,
     "35217 15 2 401781b934e392de492ec77ae2e15d70f6575a1c0bc59c5275c04ebe80c6614c"},
};

TEST(Rfc6605Rfc8080, APrivateKeyHasTheDnskeyOfTheExamples) {
  for (const Vector& v : vectors) {
    const auto key = SigningKey::from_secret(v.algorithm, true, secret(v.secret));
    ASSERT_TRUE(key);
    EXPECT_THAT((*key)->dnskey(), testing::ElementsAreArray(rdata(Rtype::DNSKEY, v.dnskey)));
    EXPECT_EQ((*key)->flags(), 257);
    EXPECT_EQ((*key)->algorithm(), v.algorithm);
  }
}

// RFC 4034 appendix B; section 5.4 has 60485 for an example of another algorithm.
TEST(Rfc4034AppendixB, TheTagIsThatOfTheExamples) {
  for (const Vector& v : vectors) EXPECT_EQ(key_tag(rdata(Rtype::DNSKEY, v.dnskey)), v.tag);
  EXPECT_EQ(
      key_tag(rdata(Rtype::DNSKEY,
                    "256 3 5 AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdj"
                    "MmmAphXdvxegXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw==")),
      60485);
  EXPECT_EQ(key_tag(std::vector<std::uint8_t>{1, 2, 3}), 0) << "too short to be a DNSKEY";
}

// RFC 4034 section 5.1.4.
TEST(Rfc4034Section5, TheDsIsThatOfTheExamples) {
  for (const Vector& v : vectors) {
    const auto owner = Name::parse(v.owner).value();
    const auto dnskey = rdata(Rtype::DNSKEY, v.dnskey);
    const auto ds = ds_rdata(owner.wire(), dnskey, DigestType::sha256);
    EXPECT_EQ(ds, rdata(Rtype::DS, v.ds));
    EXPECT_TRUE(is_ds_of(ds, owner.wire(), dnskey));
    EXPECT_FALSE(is_ds_of(ds, Name::parse("example.org.").value().wire(), dnskey));
    auto other = ds;
    other.back() ^= 1;
    EXPECT_FALSE(is_ds_of(other, owner.wire(), dnskey));
    EXPECT_FALSE(is_ds_of(std::span(ds).first(3), owner.wire(), dnskey));
    EXPECT_FALSE(is_ds_of(ds, owner.wire(), std::span(dnskey).first(3)));
    auto sha1 = ds;
    sha1[3] = 1;
    EXPECT_FALSE(is_ds_of(sha1, owner.wire(), dnskey)) << "of a digest that is not computed here";
  }
}

// RFC 6605 section 6.2 has the SHA-384 DS of a key of another algorithm: the digest is the same one.
TEST(Rfc6605, TheSha384DigestHas48Octets) {
  const auto owner = Name::parse("example.net.").value();
  const auto dnskey =
      rdata(Rtype::DNSKEY,
            "257 3 14 xKYaNhWdGOfJ+nPrL8/arkwf2EY3MDJ+SErKivBVSum1w/egsXvSADtNJhyem5RCOpgQ6K8X1DRSEkrbYQ+OB"
            "+v8/uX45NBwY8rp65F6Glur8I/mlVNgF6W/qTI37m40");
  EXPECT_EQ(ds_rdata(owner.wire(), dnskey, DigestType::sha384),
            rdata(Rtype::DS,
                  "10771 14 4 72d7b62976ce06438e9c0bf319013cf801f09ecc84b8d7e9495f27e305c6a9b0563a9b5f4d288405c3008a94"
                  "6df983d6"));
  EXPECT_TRUE(is_ds_of(ds_rdata(owner.wire(), dnskey, DigestType::sha384), owner.wire(), dnskey));
}

/// What an RRSIG of one MX record signs (RFC 4034 section 3.1.8.1): its own RDATA without signature, then the record.
std::vector<std::uint8_t> signed_data() {
  auto data = rdata(Rtype::RRSIG, "MX 15 2 3600 20150819220000 20150729220000 3613 example.com. AA==");
  data.pop_back();
  const auto owner = Name::parse("example.com.").value();
  const auto mx = rdata(Rtype::MX, "10 mail.example.com.");
  data.insert(data.end(), owner.wire().begin(), owner.wire().end());
  data.insert(data.end(), {0, 15, 0, 1, 0, 0, 0x0e, 0x10, 0, static_cast<std::uint8_t>(mx.size())});
  data.insert(data.end(), mx.begin(), mx.end());
  return data;
}

// RFC 8080 section 6.1: Ed25519 is deterministic, so the signature is known.
TEST(Rfc8080, TheSignatureIsThatOfTheExample) {
  const auto key = SigningKey::from_secret(DnssecAlgorithm::ed25519, true, secret(vectors[1].secret));
  ASSERT_TRUE(key);
  Signature signature{};
  ASSERT_TRUE((*key)->sign(signed_data(), signature));
  const auto expected = rdata(Rtype::DNSKEY,
                              "257 3 15 oL9krJun7xfBOIWcGHi7mag5/hdZrKWw15jPGrHpjQeRAvTdszaPD+QLs3fx8A4M3e23mRZ9VrbpMng"
                              "wcrqNAg==");
  EXPECT_THAT(signature, testing::ElementsAreArray(expected.begin() + 4, expected.end()));
}

}  // namespace
}  // namespace gslb::dns
