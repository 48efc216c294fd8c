#include "geo/canary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "compile_world.hpp"
#include "geo/special.hpp"
#include "mmdb_writer.hpp"

namespace gslb::geo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(CanaryNetworks, OfNobodysListAreASampleThatIsAlwaysTheSame) {
  const auto sample = canary_sample();
  EXPECT_EQ(sample, canary_sample());
  std::size_t v4 = 0;
  for (const base::Prefix& network : sample) {
    v4 += network.address.family == base::Family::v4;
    EXPECT_FALSE(special_block_length(network.address)) << base::to_string(network);
    EXPECT_EQ(network.address, base::masked(network.address, network.length));
  }
  EXPECT_EQ(std::set(sample.begin(), sample.end()).size(), sample.size());
  EXPECT_GT(v4, 3000U);
  EXPECT_GT(sample.size() - v4, 3000U);
}

TEST(CanaryNetworks, AreThoseOfTheListAndOfTheFile) {
  const testing::TemporaryFile file("# ours\n  192.0.2.0/24  # office\n\n2001:db8::/48\n");
  CanarySpec spec;
  spec.networks = {base::parse_prefix("198.51.100.0/24").value()};
  spec.file.value = file.path();
  base::ErrorList errors;
  std::vector<std::string> found;
  for (const base::Prefix& network : canary_networks(spec, errors)) found.push_back(base::to_string(network));
  EXPECT_TRUE(errors.empty());
  EXPECT_THAT(found, ElementsAre("198.51.100.0/24", "192.0.2.0/24", "2001:db8::/48"));
}

TEST(CanaryNetworks, ThatAreNoneAreErrorsWithLineAndColumn) {
  base::ErrorList errors;
  EXPECT_TRUE(parse_networks("canary.txt", "\n  192.0.2.1/24\n", errors).empty());
  ASSERT_EQ(errors.all().size(), 1U);
  EXPECT_EQ(base::headline(errors.all()[0]), "canary.txt:2:3: geo.canary.file: \"192.0.2.1/24\" is not a network");
  CanarySpec spec;
  spec.file.value = "none.txt";
  static_cast<void>(canary_networks(spec, errors));
  EXPECT_THAT(errors.all()[1].what, HasSubstr("none.txt"));
}

}  // namespace
}  // namespace gslb::geo
