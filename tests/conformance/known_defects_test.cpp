// What went wrong in other global load balancers, as tests that it cannot here. One for each report; those that another
// test of ours is about already are named with it.
//
//   report                  what happened                               here
//   trafficcontrol#6377     loss of peers' states made a verdict flap   nothing is shared between servers yet
//   gdnsd#48                a weighted group never said all is down     ATierThatIsAllDownPassesItsClientsOn...
//   pdns#10636              probing died, answers froze unseen          no watchdog yet
//   pdns#16118              a budget leaked from query to query         TheMillionthAnswerIsAsGoodAsTheFirst
//   pdns#7051               A and AAAA shared one table of weights      EachFamilyDrawsAmongItsOwnEndpoints
//   k8gb#2107               an IPv6 address became 0.0.0.0 in an A      AnIpv6AddressNeverStandsInAnA
//   gdnsd#62                networks overrode more than was listed      APlaceChangesItsNetworkAndNoAddress...
//   gdnsd#90                a misspelt key became an address            AMisspeltKeyAmongEndpointsIsAnError...
//   pdns#7184               memory grew with each new client            Allocations.AWarmQueryOfAnyKind...
//   k8gb#1904               one peer's bad name stopped the others      OneUnusableTargetLeavesTheOthers...
//   k8gb#165                two deployments took each other's answers   TheSameServiceNameInTwoZonesIs...
//   Kuadrant/dns-op#313     only the first failure was passed on        EveryFailureAndReturnReachesThe...
#include <algorithm>
#include <array>
#include <set>

#include "zone_fixture.hpp"

namespace gslb::test {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* world = R"(
control: { socket: none }
geo:
  location: []
  places:
    - { prefix: 85.214.0.0/16, at: [52.52, 13.4] }
    - { prefix: 85.214.64.0/20, at: [38.9, -77.04] }
sites: { fra: { at: [50.11, 8.68] }, iad: { at: [39.04, -77.49] } }
monitors: { web: { http: /healthz } }
defaults: { ttl: 30s, slowstart: 0s, monitor: web }
zones:
  example.org:
    ns: [ns1.example.net.]
    services:
      pair:
        policy: [nearest, weighted, take: 1]
        endpoints:
          - { site: fra, address: 192.0.2.1, weight: 1 }
          - { site: fra, address: 192.0.2.2, weight: 3 }
          - { site: iad, address: 192.0.2.3 }
      mixed:
        policy: [weighted, take: 1]
        endpoints:
          - { site: fra, address: 192.0.2.11 }
          - { site: fra, address: "2001:db8::12" }
          - { site: iad, address: [192.0.2.13, "2001:db8::13"] }
      six: { policy: [weighted], endpoints: { fra: "2001:db8::21" } }
      www: { policy: [weighted], endpoints: { fra: 192.0.2.31 } }
  example.com:
    ns: [ns1.example.net.]
    services:
      www: { policy: [weighted], endpoints: { fra: 192.0.2.41 } }
)";

/// The addresses of an answer.
std::vector<std::string> ask(TestServer& server, const std::string& name, unsigned type = type_a,
                             const std::string& subnet = "85.214.1.0/24") {
  Ask what;
  what.name = name;
  what.type = type;
  what.subnet = subnet;
  const Reply reply = server.ask(what);
  EXPECT_EQ(reply.rcode(), 0U) << name << " for " << subnet;
  std::vector<std::string> out;
  for (const std::string& record : reply.answer()) out.push_back(record.substr(record.find_last_of(" \t") + 1));
  return out;
}

/// A different client network for each number.
std::string network(unsigned number) {
  return std::to_string(1 + number % 200) + "." + std::to_string(number / 200 % 256) + ".0.0/24";
}

TEST(KnownDefects, ATierThatIsAllDownPassesItsClientsOnThoughItIsWeighted) {
  TestServer server(world);
  EXPECT_THAT(ask(server, "pair.example.org"), ElementsAre(AnyOf("192.0.2.1", "192.0.2.2")));
  server.set("192.0.2.1", health::Verdict::down);
  EXPECT_THAT(ask(server, "pair.example.org"), ElementsAre(AnyOf("192.0.2.2", "192.0.2.3")));
  server.set("192.0.2.2", health::Verdict::down);
  for (unsigned i = 0; i < 256; ++i)
    EXPECT_THAT(ask(server, "pair.example.org", type_a, "85.214." + std::to_string(i) + ".0/24"),
                ElementsAre("192.0.2.3"));
}

TEST(KnownDefects, TheMillionthAnswerIsAsGoodAsTheFirst) {
  TestServer server(world);
  Ask what;
  what.name = "pair.example.org";
  what.subnet = "85.214.1.0/24";
  const auto query = query_wire(what);
  std::array<std::uint8_t, 1232> reply;
  std::array<std::uint8_t, 1232> first;
  const engine::Client client{base::parse_address("127.0.0.1").value(), 5353};
  const std::size_t size = server.handler().handle(client, query, first, engine::Transport::datagram);
  ASSERT_GT(size, 12U);
  for (unsigned i = 0; i < 1'000'000; ++i) {
    ASSERT_EQ(server.handler().handle(client, query, reply, engine::Transport::datagram), size) << i;
    ASSERT_EQ(reply[3] & 0x0f, 0) << i;
  }
  EXPECT_TRUE(std::equal(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(size), reply.begin()));
}

TEST(KnownDefects, EachFamilyDrawsAmongItsOwnEndpoints) {
  TestServer server(world);
  std::set<std::string> v4;
  std::set<std::string> v6;
  for (unsigned i = 0; i < 500; ++i) {
    const auto a = ask(server, "mixed.example.org", type_a, network(i));
    const auto aaaa = ask(server, "mixed.example.org", type_aaaa, network(i));
    ASSERT_EQ(a.size(), 1U);
    ASSERT_EQ(aaaa.size(), 1U);
    v4.insert(a[0]);
    v6.insert(aaaa[0]);
  }
  EXPECT_THAT(v4, testing::UnorderedElementsAre("192.0.2.11", "192.0.2.13"));
  EXPECT_THAT(v6, testing::UnorderedElementsAre("2001:db8::12", "2001:db8::13"));
}

TEST(KnownDefects, AnIpv6AddressNeverStandsInAnA) {
  TestServer server(world);
  EXPECT_THAT(ask(server, "six.example.org", type_aaaa), ElementsAre("2001:db8::21"));
  EXPECT_THAT(ask(server, "six.example.org", type_a), IsEmpty());
  base::ErrorList errors;
  const auto config = config::load_text(
      "t.yaml", "zones: { example.org: { ns: [ns1], records: { ns1: { A: [\"2001:db8::1\"] } } } }\n", errors);
  if (config) static_cast<void>(engine::compile(*config, {}, errors));
  ASSERT_FALSE(errors.empty());
  EXPECT_THAT(base::to_string(errors.all()[0]), HasSubstr("2001:db8::1"));
}

TEST(KnownDefects, APlaceChangesItsNetworkAndNoAddressBesideIt) {
  TestServer server(world);
  const auto site = [&](const std::string& subnet) { return ask(server, "pair.example.org", type_a, subnet)[0]; };
  const auto in_germany = AnyOf("192.0.2.1", "192.0.2.2");
  EXPECT_THAT(site("85.214.63.255/32"), in_germany);
  EXPECT_EQ(site("85.214.64.0/32"), "192.0.2.3");
  EXPECT_EQ(site("85.214.79.255/32"), "192.0.2.3");
  EXPECT_THAT(site("85.214.80.0/32"), in_germany);
}

TEST(KnownDefects, AMisspeltKeyAmongEndpointsIsAnErrorAndNoAddress) {
  base::ErrorList errors;
  EXPECT_FALSE(
      config::load_text("t.yaml",
                        "sites: { fra: {} }\nzones:\n  example.org:\n    ns: [ns1.example.net.]\n"
                        "    services: { www: { monitor: none, endpoints: { fra: 192.0.2.1, spil_below: 0.4 } } }\n",
                        errors));
  ASSERT_FALSE(errors.empty());
  EXPECT_THAT(base::to_string(errors.all()[0]), HasSubstr("t.yaml:5:"));
  EXPECT_THAT(base::to_string(errors.all()[0]), HasSubstr("spil_below"));
}

TEST(KnownDefects, OneUnusableTargetLeavesTheOthersAsTheyAre) {
  TestServer server(world);
  for (health::TargetState& state : server.states()) state.verdict = health::Verdict::unknown;
  server.set("192.0.2.31", health::Verdict::down);
  server.set("192.0.2.41", health::Verdict::up);
  server.set("192.0.2.3", health::Verdict::up);
  EXPECT_THAT(ask(server, "www.example.com"), ElementsAre("192.0.2.41"));
  EXPECT_THAT(ask(server, "pair.example.org"), ElementsAre("192.0.2.3"));
}

TEST(KnownDefects, TheSameServiceNameInTwoZonesIsTwoServices) {
  TestServer server(world);
  EXPECT_THAT(ask(server, "www.example.org"), ElementsAre("192.0.2.31"));
  EXPECT_THAT(ask(server, "www.example.com"), ElementsAre("192.0.2.41"));
  server.set("192.0.2.31", health::Verdict::down);
  EXPECT_THAT(ask(server, "www.example.com"), ElementsAre("192.0.2.41"));
  EXPECT_THAT(ask(server, "www.example.com"), Not(ElementsAre("192.0.2.31")));
}

TEST(KnownDefects, EveryFailureAndReturnReachesTheAnswers) {
  TestServer server(world);
  server.set("192.0.2.2", health::Verdict::down);
  for (int round = 0; round < 5; ++round) {
    EXPECT_EQ(ask(server, "pair.example.org", type_a, "85.214.1.0/24").size(), 1U);
    server.set("192.0.2.1", health::Verdict::down);
    EXPECT_THAT(ask(server, "pair.example.org"), ElementsAre("192.0.2.3")) << round;
    server.set("192.0.2.1", health::Verdict::up);
    std::set<std::string> seen;
    for (unsigned i = 0; i < 60; ++i)
      for (const auto& one : ask(server, "pair.example.org", type_a, "85.214." + std::to_string(i) + ".0/24"))
        seen.insert(one);
    EXPECT_TRUE(seen.contains("192.0.2.1")) << round;
  }
}

}  // namespace
}  // namespace gslb::test
