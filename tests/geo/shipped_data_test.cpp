// The database the program ships with, and the test databases, against libmaxminddb address by address.
#include <gtest/gtest.h>

#include "base/random.hpp"
#include "compile_world.hpp"
#include "slow_model.hpp"

namespace gslb::geo {
namespace {

std::vector<Signature> questions() {
  RegionSpec europe = testing::nobody();
  europe.continents = {"EU"};
  europe.countries = {"US"};
  Signature both = testing::nearest_of(
      {testing::frankfurt(), testing::ashburn(), testing::singapore(), testing::sydney(), testing::sao_paulo()}, 300);
  both.regions.push_back(europe);
  return {both};
}

base::IpAddress random_address(base::Random& random) {
  if (random.below(2) == 0) return base::IpAddress::v4(static_cast<std::uint32_t>(random.next()));
  const testing::Number number = testing::Number{random.next()} << 64 | random.next();
  const testing::Number global = testing::Number{1} << 125;  // 2000::/3
  return testing::to_address(base::Family::v6, global | number >> 3);
}

void compare(const std::string& path, unsigned addresses) {
  const GeoSpec spec = testing::spec_of({path});
  const testing::SlowModel model(spec);
  const auto signatures = questions();
  const CompiledGeo compiled = testing::compile(spec, signatures);
  std::vector<testing::Answers> answers;
  for (unsigned i = 0; i < compiled.locator->classes(0); ++i) {
    answers.push_back(testing::comparable(compiled.locator->answers(0, i)));
  }
  base::Random random(11);
  for (unsigned i = 0; i < addresses; ++i) {
    const base::IpAddress address = random_address(random);
    ASSERT_EQ(answers[compiled.locator->class_of(0, address)], model.answers(signatures[0], address))
        << base::to_string(address);
  }
}

TEST(ShippedDatabase, AgreesWithLibmaxminddbOnRandomAddresses) { compare("geo/data/dbip-country.mmdb", 100'000); }

/// `address` with random bits after the first `length`.
base::IpAddress random_inside(base::Random& random, base::IpAddress address, unsigned length) {
  for (unsigned bit = length; bit < base::bits(address.family); ++bit) {
    const auto mask = static_cast<std::uint8_t>(0x80 >> (bit % 8));
    if (random.below(2) != 0) address.octets[bit / 8] = static_cast<std::uint8_t>(address.octets[bit / 8] ^ mask);
  }
  return address;
}

/// RFC 7871 section 7.3.1: a resolver gives the answer to every client inside the scope.
TEST(ShippedDatabase, TwoRandomClientsInsideOneReturnedScopeAreOfOneClass) {
  const CompiledGeo compiled = testing::compile(testing::spec_of({"geo/data/dbip-country.mmdb"}), questions());
  base::Random random(12);
  unsigned shorter = 0;
  for (unsigned i = 0; i < 100'000; ++i) {
    const base::IpAddress client = random_address(random);
    const unsigned source = 1 + random.below(base::bits(client.family));
    const Located found = compiled.locator->locate(0, base::masked(client, source), source);
    ASSERT_LE(found.scope, source);
    if (found.scope == source || found.special) continue;
    ++shorter;
    for (int pair = 0; pair < 2; ++pair) {
      const base::IpAddress other = random_inside(random, client, found.scope);
      ASSERT_EQ(compiled.locator->class_of(0, other), found.service_class)
          << base::to_string(client) << "/" << source << " scope " << unsigned{found.scope} << ": "
          << base::to_string(other);
    }
  }
  EXPECT_GT(shorter, 30'000U);
}

TEST(TestDatabases, AgreeWithLibmaxminddbOnRandomAddresses) {
  for (const char* name : {"GeoIP2-City-Test", "GeoLite2-City-Test", "GeoIP2-Country-Test", "GeoLite2-Country-Test",
                           "GeoIP2-Enterprise-Test"}) {
    compare("tests/geo/data/maxmind/test-data/" + std::string(name) + ".mmdb", 5'000);
  }
}

}  // namespace
}  // namespace gslb::geo
