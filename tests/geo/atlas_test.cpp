#include "geo/atlas.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.hpp"
#include "compile_world.hpp"
#include "geo/special.hpp"
#include "mmdb_writer.hpp"

namespace gslb::geo {
namespace {

using testing::address;
using testing::spec_of;
using testing::TemporaryFile;

const std::string maxmind = "tests/geo/data/maxmind/test-data/";

/// Without hashes of a compilation: nothing is compared.
GeoInputs inputs_of(GeoSpec spec) { return {std::move(spec), {}, {}, {}, {}}; }

struct Part {
  AddressNumber first;
  AddressNumber last;
  std::string country;
};

std::vector<Part> parts(const Atlas& atlas, const Block& block, base::Family family) {
  std::vector<Part> out;
  atlas.visit(block, family, [&](AddressNumber first, AddressNumber last, const Whereabout& place) {
    out.push_back(
        {first, last, place.country == Code{} ? "" : std::string(place.country.begin(), place.country.end())});
  });
  return out;
}

GeoSpec world() {
  GeoSpec spec = spec_of({maxmind + "GeoIP2-City-Test.mmdb", maxmind + "GeoIP2-Country-Test.mmdb"});
  const auto place = [&](const char* prefix, std::optional<Coordinates> at, const char* country) {
    PlaceSpec one;
    one.prefix = *base::parse_prefix(prefix);
    one.at = at;
    one.country = country;
    spec.places.push_back(one);
  };
  place("81.2.69.164/30", std::nullopt, "FR");
  place("81.2.69.166/32", Coordinates{1, 2}, "");
  place("2001:218::/36", Coordinates{3, 4}, "BR");
  return spec;
}

TEST(Atlas, SaysOfEveryAddressWhatFactsSay) {
  const GeoInputs inputs = inputs_of(world());
  const Atlas atlas = Atlas::open(inputs).value();
  base::Random random(5);
  std::vector<base::IpAddress> asked{address("81.2.69.160"),  address("81.2.69.165"), address("81.2.69.166"),
                                     address("81.2.69.167"),  address("2001:218::1"), address("2001:218:f000::1"),
                                     address("2.125.160.216")};
  for (int i = 0; i < 40; ++i) asked.push_back(base::IpAddress::v4(static_cast<std::uint32_t>(random.next())));
  for (const base::IpAddress& one : asked) {
    if (special_block_length(one)) continue;
    const Facts facts = facts_about(inputs, one).value();
    const AddressNumber number = number_of(one);
    std::size_t seen = 0;
    atlas.visit({number, number, 0}, one.family, [&](AddressNumber first, AddressNumber, const Whereabout& place) {
      ++seen;
      EXPECT_EQ(first, number);
      EXPECT_EQ(std::string(place.country.data(), place.country == Code{} ? 0 : 2),
                facts.country ? facts.country->value : "")
          << base::to_string(one);
      EXPECT_EQ(place.at.has_value(), facts.at.has_value()) << base::to_string(one);
      if (place.at && facts.at) EXPECT_EQ(*place.at, facts.at->value) << base::to_string(one);
    });
    EXPECT_EQ(seen, 1U);
  }
}

TEST(Atlas, PartsABlockWithoutGapsAndInOrder) {
  const Atlas atlas = Atlas::open(inputs_of(world())).value();
  const Block block{number_of(address("81.2.69.150")), last_of(*base::parse_prefix("81.2.69.192/28")), 0};
  const auto found = parts(atlas, block, base::Family::v4);
  ASSERT_GT(found.size(), 3U);
  EXPECT_EQ(found.front().first, block.first);
  EXPECT_EQ(found.back().last, block.last);
  for (std::size_t i = 1; i < found.size(); ++i) EXPECT_EQ(found[i].first, found[i - 1].last + 1);
  const auto whole = parts(atlas, {0, ~AddressNumber{0}, 0}, base::Family::v6);
  EXPECT_EQ(whole.front().first, AddressNumber{0});
  EXPECT_EQ(whole.back().last, ~AddressNumber{0});
}

TEST(Atlas, RefusesFilesThatAreNotThoseThatWereCompiled) {
  GeoInputs inputs = inputs_of(world());
  inputs.location = {1, 2};
  const auto refused = Atlas::open(inputs);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, ::testing::HasSubstr("has changed since it was loaded"));
  EXPECT_FALSE(Atlas::open(inputs_of(spec_of({"tests/geo/data/none.mmdb"}))));
}

}  // namespace
}  // namespace gslb::geo
