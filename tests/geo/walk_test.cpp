#include "geo/walk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/random.hpp"
#include "compile_world.hpp"
#include "mmdb_writer.hpp"

namespace gslb::geo {
namespace {

using testing::MmdbWriter;
using testing::TemporaryFile;

class Walking : public ::testing::Test {
 protected:
  static std::string database() {
    MmdbWriter writer;
    base::Random random(5);
    const auto place = [&] {
      return testing::nested({.country = random.below(2) == 0 ? "FR" : "JP",
                              .latitude = static_cast<double>(random.below(120)) - 60,
                              .longitude = static_cast<double>(random.below(300)) - 150});
    };
    for (int i = 0; i < 300; ++i) {
      const unsigned length = 9 + random.below(24);
      writer.add(
          base::to_string(base::make_prefix(
              base::IpAddress::v4(0x05000000U + (static_cast<std::uint32_t>(random.next()) & 0x00ffffffU)), length)),
          place());
      base::IpAddress v6 = address("2600::");
      for (std::size_t octet = 2; octet < 16; ++octet) v6.octets[octet] = static_cast<std::uint8_t>(random.next());
      writer.add(base::to_string(base::make_prefix(v6, 20 + random.below(109))), place());
    }
    return writer.bytes();
  }
  static base::IpAddress address(const char* text) { return *base::parse_address(text); }

  TemporaryFile file{database()};
  CompiledGeo compiled = testing::compile(
      testing::spec_of({file.path()}),
      {testing::nearest_of({testing::frankfurt(), testing::singapore(), testing::ashburn(), testing::sydney()})});
};

TEST_F(Walking, EveryAddressIsInExactlyOneBlockOfItsOwnClass) {
  base::Random random(9);
  for (const auto family : {base::Family::v4, base::Family::v6}) {
    Walk walk(*compiled.locator, family);
    AddressNumber next = 0;
    bool ended = false;
    int blocks = 0;
    std::optional<std::uint16_t> before;
    while (const auto block = walk.next()) {
      ASSERT_FALSE(ended);
      ASSERT_EQ(block->first, next);
      ASSERT_GE(block->last, block->first);
      ASSERT_NE(before, block->place_class) << "neighbours differ";
      before = block->place_class;
      const AddressNumber inside = block->first + (block->last - block->first) / (1 + random.below(9));
      for (const AddressNumber at : {block->first, inside, block->last}) {
        ASSERT_EQ(compiled.locator->class_of(0, address_of(at, family)),
                  compiled.locator->service_class(0, block->place_class));
      }
      ended = block->last == ~AddressNumber{0};
      next = block->last + 1;
      ++blocks;
    }
    EXPECT_TRUE(ended);
    EXPECT_GT(blocks, 50);
  }
}

TEST_F(Walking, ABlockIsTheFewestNetworksThatMakeItUp) {
  Walk walk(*compiled.locator, base::Family::v4);
  while (const auto block = walk.next()) {
    const auto all = networks(*block, base::Family::v4);
    ASSERT_EQ(all.size(), count_networks(*block, base::Family::v4));
    AddressNumber next = block->first;
    double sum = 0;
    for (const base::Prefix& network : all) {
      ASSERT_EQ(number_of(network.address), next);
      next = last_of(network) + 1;
      sum += std::exp2(32 - network.length);
    }
    ASSERT_EQ(next, block->last + 1);
    ASSERT_EQ(sum, addresses(*block, base::Family::v4));
  }
}

TEST(Networks, OfTheWholeSpaceAreOne) {
  const Block all{0, ~AddressNumber{0}, 0};
  EXPECT_THAT(networks(all, base::Family::v4), ::testing::ElementsAre(*base::parse_prefix("0.0.0.0/0")));
  EXPECT_EQ(addresses(all, base::Family::v4), 0x1p32);
  EXPECT_EQ(base::to_string(networks(all, base::Family::v6)[0]), "::/0");
}

}  // namespace
}  // namespace gslb::geo
