#include "engine/diff.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/change_view.hpp"
#include "tests/engine/reasons_world.hpp"

namespace gslb::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string yaml_of(const std::string& services, const std::string& head = test::world_head) {
  return head + "zones:\n  example.org:\n    ns: [ns1.example.org.]\n    services:\n" + services +
         "    records: { ns1: { A: [192.0.2.53] } }\n";
}

constexpr const char* near_two = "      www: { endpoints: { fra: 192.0.2.10, iad: 192.0.2.20 } }\n";
constexpr const char* near_three = "      www: { endpoints: { fra: 192.0.2.10, iad: 192.0.2.20, gru: 192.0.2.30 } }\n";

struct Compared {
  Difference difference;
  std::vector<MovedNetwork> networks;
  std::string text;
};

Compared compare(const std::string& before, const std::string& after, const std::string& traffic = {},
                 std::optional<double> most = {}) {
  const control::Present a = test::present_of(before);
  const control::Present b = test::present_of(after);
  Compared out;
  const auto lines = traffic.empty() ? std::vector<Traffic>() : *parse_traffic(traffic);
  const auto atlas = geo::Atlas::open(*b.generation->snapshot->geo_inputs).value();
  out.difference = diff(
      {a.config.get(), a.generation->snapshot.get()}, {b.config.get(), b.generation->snapshot.get()}, lines,
      [&](const std::string&, const MovedNetwork& moved) { out.networks.push_back(moved); }, &atlas);
  out.text = control::render_difference(out.difference, most);
  return out;
}

TEST(Diff, AConfigurationDoesNotDifferFromItself) {
  const Compared same = compare(test::world(), test::world());
  EXPECT_TRUE(same.difference.same());
  EXPECT_THAT(same.networks, IsEmpty());
  EXPECT_EQ(same.difference.services.size(), 14U);
  EXPECT_EQ(same.difference.most_moved(), 0);
}

std::vector<std::string> countries(const Compared& compared) {
  std::vector<std::string> out;
  for (const CountryMoves& one : compared.difference.services.at(0).countries) {
    double sum = 0;
    for (const Relocation& move : one.moves) sum += move.weight;
    EXPECT_NEAR(sum, one.weight, 1e-12) << one.country;
    out.push_back(one.country + " " + one.moves.at(0).from + " -> " + one.moves.at(0).to);
  }
  return out;
}

TEST(Diff, SaysWhichCountriesMoveAndThatIsAllThatMoves) {
  const Compared found = compare(yaml_of(near_three), yaml_of(near_two));
  EXPECT_THAT(countries(found), ElementsAre("BR gru -> iad"));
  const ServiceDifference& www = found.difference.services.at(0);
  EXPECT_NEAR(www.countries.at(0).weight, www.moved.at(0).second, 1e-12) << "of the first unit";
  EXPECT_THAT(found.text, HasSubstr("\n  where    BR "));
  const Compared all = compare(yaml_of(near_three), yaml_of("      www: { endpoints: { gru: 192.0.2.30 } }\n"));
  EXPECT_THAT(countries(all), ElementsAre("DE fra -> gru", "GB fra -> gru", "SG fra -> gru", "US iad -> gru"))
      << "by how many addresses there are of each, which is the same of the last three";
}

TEST(Diff, CountriesOfTrafficAreThoseOfItsNetworks) {
  const Compared found = compare(yaml_of(near_three), yaml_of(near_two), "198.18.0.0/24,10\n198.19.0.0/25,30\n");
  EXPECT_THAT(countries(found), ElementsAre("BR gru -> iad"));
  EXPECT_NEAR(found.difference.services.at(0).countries.at(0).weight, 0.75, 1e-12);
}

TEST(Diff, ANewSiteTakesExactlyTheNetworksThatAreNearestToIt) {
  const Compared added = compare(yaml_of(near_two), yaml_of(near_three));
  ASSERT_EQ(added.difference.services.size(), 1U);
  const ServiceDifference& www = added.difference.services[0];
  EXPECT_EQ(www.kind, ServiceDifference::Kind::moved);
  // 32,768 of 114,688 IPv4 addresses with a place are in São Paulo, and went to Washington.
  ASSERT_FALSE(www.moved.empty());
  EXPECT_EQ(www.moved[0].first, "IPv4 addresses");
  EXPECT_DOUBLE_EQ(www.moved[0].second, 32768.0 / 114688);
  ASSERT_EQ(added.networks.size(), 1U);
  EXPECT_EQ(base::to_string(added.networks[0].network), "198.19.0.0/17");
  EXPECT_EQ(added.networks[0].from + " " + added.networks[0].to, "iad gru");
  EXPECT_EQ(added.networks[0].part, 1);
  EXPECT_THAT(www.because, ElementsAre("endpoint 192.0.2.30 at gru added"));
}

TEST(Diff, AWiderCanaryMovesOnlyThoseWhoAreNewInIt) {
  const auto with_canary = [](const std::string& share) {
    return yaml_of(
        "      www: { policy: [weighted], endpoints: { fra: 192.0.2.10, iad: 192.0.2.20 }, canary: { share: " + share +
        ", endpoints: { sin: 192.0.2.30 } } }\n");
  };
  const Compared wider = compare(with_canary("10%"), with_canary("30%"));
  ASSERT_EQ(wider.difference.services[0].kind, ServiceDifference::Kind::moved);
  EXPECT_NEAR(wider.difference.services[0].most_moved(), 0.2, 0.002);
  for (const Relocation& move : wider.difference.services[0].moves) EXPECT_EQ(move.to, "sin");
}

TEST(Diff, WhatIsInsideOfAServiceMovesItsClientsToo) {
  const auto with_inner = [](const std::string& order) {
    return yaml_of(
        "      group: { policy: [priority: " + order +
        "], endpoints: { gru: 192.0.2.30, sin: 192.0.2.40 } }\n"
        "      www: { policy: [nearest], endpoints: [ { service: group }, { site: fra, address: 192.0.2.10 } ] }\n");
  };
  const Compared turned = compare(with_inner("[gru, sin]"), with_inner("[sin, gru]"));
  ASSERT_EQ(turned.difference.services.size(), 2U);
  EXPECT_EQ(turned.difference.services[1].kind, ServiceDifference::Kind::moved);
  ASSERT_FALSE(turned.networks.empty());
  for (const MovedNetwork& moved : turned.networks) EXPECT_EQ(moved.from + " " + moved.to, "gru sin");
}

TEST(Diff, AWeightMovesOnlyThePartThatItMust) {
  const std::string before =
      "      www: { policy: [weighted], endpoints: [ { site: fra, address: 192.0.2.10, weight: 50 }, { site: iad, "
      "address: 192.0.2.20, weight: 50 } ] }\n";
  const std::string after =
      "      www: { policy: [weighted], endpoints: [ { site: fra, address: 192.0.2.10, weight: 60 }, { site: iad, "
      "address: 192.0.2.20, weight: 40 } ] }\n";
  const Compared changed = compare(yaml_of(before), yaml_of(after));
  ASSERT_EQ(changed.difference.services[0].kind, ServiceDifference::Kind::moved);
  EXPECT_NEAR(changed.difference.services[0].most_moved(), 0.1, 0.002);
  EXPECT_EQ(changed.difference.services[0].moves[0].from, "iad");
  EXPECT_THAT(changed.difference.services[0].because,
              ElementsAre("weight of 192.0.2.10 at fra changed", "weight of 192.0.2.20 at iad changed"));
}

TEST(Diff, APlaceMovesTheClientsInItWhateverTheNetworksWereBefore) {
  std::string head = test::world_head;
  head.insert(head.find("    - { prefix: 198.18.128.0/18"), "    - { prefix: 198.18.7.0/24, at: [38.9, -77.04] }\n");
  const Compared moved = compare(yaml_of(near_two), yaml_of(near_two, head));
  ASSERT_EQ(moved.networks.size(), 1U);
  EXPECT_EQ(base::to_string(moved.networks[0].network), "198.18.7.0/24");
  EXPECT_THAT(moved.difference.services[0].because, ElementsAre("geo.places changed"));
}

TEST(Diff, ServicesThatComeAndGoAreSaid) {
  const Compared changed = compare(yaml_of(near_two), yaml_of("      api: { endpoints: { fra: 192.0.2.10 } }\n"));
  ASSERT_EQ(changed.difference.services.size(), 2U);
  EXPECT_EQ(changed.difference.services[0].kind, ServiceDifference::Kind::removed);
  EXPECT_EQ(changed.difference.services[1].kind, ServiceDifference::Kind::added);
  EXPECT_EQ(changed.difference.most_moved(), 1) << "clients of a service that is gone get nothing";
}

TEST(Diff, WithTrafficPartsAreOfRequests) {
  const Compared changed = compare(yaml_of(near_two), yaml_of(near_three), "198.18.0.0/24,900\n198.19.0.0/24,100\n");
  ASSERT_EQ(changed.difference.services[0].moved.size(), 1U);
  EXPECT_EQ(changed.difference.services[0].moved[0].first, "req/s");
  EXPECT_DOUBLE_EQ(changed.difference.services[0].moved[0].second, 0.1);
}

TEST(Diff, TheTextSaysWhoMovesWhereAndWhy) {
  const std::string two = "      api: { policy: [weighted], endpoints: { fra: 192.0.2.11 } }\n";
  EXPECT_EQ(compare(yaml_of(two + near_two), yaml_of(two + near_three)).text,
            "api.example.org   nothing moves\n"
            "www.example.org   28.6 % of IPv4 addresses, 0 % of IPv6 addresses move: 1 network\n"
            "  moves    iad -> gru 28.6 %\n"
            "  where    BR 28.6 % (iad -> gru 28.6 %)\n"
            "  because  endpoint 192.0.2.30 at gru added\n"
            "  such as  198.19.0.0/17 iad -> gru\n"
            "answers differ\n");
  EXPECT_THAT(compare(yaml_of(near_two), yaml_of(near_three), {}, 0.05).text,
              HasSubstr("at most 28.6 % of a service moves, more than the 5 % allowed\n"));
  EXPECT_THAT(compare(yaml_of(near_two), yaml_of(near_three), {}, 0.3).text,
              HasSubstr("at most 28.6 % of a service moves, within the 30 % allowed\n"));
}

}  // namespace
}  // namespace gslb::engine
