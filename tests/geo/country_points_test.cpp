#include "geo/country_points.hpp"

#include <gtest/gtest.h>

namespace gslb::geo {
namespace {

constexpr const char* heading = "country,lat,lon,continent,place\n";

TEST(CountryPoints, TheShippedTableKnowsEveryCountry) {
  const auto points = CountryPoints::parse(CountryPoints::shipped_text());
  ASSERT_TRUE(points) << points.error().what;
  for (const char* country : {"US", "DE", "NO", "XK", "CX", "TL", "AQ"})
    EXPECT_NE(points->find(to_code(country)), nullptr);
  EXPECT_EQ(points->find(to_code("ZZ")), nullptr);
  EXPECT_EQ(points->find(Code{}), nullptr);
}

// The area's centroid would put the United States next to Oregon.
TEST(CountryPoints, ACountryIsWhereItsMainTownIs) {
  const auto points = CountryPoints::parse(CountryPoints::shipped_text());
  ASSERT_TRUE(points);
  const auto* us = points->find(to_code("US"));
  ASSERT_NE(us, nullptr);
  EXPECT_EQ(us->continent, to_code("NA"));
  EXPECT_NEAR(us->at.latitude, 40.7, 0.2);
  EXPECT_NEAR(us->at.longitude, -74.0, 0.2);
}

TEST(CountryPoints, SaysWhichLineIsWrong) {
  const auto why = [](const std::string& lines) {
    const auto points = CountryPoints::parse(lines);
    return points ? std::string("accepted") : points.error().what;
  };
  const std::string h = heading;
  EXPECT_EQ(why(""), "holds no country");
  EXPECT_EQ(why(h), "holds no country");
  EXPECT_EQ(why("FR,1,2,EU,x\n"), "line 1: the heading is not country,lat,lon,continent,place");
  EXPECT_EQ(why("# note\n" + h + "fr,1,2,EU,x\n"), "line 3: the country is not two capital letters");
  EXPECT_EQ(why(h + "FR,91,2,EU,x\n"), "line 2: the latitude is not a number from -90 to 90");
  EXPECT_EQ(why(h + "FR,nan,2,EU,x\n"), "line 2: the latitude is not a number from -90 to 90");
  EXPECT_EQ(why(h + "FR,1,,EU,x\n"), "line 2: the longitude is not a number from -180 to 180");
  EXPECT_EQ(why(h + "FR,1,2,XX,x\n"), "line 2: the continent is not one of AF AN AS EU NA OC SA");
  EXPECT_EQ(why(h + "FR,1,2,EU,x\nFR,1,2,EU,x\n"), "holds FR twice");
}

}  // namespace
}  // namespace gslb::geo
