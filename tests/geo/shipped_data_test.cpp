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

TEST(TestDatabases, AgreeWithLibmaxminddbOnRandomAddresses) {
  for (const char* name : {"GeoIP2-City-Test", "GeoLite2-City-Test", "GeoIP2-Country-Test", "GeoLite2-Country-Test",
                           "GeoIP2-Enterprise-Test"}) {
    compare("tests/geo/data/maxmind/test-data/" + std::string(name) + ".mmdb", 5'000);
  }
}

}  // namespace
}  // namespace gslb::geo
