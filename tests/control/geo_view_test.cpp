#include "control/geo_view.hpp"

#include <gmock/gmock.h>

namespace gslb::control {
namespace {

using testing::HasSubstr;
using testing::Not;

engine::Whereabouts london() {
  engine::Whereabouts out;
  out.facts.address = base::parse_address("81.2.69.160").value();
  const geo::FactSource city{geo::FactSource::Kind::database, "city.mmdb", 0, base::parse_prefix("81.2.69.160/27")};
  const geo::FactSource asn{geo::FactSource::Kind::database, "asn.mmdb", 0, base::parse_prefix("81.2.0.0/17")};
  out.facts.at = {{51.5142, -0.0931}, city};
  out.facts.country = {"GB", city};
  out.facts.city = {"London", city};
  out.facts.continent = {"EU", {geo::FactSource::Kind::country_table, "", 0, {}}};
  out.facts.asn = {64500, asn};
  out.facts.organization = {"Example\x1b[1m", asn};
  out.sites = {{"fra", 637.4}, {"iad", 5918.2}, {"lab", {}}};
  out.services = {{"www.example.org", {{"fra"}, {"iad", "lab"}}, 17, 3}, {"eu.example.org", {}, 0, 0}};
  return out;
}

constexpr const char* golden = R"(81.2.69.160 -> GB, London (51.51, -0.09), AS64500 Example\x1b[1m

 what          value            network         from
 coordinates   51.5142,-0.0931  81.2.69.160/27  city.mmdb
 city          London           81.2.69.160/27  city.mmdb
 country       GB               81.2.69.160/27  city.mmdb
 continent     EU               -               built-in table of countries
 asn           AS64500          81.2.0.0/17     asn.mmdb
 organization  Example\x1b[1m   81.2.0.0/17     asn.mmdb

 site, nearest first     distance
 fra                       637 km
 iad                     5,918 km
 lab                  no distance

 service          its sites, best first  scope
 www.example.org  fra | iad lab            /17
 eu.example.org   no site serves it         /0
)";

TEST(GeoView, ShowsEachFactWithItsFileAndNetwork) { EXPECT_EQ(render_geo(geo_view(london()), false), golden); }

TEST(GeoView, IsTheSameAfterItWasJson) {
  const auto back = geo_from_json(to_json(geo_view(london())));
  ASSERT_TRUE(back);
  EXPECT_EQ(render_geo(*back, false), golden);
  EXPECT_EQ(to_json(*back), to_json(geo_view(london())));
}

TEST(GeoView, SaysWhyASpecialPurposeAddressIsNotBelieved) {
  engine::Whereabouts found;
  found.facts.address = base::parse_address("10.0.0.1").value();
  found.facts.special = base::parse_prefix("10.0.0.0/8");
  found.facts.believed = false;
  EXPECT_EQ(render_geo(geo_view(found), false),
            "10.0.0.1 -> nothing is known of it\n"
            "special-purpose: 10.0.0.0/8, no database is believed about it; policies look at the resolver's address "
            "instead\n");
}

TEST(GeoView, NamesTheLineOfAPlace) {
  engine::Whereabouts found;
  const geo::FactSource from{geo::FactSource::Kind::place, "places.csv", 7, base::parse_prefix("192.0.2.0/24")};
  found.facts.place = {"Paris office", from};
  found.facts.country = {"FR", from};
  const std::string text = render_geo(geo_view(found), false);
  EXPECT_THAT(text, HasSubstr("-> Paris office, FR\n"));
  EXPECT_THAT(text, HasSubstr("place at places.csv:7"));
  EXPECT_THAT(text, Not(HasSubstr("special-purpose")));
}

}  // namespace
}  // namespace gslb::control
