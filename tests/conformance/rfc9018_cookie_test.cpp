// RFC 9018, with the vectors of its appendix A.
#include <gtest/gtest.h>

#include "dns/cookie.hpp"

namespace gslb::dns {
namespace {

std::vector<std::uint8_t> octets(const std::string& hex) {
  std::vector<std::uint8_t> out;
  for (std::size_t i = 0; i < hex.size(); i += 2)
    out.push_back(static_cast<std::uint8_t>(std::stoul(hex.substr(i, 2), nullptr, 16)));
  return out;
}

std::string hex(std::span<const std::uint8_t> data) {
  std::string out;
  for (const unsigned octet : data) {
    out += "0123456789abcdef"[octet >> 4];
    out += "0123456789abcdef"[octet & 15];
  }
  return out;
}

CookieCheck check(const std::string& cookie, const char* client, std::uint32_t now, const std::string& secrets) {
  return check_cookie(octets(cookie), *base::parse_address(client), now, *parse_cookie_secrets(secrets));
}

const std::string secret = "e5e973e5a6b2a43f48e7dc849e37bfcf";
const std::string first = "2464c4abcf10c957010000005cf79f111f8130c3eee29480";
constexpr std::uint32_t first_made = 1559731985;

TEST(Rfc9018AppendixA1, LearnsANewServerCookie) {
  const auto got = check("2464c4abcf10c957", "198.51.100.100", first_made, secret);
  EXPECT_EQ(got.verdict, CookieVerdict::client_only);
  EXPECT_EQ(hex(got.reply), first);
}

TEST(Rfc9018AppendixA2, RenewsAnOldCookieOfTheSameClient) {
  const auto got = check(first, "198.51.100.100", 1559734385, secret);
  EXPECT_EQ(got.verdict, CookieVerdict::valid);
  EXPECT_EQ(hex(got.reply), "2464c4abcf10c957010000005cf7a871d4a564a1442aca77");
}

TEST(Rfc9018AppendixA3, AcceptsReservedBitsAsTheyWereSent) {
  const auto got = check("fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5", "203.0.113.203", 1559727985, secret);
  EXPECT_EQ(got.verdict, CookieVerdict::valid);
  const auto renewed = check("fc93fc62807ddb86", "203.0.113.203", 1559734700, secret);
  EXPECT_EQ(hex(renewed.reply), "fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e");
}

TEST(Rfc9018AppendixA4, AcceptsTheOldSecretAndGivesACookieOfTheNewOne) {
  const std::string both = "445536bcd2513298075a5d379663c962\ndd3bdf9344b678b185a6f5cb60fca715\n";
  const char* client = "2001:db8:220:1:59de:d0f4:8769:82b8";
  const auto got = check("22681ab97d52c298010000005cf7c57926556bd0934c72f8", client, 1559741961, both);
  EXPECT_EQ(got.verdict, CookieVerdict::valid);
  EXPECT_EQ(hex(got.reply), "22681ab97d52c298010000005cf7c609a6bb79d16625507a");
}

TEST(Rfc9018Section4_3, ACookieIsGivenBackUnchangedForHalfAnHour) {
  EXPECT_EQ(hex(check(first, "198.51.100.100", first_made + 1800, secret).reply), first);
  EXPECT_NE(hex(check(first, "198.51.100.100", first_made + 1801, secret).reply), first);
}

TEST(Rfc9018Section4_3, ACookieIsValidForAnHourAndFiveMinutesAhead) {
  const auto verdict = [](std::uint32_t now) { return check(first, "198.51.100.100", now, secret).verdict; };
  EXPECT_EQ(verdict(first_made + 3600), CookieVerdict::valid);
  EXPECT_EQ(verdict(first_made + 3601), CookieVerdict::invalid);
  EXPECT_EQ(verdict(first_made - 300), CookieVerdict::valid);
  EXPECT_EQ(verdict(first_made - 301), CookieVerdict::invalid);
}

TEST(Rfc9018Section4_2, ACookieBelongsToOneAddressOneClientCookieAndOneVersion) {
  EXPECT_EQ(check(first, "198.51.100.101", first_made, secret).verdict, CookieVerdict::invalid);
  for (std::size_t octet = 0; octet < 24; ++octet) {
    auto changed = octets(first);
    changed[octet] ^= 1;
    EXPECT_EQ(check(hex(changed), "198.51.100.100", first_made, secret).verdict, CookieVerdict::invalid) << octet;
  }
}

TEST(Rfc7873Section4, AQueryWithoutACookieHasNone) {
  EXPECT_EQ(check_cookie({}, *base::parse_address("192.0.2.1"), 0, {}).verdict, CookieVerdict::absent);
}

TEST(Rfc7873Section4, ServerCookiesOfAnotherLengthAreInvalid) {
  for (std::size_t size = 16; size <= 40; ++size) {
    if (size == 24) continue;
    auto cookie = octets(first);
    cookie.resize(size);
    EXPECT_EQ(check(hex(cookie), "198.51.100.100", first_made, secret).verdict, CookieVerdict::invalid) << size;
  }
}

TEST(CookieSecrets, AreLinesOf32DigitsWithComments) {
  const auto secrets =
      parse_cookie_secrets("# first\n\n  E5E973E5A6B2A43F48E7DC849E37BFCF # makes\r\n445536bcd2513298075a5d379663c962");
  ASSERT_TRUE(secrets);
  EXPECT_EQ(secrets->keys.size(), 2U);
  EXPECT_EQ(secrets->keys[0][0], 0xe5);
}

TEST(CookieSecrets, AreOfHexadecimalDigitsAlone) {
  const std::string good = "e5e973e5a6b2a43f48e7dc849e37bfc";
  EXPECT_TRUE(parse_cookie_secrets(good + "F"));
  for (const char octet : {'/', ':', '@', 'G', '`', 'g'}) {
    EXPECT_FALSE(parse_cookie_secrets(good + octet)) << octet;
    EXPECT_FALSE(parse_cookie_secrets(octet + good)) << octet;
  }
}

TEST(CookieSecrets, SayWhichLineIsWrongAndNotWhatItHolds) {
  EXPECT_EQ(parse_cookie_secrets(secret + "\nabc").error().what, "line 2 is not a secret of 32 hexadecimal digits");
  EXPECT_EQ(parse_cookie_secrets("\n# nothing\n").error().what, "holds no secret: write one of 32 hexadecimal digits");
  std::string five;
  for (int i = 0; i < 5; ++i) five += secret + "\n";
  EXPECT_EQ(parse_cookie_secrets(five).error().what, "line 5 is one secret too many: at most 4");
}

}  // namespace
}  // namespace gslb::dns
