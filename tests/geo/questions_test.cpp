#include "geo/questions.hpp"

#include <gtest/gtest.h>

namespace gslb::geo {
namespace {

constexpr Coordinates frankfurt{50.11, 8.68};
constexpr Coordinates paris{48.86, 2.35};
constexpr Coordinates ashburn{39.04, -77.49};

std::vector<int> tiers(const NearestQuestion& question, std::optional<Coordinates> at) {
  const Questions questions({Signature{{question}, {}}});
  const std::string text = questions.tiers(at);
  return {text.begin(), text.end()};
}

bool inside(const RegionSpec& region, Facets facets, bool listed = false) {
  const Questions questions({Signature{{}, {region}}});
  return questions.inside(facets, listed ? std::vector<std::uint32_t>{0} : std::vector<std::uint32_t>{})[0] != 0;
}

Facets in(const char* continent, const char* country) { return {to_code(continent), to_code(country), 0, 0, 0}; }

RegionSpec nobody() {
  RegionSpec region;
  region.anyone = false;
  return region;
}

TEST(Distance, IsOnTheGreatCircle) {
  EXPECT_NEAR(distance_km(frankfurt, paris), 478, 5);
  EXPECT_NEAR(distance_km({0, 0}, {0, 180}), 20015, 1);
  EXPECT_NEAR(distance_km({0, 179.9}, {0, -179.9}), 22.2, 0.1);
  EXPECT_NEAR(distance_km({90, 0}, {90, 120}), 0, 1e-6);
  EXPECT_EQ(distance_km(paris, paris), 0);
}

TEST(Nearest, PutsPointsWithinTheToleranceIntoOneTier) {
  EXPECT_EQ(tiers({{{ashburn}, {paris}, {frankfurt}}, 0}, frankfurt), (std::vector{2, 1, 0}));
  EXPECT_EQ(tiers({{{ashburn}, {paris}, {frankfurt}}, 500}, frankfurt), (std::vector{1, 0, 0}));
  EXPECT_EQ(tiers({{{ashburn}, {paris}, {frankfurt}}, 9000}, frankfurt), (std::vector{0, 0, 0}));
}

// A tier is measured from the nearest of the rest, not from point to point.
TEST(Nearest, DoesNotChainTolerances) {
  const NearestQuestion question{{{{0, 1}}, {{0, 2}}, {{0, 3}}, {{0, 4}}}, 150};
  EXPECT_EQ(tiers(question, Coordinates{0, 0}), (std::vector{0, 0, 1, 1}));
}

// Ranks, then how far each reaches: whichever points the asker leaves out, the tiers of the rest follow.
TEST(Nearest, APartialQuestionGivesRanksAndReach) {
  const NearestQuestion question{{{{0, 4}}, {{0, 1}}, {{0, 2}}, {{0, 3}}}, 150, true};
  EXPECT_EQ(tiers(question, Coordinates{0, 0}), (std::vector{3, 0, 1, 2, 3, 1, 2, 3}));
  EXPECT_EQ(tiers(question, std::nullopt).size(), 8U);
}

TEST(Nearest, ABiasBringsAPointNearer) {
  EXPECT_EQ(tiers({{{paris, 600}, {frankfurt}}, 0}, frankfurt), (std::vector{0, 1}));
  EXPECT_EQ(tiers({{{paris, 400}, {frankfurt}}, 0}, frankfurt), (std::vector{1, 0}));
}

TEST(Nearest, KnowsNothingAboutAClientWithoutAPlace) {
  EXPECT_EQ(tiers({{{paris}, {frankfurt}}, 0}, std::nullopt), (std::vector{-1, -1}));
}

TEST(Nearest, TreatsZeroAsARealCoordinate) {
  EXPECT_EQ(tiers({{{paris}, {{0, 0}}}, 0}, Coordinates{0, 0}), (std::vector{1, 0}));
}

TEST(Regions, AnEmptyRegionHoldsNobodyAndAnyoneHoldsAll) {
  EXPECT_FALSE(inside(nobody(), in("EU", "FR")));
  EXPECT_FALSE(inside(nobody(), {}));
  EXPECT_TRUE(inside({}, in("EU", "FR")));
  EXPECT_TRUE(inside({}, {}));
}

TEST(Regions, AnyMatchIsEnough) {
  RegionSpec region = nobody();
  region.continents = {"EU"};
  region.countries = {"US"};
  EXPECT_TRUE(inside(region, in("EU", "FR")));
  EXPECT_TRUE(inside(region, in("NA", "US")));
  EXPECT_FALSE(inside(region, in("NA", "CA")));
  EXPECT_FALSE(inside(region, {}));
}

TEST(Regions, UnknownMeansWithoutAContinent) {
  RegionSpec region = nobody();
  region.unknown = true;
  EXPECT_TRUE(inside(region, {}));
  EXPECT_TRUE(inside(region, in("", "ZZ")));
  EXPECT_FALSE(inside(region, in("EU", "FR")));
}

TEST(Regions, ExclusionsTakeOutUnlessAListedPrefixHoldsTheClient) {
  RegionSpec region;
  region.except_continents = {"AS"};
  region.except_countries = {"FR", "ZZ"};
  EXPECT_TRUE(inside(region, in("EU", "DE")));
  EXPECT_TRUE(inside(region, {}));
  EXPECT_FALSE(inside(region, in("EU", "FR")));
  EXPECT_FALSE(inside(region, in("AS", "JP")));
  EXPECT_FALSE(inside(region, in("", "ZZ")));
  EXPECT_TRUE(inside(region, in("AS", "JP"), true));
}

TEST(Regions, ExclusionsKnowPrefixesSubdivisionsAndAsNumbers) {
  RegionSpec region;
  region.except_subdivisions = {"US-CA"};
  region.except_asns = {64500};
  region.except_prefixes = {base::parse_prefix("192.0.2.0/24").value()};
  const Questions questions({Signature{{}, {region}}});
  const auto is_inside = [&](Facets facets, std::vector<std::uint32_t> listing = {}) {
    return questions.inside(facets, listing)[0] != 0;
  };
  Facets client = in("NA", "US");
  EXPECT_TRUE(is_inside(client));
  EXPECT_FALSE(is_inside(client, {Questions::excepted(0)}));
  EXPECT_TRUE(is_inside(client, {Questions::listed(0)}));
  client.subdivision = questions.subdivision_id(to_code("US"), {'C', 'A', '\0'});
  EXPECT_FALSE(is_inside(client));
  client.subdivision = 0;
  client.asn = questions.asn_id(64500);
  EXPECT_FALSE(is_inside(client));
}

TEST(Regions, KnowSubdivisionsAndAsNumbers) {
  RegionSpec region = nobody();
  region.subdivisions = {"US-CA", "GB-ENG"};
  region.asns = {64500};
  const Questions questions({Signature{{}, {region}}});
  const auto is_inside = [&](Facets facets) { return questions.inside(facets, {})[0] != 0; };
  Facets client = in("NA", "US");
  client.subdivision = questions.subdivision_id(to_code("US"), {'C', 'A', '\0'});
  EXPECT_TRUE(is_inside(client));
  client.subdivision = questions.subdivision_id(to_code("US"), {'N', 'Y', '\0'});
  EXPECT_FALSE(is_inside(client));
  client.subdivision = questions.subdivision_id(to_code("GB"), {'E', 'N', 'G'});
  EXPECT_TRUE(is_inside(client));
  client.subdivision = 0;
  client.asn = questions.asn_id(64500);
  EXPECT_TRUE(is_inside(client));
  client.asn = questions.asn_id(64501);
  EXPECT_FALSE(is_inside(client));
}

TEST(Questions, AskEachQuestionOnceHoweverManySignaturesShareIt) {
  const NearestQuestion question{{{paris}, {frankfurt}}, 0};
  RegionSpec region = nobody();
  region.continents = {"EU"};
  const Questions questions({Signature{{question}, {}}, Signature{{question}, {region}}, Signature{}});
  const std::string tiers = questions.tiers(paris);
  const std::string inside = questions.inside(in("EU", "FR"), {});
  EXPECT_EQ(tiers.size(), 2U);
  EXPECT_EQ(inside.size(), 1U);
  EXPECT_EQ(questions.answers_of(0, tiers, inside, ""), tiers);
  EXPECT_EQ(questions.answers_of(1, tiers, inside, ""), tiers + inside);
  EXPECT_EQ(questions.answers_of(2, tiers, inside, ""), "");
}

}  // namespace
}  // namespace gslb::geo
