// Tables of round trips, and what `fastest` makes of them.
#include "geo/round_trips.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <map>

#include "base/random.hpp"
#include "compile_world.hpp"
#include "mmdb_writer.hpp"

namespace gslb::geo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::TemporaryFile;

std::string why_not(const std::string& text) {
  const auto table = RoundTrips::parse(text);
  return table ? std::string("accepted") : table.error().what;
}

TEST(RoundTripsFile, SaysInWhichLineWhatIsWrong) {
  const std::string head = "prefix,site,ms\n";
  EXPECT_THAT(why_not(""), HasSubstr("its first line is prefix,site,ms"));
  EXPECT_THAT(why_not("network,site,ms\n"), HasSubstr("line 1: the heading"));
  EXPECT_THAT(why_not(head + "\n# x\n192.0.2.1/24,fra,3\n"), HasSubstr("line 4: the first field"));
  EXPECT_THAT(why_not(head + "192.0.2.0/24,,3\n"), HasSubstr("line 2: the second field"));
  for (const char* time : {"", "-1", "nan", "inf", "60001", "3ms", "3,4"})
    EXPECT_THAT(why_not(head + "192.0.2.0/24,fra," + time + "\n"), HasSubstr("line 2: the third field")) << time;
  EXPECT_THAT(why_not(head + "192.0.2.0/24,fra,3\n192.0.2.0/24,fra,4\n"),
              HasSubstr("line 3: 192.0.2.0/24 has a time to fra already"));
}

TEST(RoundTripsFile, GivesTheTimesToTheSitesAskedFor) {
  const auto table = RoundTrips::parse("prefix,site,ms\r\n192.0.2.0/24,fra,3.5\n192.0.2.0/24,gru,200\n::/0,gru,9\n");
  ASSERT_TRUE(table);
  const auto rows = table->times_to({"iad", "fra"});
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(base::to_string(rows[0].first), "192.0.2.0/24");
  EXPECT_THAT(rows[0].second, ElementsAre(RoundTrips::unmeasured, 3.5F));
}

Signature fastest_of(const std::string& file, double within_ms) {
  return {{}, {}, {{{"fra", "iad", "gru"}, within_ms, {file, {}}}}};
}

TEST(Fastest, AnswersRanksAndReachAndNothingWithoutMeasurements) {
  const TemporaryFile table(
      "prefix,site,ms\n5.0.0.0/8,fra,10\n5.0.0.0/8,iad,90\n5.0.0.0/8,gru,94\n5.1.0.0/16,gru,20\n");
  const auto compiled = testing::compile(testing::spec_of({}), {fastest_of(table.path(), 5)});
  const auto answer = [&](const char* client) {
    return compiled.locator->answers(0, compiled.locator->class_of(0, testing::address(client))).tiers.at(0);
  };
  EXPECT_THAT(answer("5.2.0.1"), ElementsAre(0, 1, 2, 0, 2, 2));
  EXPECT_THAT(answer("5.1.0.1"), ElementsAre(1, 2, 0, 2, 2, 0)) << "the longest network of the table alone decides";
  EXPECT_TRUE(answer("9.0.0.1").empty());
  EXPECT_EQ(testing::locate(*compiled.locator, 0, "5.2.0.0/24").scope, 15);
  EXPECT_EQ(testing::locate(*compiled.locator, 0, "9.0.0.0/24").scope, 7) << "10.0.0.0/8 is special-purpose";
}

TEST(Fastest, DoesNotDependOnWhatOthersAskOfTheTable) {
  const TemporaryFile table("prefix,site,ms\n5.0.0.0/8,fra,10\n5.0.0.0/8,iad,90\n5.1.0.0/16,gru,20\n");
  const Signature two{{}, {}, {{{"fra", "iad"}, 0, {table.path(), {}}}}};
  for (const auto& signatures : {std::vector{two}, std::vector{two, fastest_of(table.path(), 0)}}) {
    const auto compiled = testing::compile(testing::spec_of({}), signatures);
    for (const char* client : {"5.2.0.1", "5.1.0.1"}) {
      const auto answers = compiled.locator->answers(0, compiled.locator->class_of(0, testing::address(client)));
      EXPECT_THAT(answers.tiers.at(0), ElementsAre(0, 1, 0, 1)) << client;
    }
    EXPECT_EQ(testing::locate(*compiled.locator, 0, "5.1.2.0/24").scope, 8);
  }
}

TEST(Fastest, NamesTheTableThatIsWrong) {
  const TemporaryFile table("prefix,site,ms\n5.0.0.0/8,fra,x\n");
  EXPECT_THAT(testing::why_refused(testing::spec_of({}), {fastest_of(table.path(), 5)}), HasSubstr("line 2"));
  EXPECT_THAT(testing::why_refused(testing::spec_of({}), {fastest_of("/no/such/table", 5)}),
              HasSubstr("no/such/table"));
}

TEST(Fastest, ReadsAChangedTableAlthoughAnImageIsKept) {
  const TemporaryFile image("");
  const TemporaryFile before("prefix,site,ms\n5.0.0.0/8,fra,10\n");
  const std::string path = before.path();
  const auto order = [&] {
    const auto compiled = testing::compile(testing::spec_of({}), {fastest_of(path, 0)}, image.path());
    return compiled.locator->answers(0, compiled.locator->class_of(0, testing::address("5.0.0.1"))).tiers.at(0);
  };
  EXPECT_EQ(order()[0], 0);
  std::ofstream(path) << "prefix,site,ms\n5.0.0.0/8,iad,10\n";
  EXPECT_NE(order()[0], 0);
}

// Against a slow look-up by hand: the longest prefix, then the times in order.
TEST(Fastest, AgreesWithALookUpByHandAndScopesAreExact) {
  base::Random random(31);
  std::map<base::Prefix, std::array<int, 3>> rows;
  for (int i = 0; i < 300; ++i) {
    const unsigned length = 4 + random.below(24);
    auto& row = rows[base::make_prefix(base::IpAddress::v4(0x05000000U | random.below(1U << 24)), length)];
    for (int& ms : row) ms = static_cast<int>(random.below(4)) * 10;  // 0: not measured
    if (row == std::array<int, 3>{}) row[0] = 10;
  }
  std::string text = "prefix,site,ms\n";
  const char* sites[] = {"fra", "iad", "gru"};
  for (const auto& [prefix, row] : rows) {
    for (std::size_t s = 0; s < 3; ++s) {
      if (row[s] > 0) text += base::to_string(prefix) + "," + sites[s] + "," + std::to_string(row[s]) + "\n";
    }
  }
  const TemporaryFile table(text);
  const auto compiled = testing::compile(testing::spec_of({}), {fastest_of(table.path(), 0)});
  const auto row_at = [&](const base::IpAddress& address) {
    std::array<int, 3> row{};
    int longest = -1;
    for (const auto& [prefix, one] : rows) {
      if (!prefix.contains(address) || static_cast<int>(prefix.length) < longest) continue;
      longest = static_cast<int>(prefix.length);
      row = one;
    }
    return row;
  };
  const auto answer_at = [&](const base::IpAddress& address) {
    return compiled.locator->answers(0, compiled.locator->class_of(0, address)).tiers.at(0);
  };
  for (int i = 0; i < 20000; ++i) {
    const auto address = base::IpAddress::v4(0x05000000U | random.below(1U << 24));
    const auto row = row_at(address);
    const auto answer = answer_at(address);
    ASSERT_EQ(answer.empty(), (row == std::array<int, 3>{})) << base::to_string(address);
    if (answer.empty()) continue;
    const auto cost = [&](std::size_t s) { return row[s] == 0 ? 1'000'000 : row[s]; };
    for (std::size_t a = 0; a < 3; ++a) {
      for (std::size_t b = 0; b < 3; ++b) {
        const bool reached = answer[b] >= answer[a] && answer[b] <= answer[3 + a];
        ASSERT_TRUE(cost(a) != cost(b) || reached || answer[b] < answer[a]);
        ASSERT_TRUE(cost(a) >= cost(b) || (answer[a] < answer[b] && !reached));
      }
    }
    const unsigned source = 8 + random.below(17);
    const auto network = base::make_prefix(address, source);
    const auto located = compiled.locator->locate(0, network.address, source);
    ASSERT_LE(located.scope, source);
    if (located.scope == source) continue;
    const auto scope = base::make_prefix(address, located.scope);
    const auto other =
        base::IpAddress::v4(scope.address.as_v4() | static_cast<std::uint32_t>(random.next() >> (32 + scope.length)));
    ASSERT_EQ(answer_at(other), answer) << base::to_string(scope);
  }
}

}  // namespace
}  // namespace gslb::geo
