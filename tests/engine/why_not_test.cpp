#include "engine/why_not.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.hpp"
#include "control/why_not_view.hpp"
#include "engine/explain.hpp"
#include "tests/engine/reasons_world.hpp"

namespace gslb::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr geo::Coordinates berlin{52.52, 13.4};

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const auto at = text.find(what);
  if (at == std::string::npos) ADD_FAILURE() << what;
  return text.replace(at, what.size(), by);
}

/// The sites that a client gets from a configuration in which some sites are down.
std::vector<std::string> sites_of(const std::string& yaml, const std::string& name, const std::string& client,
                                  const std::vector<std::string>& down = {}) {
  const control::Present present = test::present_of(yaml);
  Asker asker;
  asker.name = *dns::Name::parse(name + ".example.org.");
  asker.subnet = *base::parse_prefix(client);
  asker.resolver = asker.subnet->address;
  const auto generation = suppose(*present.generation, *down_sites(*present.generation->snapshot, down));
  const Explanation explanation = Explainer(generation).explain(asker);
  std::vector<std::string> out;
  if (explanation.steered) {
    for (const auto e : explanation.steered->answer) out.push_back(explanation.steered->candidates[e].site);
  }
  return out;
}

class AskingWhyNot : public testing::Test {
 protected:
  std::optional<WhyNot> ask(const std::string& name, const std::string& site, const std::string& client,
                            const std::vector<std::string>& down = {},
                            const std::optional<geo::Coordinates>& at = berlin) {
    generation = suppose(*present.generation, *down_sites(*present.generation->snapshot, down));
    Explainer explainer(generation);
    Asker asker;
    asker.name = *dns::Name::parse(name + ".example.org.");
    asker.subnet = *base::parse_prefix(client);
    asker.resolver = asker.subnet->address;
    static_cast<void>(explainer.explain(asker));
    return why_not(*generation, explainer.trace().steered.value(), site, at);
  }
  const std::string yaml = test::world();
  control::Present present = test::present_of(yaml);
  GenerationPtr generation;
};

constexpr const char* german = "198.18.1.0/24";

TEST_F(AskingWhyNot, TheSiteThatIsChosenNeedsNoChange) {
  const auto answer = ask("www", "fra", german);
  EXPECT_TRUE(answer->this_client);
  EXPECT_THAT(answer->ways, testing::IsEmpty());
  EXPECT_EQ(control::render_why_not(*answer), "fra is chosen");
}

TEST_F(AskingWhyNot, ASiteWithoutAnEndpointOfTheServiceHasNoAnswer) { EXPECT_FALSE(ask("bare", "iad", german)); }

// Washington is 6,700 km from Berlin, Frankfurt 420: what is said is what happens when the configuration says so.
TEST_F(AskingWhyNot, TheNextNearestWouldBeChosenIfTheNearestWereDownOrTheToleranceLarger) {
  const auto answer = ask("www", "iad", german);
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->ways.size(), 2U) << control::render_why_not(*answer);
  const Way& down = answer->ways[0].changes[0].kind == Change::Kind::down ? answer->ways[0] : answer->ways[1];
  const Way& within = answer->ways[0].changes[0].kind == Change::Kind::down ? answer->ways[1] : answer->ways[0];
  ASSERT_EQ(down.changes[0].kind, Change::Kind::down);
  EXPECT_EQ(down.changes[0].site, "fra");
  EXPECT_TRUE(down.this_client);
  EXPECT_THAT(sites_of(yaml, "www", german, {"fra"}), ElementsAre("iad"));

  ASSERT_EQ(within.changes[0].kind, Change::Kind::within);
  EXPECT_NEAR(within.part, 0.6, 0.001) << "60k of 100k";
  const auto with = [&](double km) {
    return replaced(
        yaml, "        monitor: web\n        endpoints:\n          fra: [192.0.2.10",
        "        monitor: web\n        policy: [nearest: { within: " + std::to_string(static_cast<long>(km)) +
            "km }, weighted, take: 1]\n        endpoints:\n          fra: [192.0.2.10");
  };
  EXPECT_EQ(sites_of(with(within.changes[0].value), "www", german) == std::vector<std::string>{"iad"},
            within.this_client);
  EXPECT_THAT(sites_of(with(within.changes[0].value - 1), "www", german), ElementsAre("fra"));
}

TEST_F(AskingWhyNot, WithoutAKnownPlaceTheToleranceIsNotTried) {
  const auto answer = ask("www", "iad", german, {}, std::nullopt);
  ASSERT_EQ(answer->ways.size(), 1U);
  EXPECT_EQ(control::render_why_not(*answer), "iad would be chosen if fra were down");
}

TEST_F(AskingWhyNot, AFartherSiteNeedsAllNearerOnesDown) {
  const auto answer = ask("www", "sin", german, {}, std::nullopt);
  ASSERT_EQ(answer->ways.size(), 1U) << control::render_why_not(*answer);
  EXPECT_THAT(answer->ways[0].changes, testing::SizeIs(2));
  std::vector<std::string> down;
  for (const Change& change : answer->ways[0].changes) down.push_back(change.site);
  EXPECT_THAT(sites_of(yaml, "www", german, down), ElementsAre("sin"));
}

TEST_F(AskingWhyNot, ASiteThatIsDownWouldBeChosenIfItWereUp) {
  const auto answer = ask("www", "fra", german, {"fra"});
  ASSERT_FALSE(answer->ways.empty());
  EXPECT_EQ(answer->ways[0].changes[0].kind, Change::Kind::up);
  EXPECT_THAT(sites_of(yaml, "www", german), ElementsAre("fra"));
}

TEST_F(AskingWhyNot, ASiteOutsideTheFenceWouldBeChosenOnlyIfItServedTheClient) {
  const auto answer = ask("europe", "iad", german, {}, std::nullopt);
  ASSERT_FALSE(answer->ways.empty());
  bool serves = false;
  for (const Change& change : answer->ways[0].changes) serves = serves || change.kind == Change::Kind::serves;
  EXPECT_TRUE(serves) << control::render_why_not(*answer);
  const std::string opened = replaced(yaml, "serves: { continents: [NA, SA] }", "serves: { continents: [NA, SA, EU] }");
  std::vector<std::string> down;
  for (const Change& change : answer->ways[0].changes)
    if (change.kind == Change::Kind::down) down.push_back(change.site);
  EXPECT_THAT(sites_of(opened, "europe", german, down), ElementsAre("iad"));
  EXPECT_THAT(sites_of(yaml, "europe", german, {"fra"}), ElementsAre("fra")) << "as if it were up; never outside";
}

TEST_F(AskingWhyNot, ALaterSiteWouldBeChosenIfItCameFirst) {
  const auto answer = ask("order", "sin", german, {}, std::nullopt);
  bool first = false;
  for (const Way& way : answer->ways) first = first || way.changes[0].kind == Change::Kind::first;
  EXPECT_TRUE(first) << control::render_why_not(*answer);
  EXPECT_THAT(sites_of(replaced(yaml, "priority: [iad, [fra, sin]]", "priority: [sin, iad, fra]"), "order", german),
              ElementsAre("sin"));
}

// For clients whose slot is another's: the least weight with which they draw the site, and one less does not do.
TEST_F(AskingWhyNot, AWeightIsTheLeastThatIsEnough) {
  const std::string two = R"(
zones:
  example.org:
    ns: [ns1.example.org.]
    services:
      www: { policy: [weighted], endpoints: [ { site: fra, address: 192.0.2.10, weight: 100 }, { site: iad, address: 192.0.2.20, weight: 100 } ] }
    records: { ns1: { A: [192.0.2.53] } }
)";
  const std::string whole = std::string(test::world_head) + two;
  present = test::present_of(whole);
  int tried = 0;
  for (int network = 0; network < 12; ++network) {
    const std::string client = "198.18." + std::to_string(network) + ".0/24";
    const auto answer = ask("www", "iad", client);
    if (answer->this_client) continue;
    ++tried;
    EXPECT_NEAR(answer->part, 0.5, 0.001);
    const Way* heavier = nullptr;
    for (const Way& way : answer->ways)
      if (way.changes[0].kind == Change::Kind::weight) heavier = &way;
    ASSERT_NE(heavier, nullptr) << control::render_why_not(*answer);
    EXPECT_TRUE(heavier->this_client);
    const auto with = [&](double weight) {
      return replaced(whole, "address: 192.0.2.20, weight: 100",
                      "address: 192.0.2.20, weight: " + std::to_string(static_cast<long>(weight)));
    };
    EXPECT_THAT(sites_of(with(heavier->changes[0].value), "www", client), ElementsAre("iad"));
    EXPECT_THAT(sites_of(with(heavier->changes[0].value - 1), "www", client), ElementsAre("fra"));
  }
  EXPECT_GT(tried, 2);
}

}  // namespace
}  // namespace gslb::engine
