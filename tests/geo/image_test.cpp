#include "geo/image.hpp"

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "base/random.hpp"
#include "compile_world.hpp"
#include "geo/locator.hpp"
#include "mmdb_writer.hpp"

namespace gslb::geo {
namespace {

using testing::compile;
using testing::TemporaryFile;

std::string database() {
  testing::MmdbWriter writer;
  base::Random random(7);
  for (unsigned i = 0; i < 300; ++i) {
    const auto where = base::IpAddress::v4(random.below(0x09000000) + 0x01000000);
    const std::string country = random.below(2) == 0 ? "FR" : "JP";
    writer.add(base::make_prefix(where, 8 + random.below(25)), testing::nested({.country = country}));
  }
  writer.add("2600:1::/48", testing::nested({.country = "FR"}));
  return writer.bytes();
}

class StoredImage : public ::testing::Test {
 protected:
  CompiledGeo compile_it() const { return compile(spec, signatures, stored.path()); }

  TemporaryFile file{database()};
  TemporaryFile stored;
  GeoSpec spec = testing::spec_of({file.path()});
  std::vector<Signature> signatures{testing::nearest_of({testing::frankfurt(), testing::singapore()})};
};

TEST_F(StoredImage, IsMappedAgainWhenNothingChanged) {
  const CompiledGeo first = compile_it();
  const CompiledGeo second = compile_it();
  EXPECT_FALSE(first.from_state);
  EXPECT_TRUE(second.from_state);
  EXPECT_EQ(first.key, second.key);
  EXPECT_EQ(first.locator->classes(0), second.locator->classes(0));
  base::Random random(1);
  for (unsigned i = 0; i < 20000; ++i) {
    const auto address = base::IpAddress::v4(random.below(0x0a000000));
    const unsigned source = random.below(33);
    const base::Prefix network = base::make_prefix(address, source);
    const Located a = first.locator->locate(0, network.address, source);
    const Located b = second.locator->locate(0, network.address, source);
    ASSERT_EQ(a.service_class, b.service_class);
    ASSERT_EQ(a.scope, b.scope);
  }
}

TEST_F(StoredImage, IsRebuiltWhenAnyInputChanges) {
  const std::string key = compile_it().key;
  const auto rebuilt = [&] {
    const CompiledGeo again = compile_it();
    return !again.from_state && again.key != key;
  };
  signatures[0].nearest[0].within_km = 1;
  EXPECT_TRUE(rebuilt());
  signatures[0].nearest[0].within_km = 0;
  spec.unknown_at = testing::paris();
  EXPECT_TRUE(rebuilt());
  spec.unknown_at.reset();
  spec.places.emplace_back().prefix = base::parse_prefix("10.0.0.0/8").value();
  EXPECT_TRUE(rebuilt());
  spec.places.clear();
  testing::MmdbWriter other;
  other.add("8.8.8.0/24", testing::nested({.country = "FR"}));
  file.write(other.bytes());
  EXPECT_TRUE(rebuilt());
}

TEST_F(StoredImage, IsRebuiltWhenItIsDamaged) {
  const std::string key = compile_it().key;
  const std::string whole = base::read_file(stored.path()).value();
  base::Random random(3);
  for (unsigned i = 0; i < 8; ++i) {
    std::string damaged = whole;
    const std::uint32_t at = random.below(static_cast<std::uint32_t>(damaged.size()));
    damaged[at] = static_cast<char>(damaged[at] ^ 1 << random.below(8));
    stored.write(damaged);
    const CompiledGeo again = compile_it();
    ASSERT_FALSE(again.from_state) << at;
    ASSERT_EQ(again.key, key);
    ASSERT_EQ(base::read_file(stored.path()).value(), whole);
  }
  stored.write(whole.substr(0, whole.size() / 2));
  EXPECT_FALSE(compile_it().from_state);
  stored.write("");
  EXPECT_FALSE(compile_it().from_state);
}

/// The image with its checksum made right again, so that only the bounds can tell.
std::uint64_t sum(std::vector<std::uint64_t>& words) {
  auto& header = *reinterpret_cast<image::Header*>(words.data());
  header.checksum = 0;
  const auto* octets = reinterpret_cast<const std::uint8_t*>(words.data());
  const std::uint64_t start = base::hash_bytes(octets, sizeof(image::Header));
  return header.checksum =
             base::hash_bytes(octets + sizeof(image::Header), words.size() * 8 - sizeof(image::Header), start);
}

TEST_F(StoredImage, WithARightChecksumButBadIndicesNeverReadsOutside) {
  compile_it();
  const std::string whole = base::read_file(stored.path()).value();
  base::Random random(5);
  unsigned refused = 0;
  for (unsigned i = 0; i < 60; ++i) {
    std::vector<std::uint64_t> words(whole.size() / 8);
    std::memcpy(words.data(), whole.data(), whole.size());
    const bool in_header = random.below(2) == 0;
    const auto first = static_cast<std::uint32_t>(in_header ? 4 : sizeof(image::Header) / 8 + image::direct_slots / 2);
    const auto end = static_cast<std::uint32_t>(in_header ? sizeof(image::Header) / 8 : words.size());
    words[first + random.below(end - first)] ^= std::uint64_t{1} << random.below(64);
    sum(words);
    const std::string_view bytes(reinterpret_cast<const char*>(words.data()), whole.size());
    stored.write(bytes);
    const std::uint64_t key = reinterpret_cast<const image::Header*>(words.data())->key;
    const auto locator = Locator::map(stored.path(), key);
    refused += locator ? 0 : 1;
    if (!locator) continue;
    for (unsigned k = 0; k < 200; ++k) {
      const unsigned source = random.below(33);
      const base::Prefix network = base::make_prefix(base::IpAddress::v4(random.below(0x0a000000)), source);
      const Located found = (*locator)->locate(0, network.address, source);
      ASSERT_LT(found.service_class, (*locator)->classes(0));
      static_cast<void>((*locator)->answers(0, found.service_class));
    }
  }
  EXPECT_GT(refused, 10U);
}

}  // namespace
}  // namespace gslb::geo
