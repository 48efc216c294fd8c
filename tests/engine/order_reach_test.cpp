#include "engine/order_reach.hpp"

#include <gmock/gmock.h>

#include "tests/conformance/zone_fixture.hpp"

namespace gslb::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* world = R"(
control: { socket: none }
listen: 127.0.0.1:5300
sites: { fra: { at: [50.11, 8.68] }, iad: { at: [39.04, -77.49] }, api: { at: [1, 1] } }
monitors: { web: { http: /healthz } }
defaults: { monitor: web, policy: [weighted] }
zones:
  example.org:
    ns: [ns1.example.org.]
    services:
      www: { assert: at least 1 other site is fully up, endpoints: { fra: [192.0.2.1, "2001:db8::1"], iad: 192.0.2.2 } }
      api: { endpoints: { fra: 192.0.2.1, iad: 192.0.2.3 } }
      one: { assert: [at least 1 other site is up], endpoints: { api: 192.0.2.9 } }
  example.com:
    ns: [ns1.example.com.]
    services:
      www: { endpoints: { fra: 192.0.2.5 } }
)";

class OrderReach : public testing::Test {
 protected:
  OrderReach() : server(world) {}
  std::string read(const std::string& text) const {
    const auto scope = scope_of(*server.generation().snapshot, text);
    return scope ? scope->service + "|" + scope->site + "|" + scope->address : scope.error().what;
  }
  health::OrderScope scope(const std::string& text) const {
    return scope_of(*server.generation().snapshot, text).value();
  }
  std::optional<BrokenRule> broken(const std::string& text) const {
    return broken_rule(server.generation(), scope(text));
  }
  void order(health::OrderKind kind, const std::string& text) {
    health::Order out;
    out.id = 1;
    out.kind = kind;
    out.scope = scope(text);
    server.obey({out});
    server.publish();
  }
  test::TestServer server;
};

TEST_F(OrderReach, ReadsWhatAPersonWrites) {
  EXPECT_EQ(read("*"), "||");
  EXPECT_EQ(read("fra"), "|fra|");
  EXPECT_EQ(read("f*"), "|f*|");
  EXPECT_EQ(read("one"), "one.example.org||");
  EXPECT_EQ(read("WWW.example.org."), "www.example.org||");
  EXPECT_EQ(read("www.*"), "www.*||");
  EXPECT_EQ(read("one/api"), "one.example.org|api|");
  EXPECT_EQ(read("www.example.org/fra"), "www.example.org|fra|");
  EXPECT_EQ(read("192.0.2.1"), "||192.0.2.1");
  EXPECT_EQ(read("2001:DB8:0::1"), "||2001:db8::1");
  EXPECT_EQ(read("192.0.2.*"), "||192.0.2.*");
  EXPECT_EQ(read("site:api"), "|api|");
  EXPECT_EQ(read("service:api"), "api.example.org||");
  EXPECT_EQ(read("address:192.0.2.1"), "||192.0.2.1");
}

TEST_F(OrderReach, SaysWhatIsNotUnderstood) {
  EXPECT_THAT(read(""), HasSubstr("whom?"));
  EXPECT_THAT(read("fraa"), HasSubstr("did you mean \"fra\"?"));
  EXPECT_THAT(read("www"), HasSubstr("several services are named"));
  EXPECT_THAT(read("api"), HasSubstr("site:api or service:api"));
  EXPECT_THAT(read("192.0.2.77"), HasSubstr("no endpoint has the address"));
  EXPECT_THAT(read("one/fra"), HasSubstr("has no endpoint at"));
  EXPECT_THAT(read("one/nowhere"), HasSubstr("no site is named"));
  EXPECT_THAT(read("nothing/fra"), HasSubstr("no service is named"));
}

TEST_F(OrderReach, ReachesEveryAddressThatMatches) {
  EXPECT_EQ(reached_by(*server.generation().snapshot, scope("fra")).size(), 4U);
  EXPECT_EQ(reached_by(*server.generation().snapshot, scope("192.0.2.1")).size(), 2U);
  EXPECT_EQ(reached_by(*server.generation().snapshot, {}).size(), 7U);
}

TEST_F(OrderReach, ARuleHoldsWhileAnotherSiteIsFullyUp) {
  EXPECT_FALSE(broken("www.example.org/fra"));
  EXPECT_FALSE(broken("192.0.2.3"));
}

TEST_F(OrderReach, ARuleBreaksWhenTheOtherSiteIsDownOrDrained) {
  server.set("192.0.2.2", health::Verdict::down);
  ASSERT_TRUE(broken("fra"));
  EXPECT_EQ(broken("fra")->service, "www.example.org");
  EXPECT_EQ(broken("fra")->rule, "at least 1 other site is fully up");
  EXPECT_EQ(broken("fra")->present, "iad is down");
  server.set("192.0.2.2", health::Verdict::up);
  order(health::OrderKind::drain, "iad");
  EXPECT_EQ(broken("fra")->present, "iad is drained");
  order(health::OrderKind::down, "iad");
  EXPECT_EQ(broken("fra")->present, "iad is forced down");
  order(health::OrderKind::up, "iad");
  EXPECT_FALSE(broken("fra"));
}

TEST_F(OrderReach, AnOrderOfTheWholeServiceLeavesNoOtherSite) {
  EXPECT_EQ(broken("one")->present, "it has no other site");
  EXPECT_EQ(broken("www.example.org")->present, "it has no other site");
}

TEST_F(OrderReach, SupposesPlansAsTheyWouldBe) {
  health::Order drain;
  drain.kind = health::OrderKind::drain;
  drain.scope = scope("fra");
  const GenerationPtr then = suppose(server.generation(), drain);
  EXPECT_TRUE(policy::taken_out(then->plans[0]->states[0][0]));
  EXPECT_FALSE(policy::taken_out(server.generation().plans[0]->states[0][0]));
  EXPECT_EQ(then->plans[2], server.generation().plans[2]);
}

TEST_F(OrderReach, RemembersWhatIsNotUpForAHold) {
  EXPECT_THAT(not_up_now(server.generation(), {}), IsEmpty());
  server.set("192.0.2.2", health::Verdict::down);
  EXPECT_THAT(not_up_now(server.generation(), {}), ElementsAre("www.example.org 192.0.2.2"));
}

}  // namespace
}  // namespace gslb::engine
