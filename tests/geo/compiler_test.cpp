#include "geo/compiler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.hpp"
#include "compile_world.hpp"
#include "mmdb_writer.hpp"

namespace gslb::geo {
namespace {

using testing::address;
using testing::compile;
using ::testing::HasSubstr;
using testing::spec_of;
using testing::TemporaryFile;
using testing::why_refused;

const std::string data = "tests/geo/data/";

TEST(CompileGeo, WithoutDatabasesKnowsOnlyThePlacesOfTheOperator) {
  GeoSpec spec;
  spec.places.emplace_back().prefix = base::parse_prefix("203.0.113.0/24").value();
  spec.places.back().at = testing::paris();
  const CompiledGeo compiled = compile(spec, {testing::nearest_of({testing::frankfurt(), testing::singapore()})});
  EXPECT_EQ(compiled.locator->classes(0), 3U) << "there, nowhere, and nowhere in a special-purpose block";
  EXPECT_EQ(testing::locate(*compiled.locator, 0, "203.0.113.0/26").scope, 24);
}

TEST(CompileGeo, ReportsEveryBadFileAtOnceAndWhereItWasWritten) {
  GeoSpec spec = spec_of({data + "none.mmdb", data + "maxmind/test-data/GeoLite2-ASN-Test.mmdb"});
  spec.asn.push_back({data + "synthetic/flat-country.mmdb", {}});
  spec.location[1].where.line = 7;
  base::ErrorList errors;
  EXPECT_FALSE(compile_geo(spec, {}, {}, errors));
  ASSERT_EQ(errors.all().size(), 3U);
  EXPECT_THAT(errors.all()[0].what, HasSubstr("none.mmdb: cannot open"));
  EXPECT_THAT(errors.all()[1].what, HasSubstr("GeoLite2-ASN-Test.mmdb: has no places"));
  EXPECT_EQ(errors.all()[1].where.line, 7);
  EXPECT_EQ(errors.all()[1].path, "geo.location");
  EXPECT_THAT(errors.all()[2].what, HasSubstr("flat-country.mmdb: has no AS numbers"));
}

TEST(CompileGeo, RefusesAPlaceThatIsListedTwice) {
  GeoSpec spec;
  spec.places.resize(2);
  for (PlaceSpec& place : spec.places) place.prefix = base::parse_prefix("10.20.0.0/16").value();
  EXPECT_THAT(why_refused(spec, {}), HasSubstr("geo.places: 10.20.0.0/16 is already a place"));
}

TEST(CompileGeo, RefusesMorePointsThanTiersCanCount) {
  EXPECT_THAT(why_refused({}, {testing::nearest_of(std::vector<Coordinates>(255, testing::paris()))}),
              HasSubstr("255 places to choose from"));
  EXPECT_THAT(why_refused({}, {testing::nearest_of({})}), HasSubstr("0 places to choose from"));
  compile({}, {testing::nearest_of(std::vector<Coordinates>(254, testing::paris()))});
}

TEST(CompileGeo, ReadsAnotherTableOfCountries) {
  const TemporaryFile file(R"(country,lat,lon,continent,place
FR,1.35,103.82,AS,moved
)");
  testing::MmdbWriter writer;
  writer.add("8.8.8.0/24", testing::flat({.country = "FR"}));
  const TemporaryFile database(writer.bytes());
  GeoSpec spec = spec_of({database.path()});
  const Signature nearest = testing::nearest_of({testing::frankfurt(), testing::singapore()});
  const auto first = [&](const CompiledGeo& compiled) {
    return compiled.locator->answers(0, compiled.locator->class_of(0, address("8.8.8.8"))).tiers.at(0);
  };
  EXPECT_EQ(first(compile(spec, {nearest})), (std::vector<std::uint8_t>{0, 1}));
  spec.country_points.value = file.path();
  EXPECT_EQ(first(compile(spec, {nearest})), (std::vector<std::uint8_t>{1, 0}));
  file.write("country,lat,lon,continent,place\nFR,1,2,3,4\n");
  EXPECT_THAT(why_refused(spec, {nearest}), HasSubstr("line 2: the continent is not one of"));
}

// Sixty points have more orders on the globe than 16 bits can number, if there are enough clients to tell them
// apart.
TEST(CompileGeo, SaysWhatToRelaxWhenThereAreTooManyKindsOfPlaces) {
  testing::MmdbWriter writer(4);
  base::Random random(1);
  const auto degrees = [&](double range) { return (random.below(1'000'000) / 1'000'000.0 - 0.5) * range; };
  for (std::uint32_t i = 0; i < 75'000; ++i) {
    writer.add({base::IpAddress::v4(0x10000000 + (i << 8)), 24},
               testing::nested({.latitude = degrees(180), .longitude = degrees(360)}));
  }
  const TemporaryFile file(writer.bytes());
  std::vector<Coordinates> points;
  for (unsigned i = 0; i < 60; ++i) points.push_back({degrees(180), degrees(360)});
  EXPECT_THAT(why_refused(spec_of({file.path()}), {testing::nearest_of(points)}),
              HasSubstr("raise `within` of the nearest filters"));
}

TEST(CompileGeo, GoesOnWhenTheImageCannotBeStored) {
  const CompiledGeo compiled = compile({}, {}, "/nonexistent/folder/geo.image");
  EXPECT_FALSE(compiled.from_state);
  EXPECT_EQ(compiled.locator->signatures(), 0U);
}

}  // namespace
}  // namespace gslb::geo
