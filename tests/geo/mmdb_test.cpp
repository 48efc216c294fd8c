#include "geo/mmdb.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "base/file.hpp"
#include "geo/sealed_copy.hpp"
#include "mmdb_writer.hpp"

// libmaxminddb 1.7.1 forgets a list when the languages or descriptions of a file are damaged.
extern "C" const char* __lsan_default_suppressions() { return "leak:libmaxminddb"; }  // NOLINT

namespace gslb::geo {
namespace {

using testing::Entry;
using ::testing::HasSubstr;
using testing::MmdbWriter;

const std::string data = "tests/geo/data/";

base::Result<Database> open_bytes(const std::string& bytes) {
  return Database::open(std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()), "test.mmdb");
}

std::string why_refused(const std::string& bytes) {
  const auto database = open_bytes(bytes);
  return database ? "accepted" : database.error().what;
}

/// The record for an address, by walking the tree.
Record find(const Database& database, const char* text) {
  const base::IpAddress address = *base::parse_address(text);
  Link at = database.root(address.family);
  for (unsigned depth = 0; !is_leaf(at); ++depth) {
    at = database.nodes()[at].child[address.octets[depth / 8] >> (7 - depth % 8) & 1U];
  }
  return database.records()[leaf_value(at)];
}

std::string one_record(const std::string& record) {
  MmdbWriter writer;
  writer.add("8.8.8.0/24", record);
  return writer.bytes();
}

TEST(Mmdb, ReadsTheNestedSchema) {
  const auto database = Database::open(data + "maxmind/test-data/GeoIP2-City-Test.mmdb");
  ASSERT_TRUE(database) << database.error().what;
  const Record london = find(*database, "81.2.69.160");
  EXPECT_EQ(london.country, to_code("GB"));
  EXPECT_EQ(london.continent, to_code("EU"));
  EXPECT_EQ(london.subdivision, (std::array{'E', 'N', 'G'}));
  ASSERT_TRUE(london.at);
  EXPECT_NEAR(london.at->latitude, 51.5142, 1e-9);
  EXPECT_NEAR(london.at->longitude, -0.0931, 1e-9);
  EXPECT_EQ(find(*database, "89.160.20.112").country, to_code("SE"));
  EXPECT_EQ(find(*database, "2001:218::1").country, to_code("JP"));
  EXPECT_FALSE(find(*database, "9.9.9.9").has_place());
}

TEST(Mmdb, ReadsTheFlatSchemaWithSmallFloats) {
  const auto v4 = Database::open(data + "synthetic/flat-city-ipv4.mmdb");
  ASSERT_TRUE(v4) << v4.error().what;
  const Record frankfurt = find(*v4, "127.4.1.1");
  EXPECT_EQ(frankfurt.country, to_code("DE"));
  EXPECT_EQ(frankfurt.continent, Code{});
  ASSERT_TRUE(frankfurt.at);
  EXPECT_FLOAT_EQ(static_cast<float>(frankfurt.at->latitude), 50.1109F);
  EXPECT_TRUE(is_leaf(v4->root(base::Family::v6)));

  const auto v6 = Database::open(data + "synthetic/flat-city-ipv6.mmdb");
  ASSERT_TRUE(v6) << v6.error().what;
  EXPECT_TRUE(is_leaf(v6->root(base::Family::v4)) || !find(*v6, "127.4.1.1").has_place());
}

TEST(Mmdb, ReadsAsNumbersFromEverySchemaThatHasThem) {
  const auto asn = Database::open(data + "maxmind/test-data/GeoLite2-ASN-Test.mmdb");
  ASSERT_TRUE(asn) << asn.error().what;
  EXPECT_TRUE(asn->has_asns());
  EXPECT_FALSE(asn->has_places());
  EXPECT_EQ(find(*asn, "1.128.0.1").asn, 1221U);
  const auto isp = Database::open(data + "maxmind/test-data/GeoIP2-ISP-Test.mmdb");
  ASSERT_TRUE(isp) << isp.error().what;
  EXPECT_TRUE(isp->has_asns());
  const auto enterprise = Database::open(data + "maxmind/test-data/GeoIP2-Enterprise-Test.mmdb");
  ASSERT_TRUE(enterprise) << enterprise.error().what;
  EXPECT_TRUE(enterprise->has_asns());
  EXPECT_TRUE(enterprise->has_places());
}

TEST(Mmdb, AcceptsEveryRecordSizeAndBothAddressVersions) {
  for (const unsigned record_size : {24U, 28U, 32U}) {
    for (const unsigned version : {4U, 6U}) {
      MmdbWriter writer(version, record_size);
      writer.add("8.8.8.0/24", testing::flat({.country = "FR"}));
      writer.add("8.8.9.0/32", testing::flat({.country = "DE"}));
      const auto database = open_bytes(writer.bytes());
      ASSERT_TRUE(database) << database.error().what;
      EXPECT_EQ(find(*database, "8.8.8.8").country, to_code("FR"));
      EXPECT_EQ(find(*database, "8.8.9.0").country, to_code("DE"));
      EXPECT_EQ(find(*database, "8.8.9.1").country, Code{});
    }
  }
}

TEST(Mmdb, TakesEmptyTextForUnknownAndZeroForACoordinate) {
  const auto database = open_bytes(one_record(testing::flat({.country = "", .latitude = 0.0, .longitude = 0.0})));
  ASSERT_TRUE(database) << database.error().what;
  const Record record = find(*database, "8.8.8.8");
  EXPECT_EQ(record.country, Code{});
  ASSERT_TRUE(record.at);
  EXPECT_EQ(*record.at, (Coordinates{0, 0}));
}

TEST(Mmdb, OneCoordinateAloneIsNone) {
  const auto database = open_bytes(one_record(testing::nested({.country = "FR", .latitude = 1.0})));
  ASSERT_TRUE(database) << database.error().what;
  EXPECT_FALSE(find(*database, "8.8.8.8").at);
}

TEST(Mmdb, RefusesCoordinatesThatAreNotOnTheGlobe) {
  for (const double bad : {90.01, -91.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    const std::string record = testing::nested({.country = "FR", .latitude = bad, .longitude = 0.0});
    EXPECT_THAT(why_refused(one_record(record)), HasSubstr("a coordinate is not on the globe")) << bad;
  }
  EXPECT_THAT(why_refused(one_record(testing::flat({.country = "FR", .latitude = 0.0, .longitude = 180.5}))),
              HasSubstr("a coordinate is not on the globe"));
}

TEST(Mmdb, RefusesFieldsOfTheWrongType) {
  using namespace testing::encode;
  EXPECT_THAT(why_refused(one_record(map({{"country_code", uint32(7)}}))), HasSubstr("code is not text"));
  EXPECT_THAT(why_refused(one_record(map({{"latitude", text("1")}}))), HasSubstr("not a floating-point number"));
  EXPECT_THAT(why_refused(one_record(map({{"autonomous_system_number", text("1")}}))), HasSubstr("not a number"));
  EXPECT_THAT(why_refused(one_record(map({{"autonomous_system_number", uint64(1ULL << 32)}}))),
              HasSubstr("larger than 32 bits"));
}

TEST(Mmdb, AnIpv6NetworkAboveTheIpv4OnesSaysNothingAboutIpv4) {
  MmdbWriter writer;
  writer.add("::/7", testing::flat({.country = "FR"}));
  const auto database = open_bytes(writer.bytes());
  ASSERT_TRUE(database) << database.error().what;
  EXPECT_EQ(find(*database, "::1").country, to_code("FR"));
  EXPECT_FALSE(find(*database, "8.8.8.8").has_place());
}

TEST(Mmdb, CutsAliasesOfTheIpv4Tree) {
  MmdbWriter writer;
  writer.add("8.8.8.0/24", testing::nested({.country = "FR"}));
  for (const char* alias : {"::ffff:0:0/96", "2001::/32", "2002::/16"}) writer.alias(alias, "0.0.0.0/0");
  const auto database = open_bytes(writer.bytes());
  ASSERT_TRUE(database) << database.error().what;
  EXPECT_EQ(find(*database, "8.8.8.8").country, to_code("FR"));
  EXPECT_FALSE(find(*database, "2002:808:808::").has_place());
  EXPECT_FALSE(find(*database, "::ffff:8.8.8.8").has_place());
}

TEST(Mmdb, RefusesATreeThatIsNone) {
  MmdbWriter loop;
  loop.add("2600::/16", testing::flat({.country = "FR"}));
  loop.alias("2700::/16", "2600::/8");
  EXPECT_THAT(why_refused(loop.bytes()), HasSubstr("the search tree is not a tree"));
  MmdbWriter deep(4);
  deep.add("8.8.8.8/32", testing::flat({.country = "FR"}));
  deep.alias("8.8.8.9/32", "0.0.0.0/1");
  EXPECT_THAT(why_refused(deep.bytes()), HasSubstr("the search tree"));
}

TEST(Mmdb, RefusesFilesOfTheWrongKindWithAReason) {
  for (const char* name : {"GeoIP2-Anonymous-IP-Test", "GeoIP2-Domain-Test", "MaxMind-DB-string-value-entries",
                           "MaxMind-DB-test-decoder", "MaxMind-DB-no-ipv4-search-tree"}) {
    const auto database = Database::open(data + "maxmind/test-data/" + name + ".mmdb");
    ASSERT_FALSE(database) << name;
    EXPECT_EQ(database.error().what, data + "maxmind/test-data/" + name + ".mmdb: has neither places nor AS numbers");
  }
}

TEST(Mmdb, RefusesEveryBrokenFixtureWithAReason) {
  std::vector<std::string> broken{
      data + "maxmind/test-data/GeoIP2-City-Test-Broken-Double-Format.mmdb",
      data + "maxmind/test-data/GeoIP2-City-Test-Invalid-Node-Count.mmdb",
      data + "maxmind/test-data/MaxMind-DB-test-broken-pointers-24.mmdb",
      data + "maxmind/test-data/MaxMind-DB-test-broken-search-tree-24.mmdb",
  };
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data + "maxmind/bad-data")) {
    if (entry.is_regular_file()) broken.push_back(entry.path());
  }
  EXPECT_EQ(broken.size(), 25U);
  for (const std::string& path : broken) {
    const auto database = Database::open(path);
    ASSERT_FALSE(database) << path;
    EXPECT_TRUE(database.error().what.starts_with(path + ": ")) << database.error().what;
    EXPECT_GT(database.error().what.size(), path.size() + 10);
  }
}

// libmaxminddb opens it, and its first ten look-ups succeed.
TEST(Mmdb, FindsDamageThatOnlyAWalkOfTheWholeTreeFinds) {
  const auto database = Database::open(data + "maxmind/bad-data/libmaxminddb/libmaxminddb-corrupt-search-tree.mmdb");
  ASSERT_FALSE(database);
  EXPECT_THAT(database.error().what, HasSubstr("a link of the search tree leads nowhere"));
}

TEST(Mmdb, RefusesEveryTruncation) {
  MmdbWriter writer(4, 24);
  writer.add("8.8.0.0/16", testing::nested({.country = "FR", .continent = "EU", .latitude = 1, .longitude = 2}));
  writer.add("9.0.0.0/8", testing::flat({.country = "DE"}));
  const std::string whole = writer.bytes();
  ASSERT_EQ(why_refused(whole), "accepted");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_NE(why_refused(whole.substr(0, size)), "accepted") << size << " of " << whole.size();
  }
}

TEST(Mmdb, SurvivesEverySingleBitFlip) {
  std::vector<std::string> files;
  files.push_back(base::read_file(data + "maxmind/bad-data/libmaxminddb/libmaxminddb-uint64-max-epoch.mmdb").value());
  MmdbWriter small(4, 24);
  small.add("128.0.0.0/1", testing::nested({.country = "FR", .continent = "EU", .latitude = 1.0, .longitude = 2.0}));
  small.add("64.0.0.0/3", testing::flat({.country = "DE"}));
  files.push_back(small.bytes());
  for (std::string& bytes : files) {
    unsigned refused = 0;
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
      refused += why_refused(bytes) == "accepted" ? 0 : 1;
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
    }
    EXPECT_GT(refused, bytes.size());
  }
}

TEST(Mmdb, NamesTheFileThatIsMissing) {
  const auto database = Database::open("tests/geo/data/none.mmdb");
  ASSERT_FALSE(database);
  EXPECT_EQ(database.error().what, "tests/geo/data/none.mmdb: cannot open: No such file or directory");
  const auto folder = Database::open("tests/geo/data");
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().what, "tests/geo/data: is not a regular file");
}

// A mapped file that is cut short in place would end the process with SIGBUS.
TEST(SealedCopy, StaysWholeWhenTheFileIsCutShort) {
  const std::string content(std::size_t{3} << 18, 'x');
  const testing::TemporaryFile file(content);
  const auto copy = SealedCopy::of_file(file.path());
  ASSERT_TRUE(copy) << copy.error().what;
  std::filesystem::resize_file(file.path(), 10);
  const auto kept = base::read_file(copy->path());
  ASSERT_TRUE(kept) << kept.error().what;
  EXPECT_EQ(*kept, content);
  EXPECT_THROW(std::filesystem::resize_file(copy->path(), 10), std::filesystem::filesystem_error);
}

TEST(SealedCopy, HashesFilesAndOctetsAlike) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{1} << 18, (std::size_t{1} << 19) + 5}) {
    const std::string content(size, 'y');
    const testing::TemporaryFile file(content);
    const auto bytes = SealedCopy::of_bytes(std::span(reinterpret_cast<const std::uint8_t*>(content.data()), size));
    ASSERT_TRUE(bytes);
    EXPECT_EQ(SealedCopy::of_file(file.path()).value().hash(), bytes->hash());
    EXPECT_EQ(hash_of_file(file.path()).value(), bytes->hash());
  }
}

}  // namespace
}  // namespace gslb::geo
