#include "engine/canary.hpp"

#include <gmock/gmock.h>

#include "engine/compile.hpp"
#include "tests/geo/mmdb_writer.hpp"

namespace gslb::engine {
namespace {

using geo::testing::MmdbWriter;
using geo::testing::TemporaryFile;
using ::testing::HasSubstr;

constexpr double frankfurt[] = {50.11, 8.68};
constexpr double ashburn[] = {39.04, -77.49};

/// The 256 networks 8.0.0.0/16 to 8.255.0.0/16: the first `moved` of them are in America, the rest in Europe.
std::string database(unsigned moved) {
  MmdbWriter writer(4, 24);
  for (unsigned i = 0; i < 256; ++i) {
    const double* at = i < moved ? ashburn : frankfurt;
    writer.add("8." + std::to_string(i) + ".0.0/16",
               geo::testing::flat({.country = "DE", .latitude = at[0], .longitude = at[1]}));
  }
  return writer.bytes();
}

SnapshotPtr compiled(const std::string& city, const std::string& more = "", const std::string& services = "") {
  const std::string yaml = "control: { socket: none }\ngeo: { city: " + city + more + " }\n" + R"(
sites: { fra: { at: [50.11, 8.68] }, iad: { at: [39.04, -77.49] } }
zones:
  example.org:
    ns: [ns1.example.net.]
    services:
      www: { monitor: none, )" +
                           (services.empty() ? "endpoints: { fra: 192.0.2.1, iad: 192.0.2.2 } }" : services) + "\n";
  base::ErrorList errors;
  const auto config = config::load_text("/t.yaml", yaml, errors);
  SnapshotPtr out = config ? compile(*config, {}, errors) : nullptr;
  EXPECT_TRUE(errors.empty()) << (errors.empty() ? "" : base::to_string(errors.all()[0]));
  return out;
}

/// 8.0.0.0/16 … 8.99.0.0/16
std::string hundred(const std::string& most) {
  std::string out = ", canary: { most: " + most + ", networks: [";
  for (int i = 0; i < 100; ++i) out += (i == 0 ? "8." : ", 8.") + std::to_string(i) + ".0.0/16";
  return out + "] }";
}

TEST(Canary, RefusesDatabasesThatMoveMoreNetworksThanAllowed) {
  const TemporaryFile before(database(0));
  const TemporaryFile after(database(6));
  const auto why = canary_refusal(*compiled(before.path()), *compiled(after.path(), hundred("5%")));
  ASSERT_TRUE(why);
  EXPECT_THAT(*why, HasSubstr("6 % of 100 IPv4 canary networks would change sites for www.example.org"));
  EXPECT_THAT(*why, HasSubstr("more than 5 % (geo.canary.most): 8.0.0.0/16 from fra to iad"));
}

TEST(Canary, AllowsAsManyAsTheOperatorDoes) {
  const TemporaryFile before(database(0));
  const TemporaryFile five(database(5));
  const TemporaryFile all(database(256));
  EXPECT_FALSE(canary_refusal(*compiled(before.path()), *compiled(five.path(), hundred("5%"))));
  EXPECT_FALSE(canary_refusal(*compiled(before.path()), *compiled(all.path(), hundred("100%"))));
}

TEST(Canary, BelievesTheSameDatabasesWhateverElseChanges) {
  const TemporaryFile file(database(0));
  const auto next = compiled(file.path(), hundred("0%") + ", places: [{ prefix: 8.0.0.0/8, at: [39.04, -77.49] }]");
  EXPECT_FALSE(canary_refusal(*compiled(file.path()), *next));
}

TEST(Canary, DoesNotCountWhatTheConfigurationMeansToMove) {
  const TemporaryFile before(database(0));
  const TemporaryFile after(database(1));
  const auto next = compiled(after.path(), hundred("1%"),
                             "policy: [nearest: { within: 300km }, weighted, take: 1], "
                             "endpoints: { fra: 192.0.2.9, iad: 192.0.2.8 } }");
  EXPECT_FALSE(canary_refusal(*compiled(before.path()), *next));
}

TEST(Canary, LeavesOutNetworksThatNobodyKnows) {
  const TemporaryFile before(database(0));
  const TemporaryFile after(database(1));
  const auto next =
      compiled(after.path(), ", canary: { most: 40%, networks: [8.0.0.0/16, 8.1.0.0/16, 9.0.0.0/8, 11.0.0.0/8] }");
  const auto why = canary_refusal(*compiled(before.path()), *next);
  ASSERT_TRUE(why);
  EXPECT_THAT(*why, HasSubstr("50 % of 2 IPv4"));
}

TEST(Canary, SeesAWrongDatabaseInItsOwnSample) {
  MmdbWriter right;
  MmdbWriter wrong;
  for (const char* half : {"0.0.0.0/1", "128.0.0.0/1", "2000::/3"}) {
    right.add(half, geo::testing::flat({.country = "DE", .latitude = frankfurt[0], .longitude = frankfurt[1]}));
    wrong.add(half, geo::testing::flat({.country = "US", .latitude = ashburn[0], .longitude = ashburn[1]}));
  }
  const TemporaryFile before(right.bytes());
  const TemporaryFile after(wrong.bytes());
  const auto why = canary_refusal(*compiled(before.path()), *compiled(after.path()));
  ASSERT_TRUE(why);
  EXPECT_THAT(*why, HasSubstr("100 % of "));
}

}  // namespace
}  // namespace gslb::engine
