#include "geo/places_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compile_world.hpp"
#include "mmdb_writer.hpp"

namespace gslb::geo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::TemporaryFile;

std::vector<PlaceSpec> places(const std::string& text) {
  base::ErrorList errors;
  auto out = parse_places("places.csv", text, errors);
  EXPECT_TRUE(errors.empty()) << testing::all_errors(errors);
  return out;
}

/// "line:column: what" of each error.
std::vector<std::string> mistakes(const std::string& text) {
  base::ErrorList errors;
  static_cast<void>(parse_places("places.csv", text, errors));
  std::vector<std::string> out;
  for (const base::ConfigError& error : errors.all()) {
    EXPECT_EQ(error.where.file->path, "places.csv");
    EXPECT_EQ(error.path, "geo.places_file");
    out.push_back(std::to_string(error.where.line) + ":" + std::to_string(error.where.column) + ": " + error.what);
  }
  return out;
}

TEST(PlacesFile, ReadsEveryColumn) {
  const auto read = places(
      "prefix,lat,lon,country,continent,subdivision,asn,name\n"
      "192.0.2.0/24,48.86,2.35,FR,EU,FR-IDF,64500,Paris office\n");
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(base::to_string(read[0].prefix), "192.0.2.0/24");
  EXPECT_EQ(read[0].at, (Coordinates{48.86, 2.35}));
  EXPECT_EQ(read[0].country, "FR");
  EXPECT_EQ(read[0].continent, "EU");
  EXPECT_EQ(read[0].subdivision, "FR-IDF");
  EXPECT_EQ(read[0].asn, 64500U);
  EXPECT_EQ(read[0].name, "Paris office");
  EXPECT_EQ(read[0].where.line, 2);
}

TEST(PlacesFile, TakesColumnsInAnyOrderAndLeavesEmptyFieldsUnsaid) {
  const auto read = places("name,asn,prefix\r\n# offices\r\n\r\n\"Lyon, \"\"2\"\"\",AS64501,2001:db8::/48\r\n");
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read[0].name, "Lyon, \"2\"");
  EXPECT_EQ(read[0].asn, 64501U);
  EXPECT_FALSE(read[0].at);
  EXPECT_EQ(read[0].where.line, 4);
}

TEST(PlacesFile, ASubdivisionAloneSaysItsCountryToo) {
  EXPECT_EQ(places("prefix,subdivision\n192.0.2.1,US-CA\n")[0].country, "US");
  EXPECT_THAT(mistakes("prefix,subdivision,country\n192.0.2.1,US-CA,FR\n"), ElementsAre("2:1: US-CA is not in FR"));
}

TEST(PlacesFile, ReportsEveryMistakeWithItsLineAndColumn) {
  EXPECT_THAT(mistakes("prefix,lat,lon,country,continent,subdivision,asn,name\n"
                       "192.0.2.1/24,1,1,,,,,\n"
                       "192.0.2.0/24,91,1,,,,,\n"
                       "192.0.2.0/24,1,nan,,,,,\n"
                       "192.0.2.0/24,,,fr,,,,\n"
                       "192.0.2.0/24,,,,XX,,,\n"
                       "192.0.2.0/24,,,,,USCA,,\n"
                       "192.0.2.0/24,,,,,,0,\n"
                       "192.0.2.0/24,1,,,,,,\n"
                       "192.0.2.0/24,,,,,,,quiet\n"
                       "192.0.2.0/24,1\n"
                       "::ffff:192.0.2.0/120,1,1,,,,,\n"),
              ElementsAre("2:1: \"192.0.2.1/24\" is not a network", "3:14: \"91\" is not a latitude",
                          "4:16: \"nan\" is not a longitude", "5:16: \"fr\" is not a country code",
                          "6:17: \"XX\" is not a continent", "7:18: \"USCA\" is not a subdivision code",
                          "8:19: \"0\" is not a AS number", "9:1: lat and lon need each other",
                          "10:1: says nothing about its clients", "11:1: 2 fields, the first line has 8",
                          "12:1: ::ffff:192.0.2.0/120 is an IPv4 network in an IPv6 one"));
}

TEST(PlacesFile, ReportsAHeadingThatItDoesNotKnow) {
  EXPECT_THAT(mistakes("prefix,latt,lon\n"), ElementsAre("1:8: there is no column \"latt\""));
  EXPECT_THAT(mistakes("lat,lon\n"), ElementsAre("1:1: the first line has no column \"prefix\""));
  EXPECT_THAT(mistakes("prefix,prefix\n"), ElementsAre("1:8: the column \"prefix\" comes twice"));
  EXPECT_THAT(mistakes("# nothing\n"), ElementsAre("0:0: holds no places"));
}

TEST(PlacesFile, ReportsQuotesThatDoNotMatch) {
  EXPECT_THAT(mistakes("prefix,name\n192.0.2.1,\"a\n"), ElementsAre("2:11: the quote is not closed on this line"));
  EXPECT_THAT(mistakes("prefix,name\n192.0.2.1,\"a\"b\n"),
              ElementsAre("2:14: only a comma may follow a closing quote"));
}

TEST(PlacesFile, StopsAfterTwentyMistakes) {
  std::string text = "prefix,country\n";
  for (int i = 0; i < 100; ++i) text += "192.0.2.1,x\n";
  const auto found = mistakes(text);
  ASSERT_EQ(found.size(), 21U);
  EXPECT_EQ(found.back(), "0:0: has more errors; the first 20 are shown");
}

TEST(PlacesFile, ItsPlacesCountAsThoseOfTheConfigurationDo) {
  const TemporaryFile file("prefix,lat,lon\n192.0.2.0/24,48.86,2.35\n");
  GeoSpec spec;
  spec.places_files.push_back({file.path(), {}});
  const Signature asked = testing::nearest_of({testing::singapore(), testing::frankfurt()});
  const CompiledGeo compiled = testing::compile(spec, {asked});
  EXPECT_EQ(testing::locate(*compiled.locator, 0, "192.0.2.0/25").scope, 24);
  file.write("prefix,lat,lon\n192.0.2.0/24,1.35,103.82\n");
  EXPECT_NE(testing::compile(spec, {asked}).key, compiled.key);
}

TEST(PlacesFile, APrefixThatTheConfigurationHasTooIsAnErrorThatNamesBoth) {
  const TemporaryFile file("prefix,country\n192.0.2.0/24,FR\n192.0.2.0/24,DE\n");
  GeoSpec spec;
  spec.places_files.push_back({file.path(), {}});
  EXPECT_THAT(testing::why_refused(spec, {}), HasSubstr("192.0.2.0/24 is already a place at " + file.path() + ":2"));
  spec.places_files[0].value = "none.csv";
  EXPECT_THAT(testing::why_refused(spec, {}), HasSubstr("geo.places_file: none.csv"));
}

TEST(PlacesFile, ASubdivisionOfAPlaceAnswersARegionThatListsIt) {
  GeoSpec spec;
  PlaceSpec& place = spec.places.emplace_back();
  place.prefix = base::parse_prefix("192.0.2.0/24").value();
  place.country = "US";
  place.subdivision = "US-CA";
  RegionSpec california = testing::nobody();
  california.subdivisions = {"US-CA"};
  const CompiledGeo compiled = testing::compile(spec, {testing::inside_of(california)});
  const auto inside = [&](const char* network) -> bool {
    return compiled.locator->answers(0, testing::locate(*compiled.locator, 0, network).service_class).inside[0];
  };
  EXPECT_TRUE(inside("192.0.2.7/32"));
  EXPECT_FALSE(inside("198.51.100.7/32"));
}

}  // namespace
}  // namespace gslb::geo
