#include "engine/simulate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/change_view.hpp"
#include "engine/prove.hpp"
#include "geo/questions.hpp"
#include "tests/engine/reasons_world.hpp"

namespace gslb::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* traffic_text =
    "network,requests/s\n"
    "198.18.0.0/24,30000\n"    // Berlin
    "198.18.200.0/24,20000\n"  // Washington
    "198.19.0.0/24,9000\n"     // São Paulo
    "# a remark\n"
    "198.19.130.0/24,15000\n";  // Singapore

std::string one_service() {
  return std::string(test::world_head) + R"(
zones:
  example.org:
    ns: [ns1.example.org.]
    services:
      www:
        endpoints: { fra: 192.0.2.10, iad: 192.0.2.20, gru: 192.0.2.30, sin: 192.0.2.40 }
    records: { ns1: { A: [192.0.2.53] } }
)";
}

/// Of the simulation of a failure, over every address or over traffic.
std::optional<MoverDistances> distances(const control::Present& present, const std::vector<std::string>& sites,
                                        const std::string& traffic = {}) {
  const Generation& now = *present.generation;
  const GenerationPtr then = suppose(now, *down_sites(*now.snapshot, sites));
  const auto atlas = geo::Atlas::open(*now.snapshot->geo_inputs).value();
  return traffic.empty() ? mover_distances(now, *then, atlas, base::Family::v4)
                         : mover_distances(now, *then, atlas, *parse_traffic(traffic));
}

TEST(MoverDistances, AreThoseOfTheClientsThatMoveToTheirSitesBeforeAndAfter) {
  const auto found = distances(test::present_of(one_service()), {"gru"});
  ASSERT_TRUE(found);
  const geo::Coordinates client{-23.55, -46.63};
  const double after = geo::distance_km(client, {39.04, -77.49});
  EXPECT_NEAR(found->before.median, 0, 0.5) << "the clients are at the site";
  EXPECT_NEAR(found->after.median, after, 0.5);
  EXPECT_NEAR(found->after.p95, after, 0.5);
  EXPECT_NEAR(found->farther, after, 1e-6);
}

TEST(MoverDistances, OfTrafficCountByRequests) {
  const control::Present present = test::present_of(one_service());
  const std::string text = "198.18.0.0/24,96\n198.18.160.0/24,4\n198.19.0.0/24,100\n";  // Berlin, London; Brazil stays
  const auto found = distances(present, {"fra"}, text);
  ASSERT_TRUE(found);
  const auto to = [](const geo::Coordinates& from, const geo::Coordinates& site) {
    return geo::distance_km(from, site);
  };
  const geo::Coordinates berlin{52.52, 13.4}, london{51.51, -0.09}, fra{50.11, 8.68}, iad{39.04, -77.49};
  EXPECT_NEAR(found->before.median, to(berlin, fra), 0.5);
  EXPECT_NEAR(found->before.p95, to(berlin, fra), 0.5) << "London is farther, but is only 4 %";
  EXPECT_NEAR(found->after.median, to(berlin, iad), 0.5);
  EXPECT_NEAR(found->farther, 0.96 * (to(berlin, iad) - to(berlin, fra)) + 0.04 * (to(london, iad) - to(london, fra)),
              1e-6);
}

TEST(MoverDistances, AreUnknownWhereNobodyMoves) {
  const control::Present present = test::present_of(one_service());
  EXPECT_FALSE(distances(present, {"fra"}, "198.19.0.0/24,100\n"));
}

class Simulating : public testing::Test {
 protected:
  Simulator simulator() {
    return {*present.generation, {*demand_of(*present.generation->snapshot, *parse_traffic(traffic_text))}};
  }
  DownSites down(const std::vector<std::string>& sites) const {
    return *down_sites(*present.generation->snapshot, sites);
  }
  control::Present present = test::present_of(one_service());
};

TEST_F(Simulating, TheLoadOfADeadSiteGoesToTheNextNearest) {
  Simulator it = simulator();
  const Simulation simulation = it.simulate(down({"gru"}));
  ASSERT_EQ(simulation.measures.size(), 1U);
  const MeasuredChange& change = simulation.measures[0];
  EXPECT_EQ(change.unit, "req/s");
  EXPECT_DOUBLE_EQ(change.total, 74000);
  EXPECT_DOUBLE_EQ(change.sites[0].now, 30000);
  EXPECT_DOUBLE_EQ(change.sites[2].now, 9000);
  EXPECT_DOUBLE_EQ(change.sites[2].after, 0);
  EXPECT_DOUBLE_EQ(change.sites[1].after, 29000) << "Washington is nearer to São Paulo than Frankfurt is";
  EXPECT_DOUBLE_EQ(change.moved, 9000);
  EXPECT_EQ(change.moved_networks, 1U);
  ASSERT_EQ(change.moves.size(), 1U);
  EXPECT_EQ(change.moves[0].from + change.moves[0].to, "gruiad");
}

TEST_F(Simulating, SitesThatOverflowFailNextAndTakeOthersAlong) {
  Simulator it = simulator();
  EXPECT_THAT(it.cascade(down({"gru"})), testing::IsEmpty());
  // 30,000 of Berlin go to iad: 50,000 of 60,000. Without sin, too, 15,000 more go to Frankfurt: 45,000 of 40,000.
  const auto cascade = it.cascade(down({"sin"}));
  ASSERT_FALSE(cascade.empty());
  EXPECT_EQ(cascade[0].site, "fra");
  EXPECT_DOUBLE_EQ(cascade[0].of_capacity, 45000.0 / 40000);
  EXPECT_EQ(cascade[1].site, "iad") << "then all but São Paulo's are there";
}

TEST_F(Simulating, WhereAllSitesAreDownNoneFailsNextThoughClientsAreAnsweredAsIfAllWereUp) {
  present = test::present_of(one_service());
  Simulator it{*present.generation,
               {*demand_of(*present.generation->snapshot, *parse_traffic("198.18.0.0/24,50000\n"))}};
  const DownSites all(4, true);
  const Simulation simulation = it.simulate(all);
  EXPECT_DOUBLE_EQ(simulation.measures[0].sites[0].after, 50000) << "of 40,000";
  EXPECT_THAT(it.cascade(all), testing::IsEmpty());
  const std::string text = control::render_simulation(simulation, present.generation->snapshot->sites, {});
  EXPECT_THAT(text, testing::Not(HasSubstr("no site overflows")));
}

TEST_F(Simulating, SpillAboveSpreadsWhatIsTooMuchForASite) {
  EXPECT_THAT(simulator().simulate(down({"sin"})).measures[0].spread, testing::IsEmpty()) << "no service has it";
  std::string yaml = one_service();
  const std::string www = "      www:\n";
  present = test::present_of(yaml.insert(yaml.find(www) + www.size(), "        spill_above: 80%\n"));
  Simulator it = simulator();
  const Simulation simulation = it.simulate(down({"sin"}));
  const MeasuredChange& change = simulation.measures[0];
  EXPECT_DOUBLE_EQ(change.sites[0].after, 45000) << "of 40,000";
  // 74,000 of 110,000 is under the mark. fra keeps 32,000, gru 8,000 of its 9,000, and iad has room for the rest.
  ASSERT_EQ(change.spread.size(), 4U);
  EXPECT_NEAR(change.spread[0], 32000, 500);
  EXPECT_NEAR(change.spread[1], 34000, 500);
  EXPECT_NEAR(change.spread[2], 8000, 500);
  EXPECT_EQ(change.spread[3], 0) << "it is down";
  const std::string text = control::render_simulation(simulation, present.generation->snapshot->sites, {});
  EXPECT_THAT(text, testing::ContainsRegex(" with spill_above: fra 3[12],[0-9]+ \\(80 %\\), iad 3[34],[0-9]+ "));
  EXPECT_THAT(text, HasSubstr("; no site overflows\n"));
}

TEST_F(Simulating, TheLoadOfASiteInsideOfAServiceGoesToTheNextInside) {
  present = test::present_of(std::string(test::world_head) + R"(
zones:
  example.org:
    ns: [ns1.example.org.]
    services:
      group: { policy: [priority], endpoints: { gru: 192.0.2.30, sin: 192.0.2.40 } }
      www: { policy: [nearest], endpoints: [ { service: group }, { site: fra, address: 192.0.2.10 } ] }
    records: { ns1: { A: [192.0.2.53] } }
)");
  Simulator it(*present.generation,
               {*demand_of(*present.generation->snapshot, *parse_traffic("198.19.0.0/24,9000,www.example.org\n"))});
  const Simulation simulation = it.simulate(down({"gru"}));
  EXPECT_DOUBLE_EQ(simulation.measures[0].sites[2].now, 9000);
  EXPECT_DOUBLE_EQ(simulation.measures[0].sites[3].after, 9000) << "though Frankfurt is nearer to São Paulo";
}

TEST_F(Simulating, WithoutTrafficEveryAddressWithAPlaceCountsAlike) {
  const auto measures = demand_of(*present.generation->snapshot, survey(*present.generation->snapshot));
  ASSERT_EQ(measures.size(), 2U);
  EXPECT_EQ(measures[0].unit, "IPv4 addresses");
  EXPECT_DOUBLE_EQ(measures[0].total, 32768.0 + 16384 + 16384 + 32768 + 16384);
  Simulator it(*present.generation, measures);
  const Simulation simulation = it.simulate(down({"fra"}));
  EXPECT_DOUBLE_EQ(simulation.measures[0].sites[0].now, 32768 + 16384);
  EXPECT_DOUBLE_EQ(simulation.measures[0].moved, 32768 + 16384);
  EXPECT_DOUBLE_EQ(simulation.measures[0].nobody.after, 0);
}

TEST_F(Simulating, NobodyIsForgottenHoweverManyServicesAndPoliciesThereAre) {
  const control::Present all = test::present_of(test::world());
  const auto measures = demand_of(*all.generation->snapshot, survey(*all.generation->snapshot));
  Simulator it(*all.generation, measures);
  for (const auto& failed : subsets({0, 1, 2, 3}, 3)) {
    DownSites sites(4, false);
    for (const auto site : failed) sites[site] = true;
    const Simulation simulation = it.simulate(sites);
    for (const MeasuredChange& change : simulation.measures) {
      double now = change.fallback.now + change.nobody.now;
      double after = change.fallback.after + change.nobody.after;
      for (const SiteLoad& site : change.sites) {
        now += site.now;
        after += site.after;
      }
      EXPECT_NEAR(now / change.total, 1, 1e-9);
      EXPECT_NEAR(after / change.total, 1, 1e-9);
      if (failed.empty()) {
        EXPECT_EQ(change.moved, 0);
      }
    }
  }
}

TEST_F(Simulating, ATableSaysWhoOverflows) {
  Simulator it = simulator();
  const auto failed = down({"sin"});
  const std::string text =
      control::render_simulation(it.simulate(failed), present.generation->snapshot->sites, it.cascade(failed));
  EXPECT_EQ(text,
            " site  req/s now  of capacity  without sin  of capacity\n"
            " fra      30,000         75 %       45,000        113 %  overflows\n"
            " iad      20,000         33 %       20,000         33 %\n"
            " gru       9,000         90 %        9,000         90 %\n"
            " sin      15,000         75 %            0          0 %\n"
            " who moves: 1 network, 20.3 % of req/s: sin -> fra 20.3 %\n"
            " fails next: fra, 112.5 % of its capacity without sin\n"
            " fails next: iad, 108.3 % of its capacity without sin, fra\n"
            " fails next: gru, 740 % of its capacity without sin, fra, iad\n");
}

TEST(Traffic, LinesAreReadAndMistakesNameTheLine) {
  const auto read = parse_traffic("network,rps\r\n192.0.2.0/24, 1.5 ,www.example.org.\n\n2001:db8::/32,2\n");
  ASSERT_TRUE(read) << read.error().what;
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ((*read)[0].service, "www.example.org");
  EXPECT_EQ((*read)[0].rate, 1.5);
  EXPECT_EQ((*read)[1].service, "");
  EXPECT_EQ(parse_traffic("192.0.2.0/24,1\n192.0.2.0/33,2\n").error().what,
            "line 2: \"192.0.2.0/33\" is no network such as 192.0.2.0/24");
  EXPECT_EQ(parse_traffic("192.0.2.0/24,many\n").error().what, "line 1: \"many\" is no number of requests a second");
  EXPECT_FALSE(parse_traffic("192.0.2.0/24,-1\n"));
  EXPECT_FALSE(parse_traffic("192.0.2.0/24,nan\n"));
}

TEST(Traffic, AServiceThatIsNotThereIsAMistake) {
  const control::Present present = test::present_of(one_service());
  EXPECT_EQ(demand_of(*present.generation->snapshot, *parse_traffic("192.0.2.0/24,1,ww.example.org")).error().what,
            "no service is named \"ww.example.org\"");
}

TEST(DownSites, AnUnknownSiteIsAMistakeThatSaysWhichThereAre) {
  const control::Present present = test::present_of(one_service());
  EXPECT_EQ(down_sites(*present.generation->snapshot, {"fra", "iadd"}).error().what,
            "no site is named \"iadd\"; did you mean \"iad\"? (sites: fra, iad, gru, sin)");
}

}  // namespace
}  // namespace gslb::engine
