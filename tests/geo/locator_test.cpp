#include "geo/locator.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "compile_world.hpp"
#include "geo/special.hpp"
#include "mmdb_writer.hpp"
#include "slow_model.hpp"

namespace gslb::geo {
namespace {

using testing::address;
using testing::compile;
using testing::locate;
using testing::MmdbWriter;
using testing::TemporaryFile;

std::string france_and_japan() {
  MmdbWriter writer;
  writer.add("5.0.0.0/8", testing::nested({.country = "FR", .latitude = 48.86, .longitude = 2.35}));
  writer.add("5.128.0.0/9", testing::nested({.country = "JP", .latitude = 35.68, .longitude = 139.69}));
  writer.add("5.1.2.0/25", testing::nested({.country = "JP", .latitude = 35.68, .longitude = 139.69}));
  writer.add("5.1.2.128/26", testing::nested({.country = "JP", .latitude = 35.68, .longitude = 139.69}));
  writer.add("2600::/12", testing::nested({.country = "FR", .latitude = 48.86, .longitude = 2.35}));
  return writer.bytes();
}

class TwoCountries : public ::testing::Test {
 protected:
  std::uint8_t first_tier(unsigned signature, unsigned service_class, unsigned point) const {
    return compiled.locator->answers(signature, service_class).tiers.at(0).at(point);
  }

  TemporaryFile file{france_and_japan()};
  CompiledGeo compiled =
      compile(testing::spec_of({file.path()}), {testing::nearest_of({testing::frankfurt(), testing::singapore()}),
                                                Signature{}, testing::inside_of(RegionSpec{})});
};

TEST_F(TwoCountries, TheScopeIsTheShortestPrefixThatIsAllAlike) {
  const Located france = locate(*compiled.locator, 0, "5.2.0.0/24");
  EXPECT_EQ(first_tier(0, france.service_class, 0), 0);
  EXPECT_EQ(france.scope, 15);
  const Located japan = locate(*compiled.locator, 0, "5.200.0.0/24");
  EXPECT_EQ(first_tier(0, japan.service_class, 1), 0);
  EXPECT_EQ(japan.scope, 9);
}

TEST_F(TwoCountries, AMixedNetworkGetsWhatMostOfItIsAndItsOwnScope) {
  const Located mixed = locate(*compiled.locator, 0, "5.1.2.0/24");
  EXPECT_EQ(first_tier(0, mixed.service_class, 1), 0);
  EXPECT_EQ(mixed.scope, 24);
  const Located wide = locate(*compiled.locator, 0, "5.0.0.0/9");
  EXPECT_EQ(first_tier(0, wide.service_class, 0), 0);
  EXPECT_EQ(wide.scope, 9);
  const Located narrow = locate(*compiled.locator, 0, "5.1.2.128/25");
  EXPECT_EQ(narrow.scope, 25);
}

TEST_F(TwoCountries, ASignatureWithoutQuestionsHasOneClassAndScopeZero) {
  EXPECT_EQ(compiled.locator->classes(1), 1U);
  EXPECT_EQ(locate(*compiled.locator, 1, "5.1.2.0/24").scope, 0);
  EXPECT_EQ(locate(*compiled.locator, 1, "2600::/48").scope, 0);
  EXPECT_EQ(compiled.locator->class_of(1, address("5.1.2.3")), 0);
  EXPECT_TRUE(compiled.locator->answers(1, 0).inside.empty());
  EXPECT_TRUE(compiled.locator->answers(2, 0).inside.at(0));
  EXPECT_TRUE(compiled.locator->answers(2, 1).inside.at(0));
}

TEST_F(TwoCountries, SourceZeroHasScopeZero) {
  EXPECT_EQ(locate(*compiled.locator, 0, "0.0.0.0/0").scope, 0);
  EXPECT_EQ(locate(*compiled.locator, 0, "::/0").scope, 0);
}

TEST_F(TwoCountries, AClientWhomNobodyKnowsHasNoTiers) {
  const Located unknown = locate(*compiled.locator, 0, "9.0.0.0/24");
  EXPECT_TRUE(compiled.locator->answers(0, unknown.service_class).tiers.at(0).empty());
  EXPECT_FALSE(unknown.special);
}

// RFC 7871 section 7.2.1: 100::/64 is answered as the resolver is, so nobody beside it may be told its scope.
TEST_F(TwoCountries, TheScopeBesideASpecialBlockDoesNotReachIntoIt) {
  EXPECT_TRUE(locate(*compiled.locator, 0, "100::/64").special);
  EXPECT_EQ(locate(*compiled.locator, 0, "100:0:0:f::/64").scope, 61);
  EXPECT_EQ(locate(*compiled.locator, 0, "11.0.0.0/24").scope, 8);
}

// DESIGN 6: a private or special-purpose address has the scope of its block.
TEST_F(TwoCountries, SpecialPurposeNetworksAreMarked) {
  const Located net10 = locate(*compiled.locator, 0, "10.1.2.0/24");
  EXPECT_TRUE(net10.special);
  EXPECT_EQ(net10.scope, 8);
  EXPECT_TRUE(compiled.locator->answers(0, net10.service_class).tiers.at(0).empty());
  EXPECT_EQ(locate(*compiled.locator, 0, "192.0.2.1/32").scope, 24);
  EXPECT_EQ(locate(*compiled.locator, 0, "2001:db8:1::/48").scope, 32);
  EXPECT_TRUE(locate(*compiled.locator, 1, "2001:db8:1::/48").special);
  EXPECT_FALSE(locate(*compiled.locator, 0, "10.0.0.0/7").special);
  EXPECT_FALSE(locate(*compiled.locator, 0, "11.0.0.0/24").special);
}

TEST(SpecialBlocksInAFile, AreNotBelieved) {
  MmdbWriter writer;
  writer.add("192.168.0.0/16", testing::flat({.country = "AU"}));
  writer.add("8.8.8.0/24", testing::flat({.country = "FR"}));
  const TemporaryFile file(writer.bytes());
  RegionSpec australia = testing::nobody();
  australia.countries = {"AU"};
  const CompiledGeo compiled = compile(testing::spec_of({file.path()}), {testing::inside_of(australia)});
  EXPECT_EQ(compiled.locator->classes(0), 2U) << "nobody is inside, but special blocks are apart";
  EXPECT_FALSE(compiled.locator->answers(0, compiled.locator->class_of(0, address("192.168.1.1"))).inside.at(0));
}

TEST(Places, OfTheOperatorAreBelievedEverywhere) {
  const TemporaryFile file(france_and_japan());
  GeoSpec spec = testing::spec_of({file.path()});
  spec.places.resize(3);
  spec.places[0].prefix = base::parse_prefix("10.20.0.0/16").value();
  spec.places[0].at = testing::singapore();
  spec.places[1].prefix = base::parse_prefix("10.20.30.0/24").value();
  spec.places[1].country = "FR";
  spec.places[2].prefix = base::parse_prefix("5.0.0.0/16").value();
  spec.places[2].continent = "AF";
  RegionSpec africa = testing::nobody();
  africa.continents = {"AF"};
  const CompiledGeo compiled =
      compile(spec, {testing::nearest_of({testing::frankfurt(), testing::singapore()}), testing::inside_of(africa)});
  const Locator& locator = *compiled.locator;
  const auto tiers = [&](const char* text) {
    return locator.answers(0, locator.class_of(0, address(text))).tiers.at(0);
  };
  EXPECT_EQ(tiers("10.20.1.1"), (std::vector<std::uint8_t>{1, 0}));
  EXPECT_EQ(tiers("10.20.30.1"), (std::vector<std::uint8_t>{0, 1}));
  EXPECT_TRUE(tiers("10.21.0.1").empty());
  EXPECT_EQ(tiers("5.0.1.1"), (std::vector<std::uint8_t>{0, 1}));
  EXPECT_TRUE(locator.answers(1, locator.class_of(1, address("5.0.1.1"))).inside.at(0));
  EXPECT_FALSE(locator.answers(1, locator.class_of(1, address("5.1.1.1"))).inside.at(0));

  EXPECT_FALSE(locate(locator, 0, "10.20.1.0/24").special);
  const Located beside = locate(locator, 0, "10.21.0.0/24");
  EXPECT_TRUE(beside.special);
  EXPECT_EQ(beside.scope, 16);
  EXPECT_EQ(locate(locator, 0, "10.128.0.0/24").scope, 9);
  const Located around = locate(locator, 0, "10.0.0.0/8");
  EXPECT_TRUE(around.special);
  EXPECT_EQ(around.scope, 8);
}

TEST(UnknownClients, StandWhereTheOperatorSays) {
  const TemporaryFile file(france_and_japan());
  GeoSpec spec = testing::spec_of({file.path()});
  spec.unknown_at = testing::singapore();
  const CompiledGeo compiled = compile(spec, {testing::nearest_of({testing::frankfurt(), testing::singapore()})});
  const Locator& locator = *compiled.locator;
  for (const char* nobody_knows : {"9.9.9.9", "10.0.0.1"}) {
    const auto answers = locator.answers(0, locator.class_of(0, address(nobody_knows)));
    EXPECT_EQ(answers.tiers.at(0), (std::vector<std::uint8_t>{1, 0}));
  }
}

TEST(Databases, TheFirstThatKnowsWins) {
  MmdbWriter first(4);
  first.add("5.1.0.0/16", testing::flat({.country = "FR"}));
  first.add("5.2.0.0/16", testing::flat({.country = ""}));
  MmdbWriter second(6);
  second.add("5.0.0.0/8", testing::nested({.country = "JP"}));
  second.add("2600::/12", testing::nested({.country = "JP"}));
  const TemporaryFile first_file(first.bytes());
  const TemporaryFile second_file(second.bytes());
  RegionSpec france = testing::nobody();
  france.countries = {"FR"};
  RegionSpec japan = testing::nobody();
  japan.countries = {"JP"};
  const CompiledGeo compiled =
      compile(testing::spec_of({first_file.path(), second_file.path()}), {Signature{{}, {france, japan}}});
  const auto inside = [&](const char* text) {
    return compiled.locator->answers(0, compiled.locator->class_of(0, address(text))).inside;
  };
  EXPECT_EQ(inside("5.1.2.3"), (std::vector{true, false}));
  EXPECT_EQ(inside("5.2.2.3"), (std::vector{false, true}));
  EXPECT_EQ(inside("5.3.2.3"), (std::vector{false, true}));
  EXPECT_EQ(inside("2600::1"), (std::vector{false, true}));
  EXPECT_EQ(inside("6.1.2.3"), (std::vector{false, false}));
}

/// Random networks of every size, close together so that they lie over and beside each other.
class RandomWorld {
 public:
  explicit RandomWorld(std::uint64_t seed) : random_(seed) {
    MmdbWriter nested_writer(6, 24);
    MmdbWriter flat_writer(4, 28);
    MmdbWriter asn_writer(6, 32);
    for (unsigned i = 0; i < 150; ++i) {
      nested_writer.add(remember(network()), testing::nested(entry()));
      flat_writer.add(remember(v4_network()), testing::flat(entry()));
      asn_writer.add(remember(network()), testing::flat({.asn = 64500 + random_.below(4)}));
    }
    nested_file_.write(nested_writer.bytes());
    flat_file_.write(flat_writer.bytes());
    asn_file_.write(asn_writer.bytes());
    spec_ = testing::spec_of({nested_file_.path(), flat_file_.path()});
    spec_.asn.push_back({asn_file_.path(), {}});
    add_places();
    add_signatures();
    model_.emplace(spec_);
    model_->know_edges(prefixes_, signatures_);
    compiled_ = compile(spec_, signatures_);
  }

  /// A network beside, around or inside one that means something.
  base::Prefix near_something() {
    base::Prefix some = prefixes_[random_.below(static_cast<std::uint32_t>(prefixes_.size()))];
    const unsigned bits = base::bits(some.address.family);
    if (random_.below(8) == 0) some = special_blocks(some.address.family)[random_.below(15)];
    const unsigned length = random_.below(bits + 1);
    testing::Number number = testing::to_number(some.address);
    const testing::Number noise = testing::Number{random_.next()} << 64 | random_.next();
    if (some.length < bits && random_.below(2) == 0)
      number |= noise & ((testing::Number{1} << (bits - some.length)) - 1);
    if (random_.below(4) == 0) number ^= testing::Number{1} << random_.below(bits);
    const unsigned near = std::min(bits, some.length + random_.below(10));
    return base::make_prefix(testing::to_address(some.address.family, number), random_.below(3) == 0 ? length : near);
  }

  const Locator& locator() const { return *compiled_->locator; }
  const testing::SlowModel& model() const { return *model_; }
  const std::vector<Signature>& signatures() const { return signatures_; }

 private:
  base::Prefix v4_network() {
    const std::uint32_t where = (random_.below(3) == 0 ? 5U : 9U) << 24 | random_.below(1U << 12)
                                                                              << (4 + random_.below(9));
    return base::make_prefix(base::IpAddress::v4(where | random_.below(1U << 10)), 9 + random_.below(24));
  }

  base::Prefix network() {
    if (random_.below(2) == 0) return v4_network();
    const auto where = testing::Number{0x2600U + random_.below(2)} << 112 |
                       testing::Number{random_.below(1U << 8)} << (60 + random_.below(44)) | random_.below(1U << 12);
    return base::make_prefix(testing::to_address(base::Family::v6, where), 13 + random_.below(116));
  }

  base::Prefix remember(base::Prefix prefix) {
    prefixes_.push_back(prefix);
    return prefix;
  }

  testing::Entry entry() {
    static const std::vector<testing::Entry> entries{
        {.country = "US", .continent = "NA", .subdivision = "CA", .latitude = 37.77, .longitude = -122.42},
        {.country = "US", .continent = "NA", .subdivision = "VA", .latitude = 39.04, .longitude = -77.49, .asn = 64501},
        {.country = "FR", .continent = "EU", .latitude = 48.86, .longitude = 2.35},
        {.country = "DE"},
        {.country = "SG", .continent = "AS"},
        {.country = "ZZ"},
        {.country = "", .latitude = 0.0, .longitude = 0.0},
        {.country = ""},
        {.country = "AU", .continent = "OC", .latitude = -33.87, .longitude = 151.21},
    };
    return entries[random_.below(static_cast<std::uint32_t>(entries.size()))];
  }

  void add_places() {
    for (const char* text : {"10.20.0.0/16", "10.20.30.40/32", "192.168.0.0/17", "fd00:1::/32", "5.0.0.0/10"}) {
      PlaceSpec& place = spec_.places.emplace_back();
      place.prefix = remember(base::parse_prefix(text).value());
      if (random_.below(2) == 0) place.at = testing::singapore();
      if (random_.below(2) == 0) place.country = "FR";
      if (random_.below(3) == 0) place.continent = "AF";
      if (random_.below(3) == 0) place.asn = 64502;
    }
    if (random_.below(2) == 0) spec_.unknown_at = testing::sao_paulo();
  }

  void add_signatures() {
    signatures_.push_back(testing::nearest_of({testing::frankfurt(), testing::ashburn(), testing::singapore()}, 300));
    signatures_.push_back(
        testing::nearest_of({testing::paris(), testing::sydney(), testing::sao_paulo(), testing::ashburn()}));
    RegionSpec europe = testing::nobody();
    europe.continents = {"EU"};
    signatures_[1].regions.push_back(europe);
    signatures_[1].nearest[0].points[1].bias_km = 2000;
    RegionSpec mixed = testing::nobody();
    mixed.subdivisions = {"US-CA"};
    mixed.asns = {64501, 64502};
    mixed.unknown = true;
    mixed.except_countries = {"ZZ"};
    mixed.prefixes = {remember(v4_network()), remember(network()), base::parse_prefix("172.16.0.0/13").value()};
    RegionSpec outside;
    outside.except_continents = {"NA", "EU"};
    outside.except_subdivisions = {"US-NY"};
    outside.except_asns = {64503};
    outside.except_prefixes = {remember(v4_network()), remember(network()),
                               base::parse_prefix("172.16.0.0/14").value()};
    outside.prefixes = {remember(v4_network()), base::parse_prefix("172.16.0.0/15").value()};
    signatures_.push_back({{}, {mixed, outside}});
    signatures_.emplace_back();
  }

  base::Random random_;
  std::vector<base::Prefix> prefixes_;
  TemporaryFile nested_file_;
  TemporaryFile flat_file_;
  TemporaryFile asn_file_;
  GeoSpec spec_;
  std::vector<Signature> signatures_;
  std::optional<testing::SlowModel> model_;
  std::optional<CompiledGeo> compiled_;
};

class Worlds : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  void check(const base::Prefix& network, unsigned s) {
    SCOPED_TRACE(base::to_string(network) + " signature " + std::to_string(s));
    const Signature& signature = world.signatures()[s];
    const Located found = world.locator().locate(s, network.address, network.length);
    ASSERT_LE(found.scope, network.length);
    const auto block = special_block_length(network.address);
    if (block && *block <= network.length && world.model().special(network.address))
      return check_special(network, s, found);
    EXPECT_FALSE(found.special);
    const auto shares = world.model().shares(signature, network);
    const auto mine = testing::comparable(world.locator().answers(s, found.service_class));
    long double most = 0;
    for (const auto& [key, share] : shares) most = std::max(most, key.first == mine ? share : 0);
    for (const auto& [key, share] : shares) EXPECT_GE(most * (1 + 1e-12L), share);
    if (shares.size() > 1) {
      EXPECT_EQ(found.scope, network.length);
      return;
    }
    EXPECT_TRUE(world.model().uniform(signature, base::make_prefix(network.address, found.scope)));
    if (found.scope != 0) {
      EXPECT_FALSE(world.model().uniform(signature, base::make_prefix(network.address, found.scope - 1U)));
    }
  }

  void check_special(const base::Prefix& network, unsigned s, const Located& found) {
    EXPECT_TRUE(found.special);
    EXPECT_GE(found.scope, special_block_length(network.address).value());
    EXPECT_EQ(testing::comparable(world.locator().answers(s, found.service_class)),
              world.model().answers(world.signatures()[s], network.address));
  }

  RandomWorld world{GetParam()};
};

// RFC 7871 section 7.2.1: every client inside the scope gets the same answer, and the scope is not longer than that
// takes.
TEST_P(Worlds, ScopesAreExactAndMajoritiesAreRight) {
  for (unsigned i = 0; i < 250; ++i) {
    const base::Prefix network = world.near_something();
    for (unsigned s = 0; s < world.signatures().size(); ++s) check(network, s);
  }
}

TEST_P(Worlds, EveryAddressGetsTheAnswersOfTheSlowModel) {
  for (unsigned i = 0; i < 4000; ++i) {
    const base::Prefix network = world.near_something();
    for (unsigned s = 0; s < world.signatures().size(); ++s) {
      const std::uint16_t service_class = world.locator().class_of(s, network.address);
      ASSERT_EQ(testing::comparable(world.locator().answers(s, service_class)),
                world.model().answers(world.signatures()[s], network.address))
          << base::to_string(network) << " signature " << s;
    }
  }
}

TEST_P(Worlds, TwoClientsInsideOneScopeAreDecidedAlike) {
  base::Random random(GetParam() + 1);
  for (unsigned i = 0; i < 4000; ++i) {
    const base::Prefix network = world.near_something();
    const unsigned bits = base::bits(network.address.family);
    for (unsigned s = 0; s < world.signatures().size(); ++s) {
      const Located found = world.locator().locate(s, network.address, network.length);
      if (found.scope == network.length) continue;
      for (unsigned k = 0; k < 4; ++k) {
        testing::Number number = testing::to_number(base::make_prefix(network.address, found.scope).address);
        const testing::Number noise = testing::Number{random.next()} << 64 | random.next();
        number |= found.scope == 0 && bits == 128 ? noise : noise & ((testing::Number{1} << (bits - found.scope)) - 1);
        const base::IpAddress other = testing::to_address(network.address.family, number);
        ASSERT_EQ(world.locator().class_of(s, other), found.service_class) << base::to_string(other);
        const Located there = world.locator().locate(s, other, bits);
        if (found.special) {
          ASSERT_TRUE(there.special) << base::to_string(other);
        }
        if (!found.special && !there.special) {
          ASSERT_EQ(there.scope, found.scope) << base::to_string(other);
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Worlds, ::testing::Values(1, 2, 3, 4, 5, 6));

/// Of so many that a look-up could not count them: 3,000 of 4,096 /72s are in one place, the first ones in others.
TEST(Locate, ALongIpv6NetworkWithThousandsOfDivisionsGetsTheClassOfMostOfItsAddresses) {
  MmdbWriter writer;
  const Coordinates near_sites[] = {testing::ashburn(), testing::singapore()};
  for (unsigned i = 0; i < 4096; ++i) {
    const bool minority = i % 4 == 0;
    const Coordinates at = minority ? near_sites[i / 4 % 2] : testing::frankfurt();
    base::IpAddress network = address("2a00:1:2::");
    network.octets[7] = static_cast<std::uint8_t>(i >> 8);
    network.octets[8] = static_cast<std::uint8_t>(i);
    writer.add(base::make_prefix(network, 72), testing::flat({.latitude = at.latitude, .longitude = at.longitude}));
  }
  const TemporaryFile file(writer.bytes());
  const Signature asked = testing::nearest_of({testing::frankfurt(), testing::ashburn(), testing::singapore()});
  const CompiledGeo compiled = compile(testing::spec_of({file.path()}), {asked});
  const auto frankfurt = compiled.locator->class_of(0, address("2a00:1:2:0:100::"));
  for (const unsigned source : {60U, 61U, 63U, 64U, 65U, 68U}) {
    const Located found = compiled.locator->locate(0, address("2a00:1:2::"), source);
    EXPECT_EQ(found.service_class, frankfurt) << source;
    EXPECT_EQ(found.scope, source);
  }
  EXPECT_NE(compiled.locator->class_of(0, address("2a00:1:2::")), frankfurt);
}

}  // namespace
}  // namespace gslb::geo
