#include "geo/facts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.hpp"
#include "compile_world.hpp"
#include "geo/special.hpp"
#include "mmdb_writer.hpp"
#include "slow_model.hpp"

namespace gslb::geo {
namespace {

using testing::address;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::spec_of;
using testing::TemporaryFile;

const std::string maxmind = "tests/geo/data/maxmind/test-data/";
const std::string synthetic = "tests/geo/data/synthetic/";

Facts facts(const GeoInputs& inputs, const std::string& text) {
  auto found = facts_about(inputs, address(text.c_str()));
  if (!found) throw std::runtime_error(found.error().what);
  return *found;
}

std::string network(const FactSource& source) { return source.network ? base::to_string(*source.network) : ""; }

/// As the compilation left them.
GeoInputs compiled(const GeoSpec& spec) {
  return *testing::compile(spec, {testing::nearest_of({testing::frankfurt(), testing::singapore()})}).inputs;
}

TEST(Facts, NameTheFileAndTheNetworkOfEachFact) {
  GeoSpec spec = spec_of({maxmind + "GeoIP2-City-Test.mmdb"});
  spec.asn.push_back({maxmind + "GeoLite2-ASN-Test.mmdb", {}});
  const Facts london = facts(compiled(spec), "81.2.69.160");
  EXPECT_EQ(london.country->value, "GB");
  EXPECT_THAT(london.country->from.file, EndsWith("GeoIP2-City-Test.mmdb"));
  EXPECT_EQ(network(london.country->from), "81.2.69.160/27");
  EXPECT_EQ(london.subdivision->value, "GB-ENG");
  EXPECT_EQ(london.continent->value, "EU");
  EXPECT_EQ(london.city->value, "London");
  EXPECT_NEAR(london.at->value.latitude, 51.5142, 1e-9);
  const Facts first = facts(compiled(spec), "1.128.0.9");
  EXPECT_EQ(first.asn->value, 1221U);
  EXPECT_THAT(first.asn->from.file, EndsWith("GeoLite2-ASN-Test.mmdb"));
  EXPECT_EQ(network(first.asn->from), "1.128.0.0/11");
  EXPECT_EQ(first.organization->value, "Telstra Pty Ltd");
}

TEST(Facts, TakeWhatADatabaseLeavesOutFromTheTableOfCountries) {
  testing::MmdbWriter writer;
  writer.add("8.0.0.0/8", testing::flat({.country = "NZ"}));
  const TemporaryFile file(writer.bytes());
  const Facts found = facts(compiled(spec_of({file.path()})), "8.8.8.8");
  EXPECT_EQ(found.country->from.kind, FactSource::Kind::database);
  EXPECT_EQ(found.continent->value, "OC");
  EXPECT_EQ(found.continent->from.kind, FactSource::Kind::country_table);
  EXPECT_EQ(found.at->from.kind, FactSource::Kind::country_table);
  EXPECT_EQ(network(found.at->from), "");
}

TEST(Facts, APlaceOfTheOperatorOverridesAndSaysWhereItIsWritten) {
  testing::MmdbWriter writer;
  writer.add("8.0.0.0/8", testing::flat({.country = "NZ", .latitude = -41, .longitude = 174}));
  const TemporaryFile database(writer.bytes());
  const TemporaryFile places("prefix,country,name\n8.8.0.0/16,NZ,branch\n8.8.8.0/24,FR,Paris office\n");
  GeoSpec spec = spec_of({database.path()});
  spec.places_files.push_back({places.path(), {}});
  const GeoInputs inputs = compiled(spec);
  const Facts paris = facts(inputs, "8.8.8.8");
  EXPECT_EQ(paris.place->value, "Paris office");
  EXPECT_EQ(paris.place->from.file, places.path());
  EXPECT_EQ(paris.place->from.line, 3);
  EXPECT_EQ(network(paris.place->from), "8.8.8.0/24");
  EXPECT_EQ(paris.country->value, "FR");
  EXPECT_EQ(paris.continent->value, "EU");
  EXPECT_EQ(paris.at->from.kind, FactSource::Kind::country_table);
  const Facts branch = facts(inputs, "8.8.9.9");
  EXPECT_EQ(branch.place->value, "branch");
  EXPECT_EQ(branch.at->from.kind, FactSource::Kind::database);
}

TEST(Facts, OfASpecialPurposeAddressAreOnlyThoseOfAPlace) {
  GeoSpec spec = spec_of({synthetic + "flat-city-ipv4.mmdb"});
  const Facts nowhere = facts(compiled(spec), "127.1.0.1");
  EXPECT_EQ(base::to_string(*nowhere.special), "127.0.0.0/8");
  EXPECT_FALSE(nowhere.believed);
  EXPECT_FALSE(nowhere.at);
  PlaceSpec& place = spec.places.emplace_back();
  place.prefix = base::parse_prefix("127.1.0.0/16").value();
  place.country = "DE";
  const Facts somewhere = facts(compiled(spec), "127.1.0.1");
  EXPECT_TRUE(somewhere.believed);
  EXPECT_EQ(somewhere.country->from.kind, FactSource::Kind::place);
}

TEST(Facts, OfAnUnknownAddressAreWhereTheConfigurationPutsIt) {
  GeoSpec spec = spec_of({maxmind + "GeoIP2-City-Test.mmdb"});
  spec.unknown_at = testing::paris();
  const Facts found = facts(compiled(spec), "9.9.9.9");
  EXPECT_EQ(found.at->from.kind, FactSource::Kind::unknown_at);
  EXPECT_FALSE(found.country);
}

TEST(Facts, OfAMappedAddressAreThoseOfTheIpv4Address) {
  const Facts found = facts(compiled(spec_of({maxmind + "GeoIP2-City-Test.mmdb"})), "::ffff:81.2.69.160");
  EXPECT_EQ(base::to_string(found.address), "81.2.69.160");
  EXPECT_EQ(found.country->value, "GB");
}

TEST(Facts, AreRefusedOnceAFileHasChanged) {
  testing::MmdbWriter writer;
  writer.add("8.0.0.0/8", testing::flat({.country = "NZ"}));
  const TemporaryFile database(writer.bytes());
  const TemporaryFile places("prefix,country\n192.0.2.0/24,FR\n");
  GeoSpec spec = spec_of({database.path()});
  spec.places_files.push_back({places.path(), {}});
  const GeoInputs inputs = compiled(spec);
  writer.add("9.0.0.0/8", testing::flat({.country = "AU"}));
  database.write(writer.bytes());
  EXPECT_EQ(facts_about(inputs, address("8.8.8.8")).error().what,
            database.path() + ": has changed since it was loaded; reload first");
  EXPECT_TRUE(facts_about(inputs, address("10.0.0.1"))) << "no database is asked about it";
  places.write("prefix,country\n192.0.2.0/24,DE\n");
  EXPECT_THAT(facts_about(inputs, address("10.0.0.1")).error().what, HasSubstr(places.path() + ": has changed"));
}

TEST(Facts, CanBeAskedOfFilesThatNoPolicyMadeAnybodyCompile) {
  GeoInputs inputs;
  inputs.spec = spec_of({maxmind + "GeoIP2-City-Test.mmdb"});
  EXPECT_EQ(facts(inputs, "81.2.69.160").country->value, "GB");
  inputs.spec = spec_of({"tests/geo/data/maxmind/bad-data/libmaxminddb/libmaxminddb-deep-nesting.mmdb"});
  EXPECT_FALSE(facts_about(inputs, address("81.2.69.160")));
}

/// The classes that queries are answered by and the facts that people are told come from different code.
TEST(Facts, AgreeWithTheClassOfTheirAddress) {
  GeoSpec spec = spec_of({maxmind + "GeoIP2-City-Test.mmdb", synthetic + "flat-country.mmdb"});
  spec.asn.push_back({maxmind + "GeoLite2-ASN-Test.mmdb", {}});
  PlaceSpec& place = spec.places.emplace_back();
  place.prefix = base::parse_prefix("81.2.0.0/16").value();
  place.country = "FR";
  const std::vector<Coordinates> sites{testing::frankfurt(), testing::ashburn(), testing::singapore()};
  RegionSpec region = testing::nobody();
  region.countries = {"GB", "SE", "FR"};
  region.asns = {1221, 7018};
  const Signature signature{testing::nearest_of(sites).nearest, {region}};
  const CompiledGeo geography = testing::compile(spec, {signature});
  testing::SlowModel model(spec);
  model.know_edges({}, {signature});
  base::Random random(7);
  const std::vector<std::string> networks{"81.2.0.0/16", "89.160.0.0/16", "216.160.0.0/16", "1.128.0.0/11",
                                          "2001:200::/23"};
  for (int i = 0; i < 200; ++i) {
    const base::Prefix within = base::parse_prefix(networks[i % networks.size()]).value();
    base::IpAddress client = within.address;
    for (unsigned bit = within.length; bit < base::bits(client.family); ++bit)
      client.octets[bit / 8] =
          static_cast<std::uint8_t>(client.octets[bit / 8] | (random.next() & 1U) << (7 - bit % 8));
    const Facts found = facts_about(*geography.inputs, client).value();
    const auto expected = model.answers(signature, client);
    const bool inside = (found.country && (found.country->value == "GB" || found.country->value == "SE" ||
                                           found.country->value == "FR")) ||
                        (found.asn && (found.asn->value == 1221 || found.asn->value == 7018));
    EXPECT_EQ(inside, expected.inside[0]) << base::to_string(client);
    EXPECT_EQ(found.at.has_value(), !expected.tiers[0].empty()) << base::to_string(client);
  }
}

}  // namespace
}  // namespace gslb::geo
