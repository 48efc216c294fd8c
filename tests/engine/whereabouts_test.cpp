#include "engine/whereabouts.hpp"

#include <gmock/gmock.h>

#include "tests/conformance/zone_fixture.hpp"

namespace gslb::engine {
namespace {

using ::testing::ElementsAre;

constexpr const char* world = R"(
control: { socket: none }
geo:
  location: []
  places:
    - { prefix: 85.214.0.0/16, at: [52.52, 13.4], country: "DE", name: Berlin }
    - { prefix: 12.0.0.0/8, at: [38.9, -77.04], country: "US" }
sites: { fra: { at: [50.11, 8.68] }, ber: { at: [52.52, 13.4] }, iad: { at: [39.04, -77.49] }, nowhere: {} }
zones:
  example.org:
    ns: [ns1.example.net.]
    services:
      near: { monitor: none, policy: [nearest: { within: 500km }, weighted, take: 1], endpoints: { fra: 192.0.2.1, ber: 192.0.2.2, iad: 192.0.2.3 } }
      fenced:
        monitor: none
        policy: [fence, nearest, take: 1]
        endpoints: [{ site: iad, address: 192.0.2.3, serves: { countries: ["US"] } }]
      any: { monitor: none, policy: [weighted], endpoints: { fra: 192.0.2.1, iad: 192.0.2.3 } }
      me: { reflect: resolver }
)";

Whereabouts of(const char* address) {
  const test::TestServer server(world);
  return whereabouts(*server.generation().snapshot, base::parse_address(address).value()).value();
}

TEST(WhereaboutsOf, AnAddressAreItsSitesByDistance) {
  const Whereabouts berlin = of("85.214.1.1");
  EXPECT_EQ(berlin.facts.place->value, "Berlin");
  std::vector<std::string> names;
  for (const SiteDistance& site : berlin.sites) names.push_back(site.site);
  EXPECT_THAT(names, ElementsAre("ber", "fra", "iad", "nowhere"));
  EXPECT_NEAR(*berlin.sites[0].km, 0, 1e-6);
  EXPECT_NEAR(*berlin.sites[1].km, 424, 3);
  EXPECT_FALSE(berlin.sites[3].km);
}

TEST(WhereaboutsOf, AnAddressAreTheOrderOfEachServicesSitesAndItsScope) {
  const Whereabouts berlin = of("85.214.1.1");
  ASSERT_EQ(berlin.services.size(), 3U);
  EXPECT_EQ(berlin.services[0].service, "near.example.org");
  EXPECT_THAT(berlin.services[0].tiers, ElementsAre(ElementsAre("fra", "ber"), ElementsAre("iad")));
  EXPECT_EQ(berlin.services[0].scope, 16U);
  EXPECT_THAT(berlin.services[1].tiers, ElementsAre());
  EXPECT_THAT(berlin.services[2].tiers, ElementsAre(ElementsAre("fra", "iad")));
  EXPECT_EQ(berlin.services[2].scope, 0U);
  EXPECT_THAT(of("12.1.1.1").services[1].tiers, ElementsAre(ElementsAre("iad")));
}

TEST(WhereaboutsOf, ASpecialPurposeAddressHaveNoDistances) {
  const Whereabouts found = of("10.0.0.1");
  EXPECT_FALSE(found.facts.believed);
  for (const SiteDistance& site : found.sites) EXPECT_FALSE(site.km);
}

}  // namespace
}  // namespace gslb::engine
