// Orders as people give them: whom they mean, which rules are asked, and what is told.
#include "server/order_desk.hpp"

#include <gmock/gmock.h>

#include "tests/conformance/zone_fixture.hpp"

namespace gslb::server {
namespace {

using namespace std::chrono_literals;
using control::OrderOutcome;
using control::OrderRequest;
using health::OrderKind;
using testing::ElementsAre;
using testing::HasSubstr;

// Without monitors: all is up.
constexpr const char* text = R"(
control: { socket: none }
listen: 127.0.0.1:5300
sites: { fra: {}, iad: {} }
zones:
  example.org:
    ns: [ns1.example.org.]
    services:
      www:
        ttl: 40s
        policy: [weighted]
        assert: at least 1 other site is up
        endpoints: { fra: [192.0.2.1, "2001:db8::1"], iad: 192.0.2.2 }
      kept: { failback: manual, policy: [priority], endpoints: { iad: 192.0.2.5 } }
      api: { ttl: 20s, policy: [weighted], endpoints: { fra: 192.0.2.3 } }
)";

class OrderDeskTest : public testing::Test {
 protected:
  OrderDeskTest() {
    service.adopt(std::make_shared<engine::Snapshot>(*test::TestServer(text).generation().snapshot));
    desk.keeper().start();
  }
  OrderOutcome give(OrderKind kind, const std::string& scope, bool force = false) {
    OrderRequest request;
    request.kinds = {kind};
    request.scope = scope;
    request.lasts = 1h;
    request.reason = "kernel update";
    request.author = "anna";
    request.force = force;
    return desk.order(request);
  }
  OrderOutcome end(const std::string& scope, std::vector<OrderKind> kinds) {
    OrderRequest request;
    request.verb = OrderRequest::Verb::end_scope;
    request.kinds = std::move(kinds);
    request.scope = scope;
    request.author = "bob";
    return desk.order(request);
  }

  boost::asio::io_context context{1};
  Builder builder;
  Workers workers{builder};
  Journal journal;
  HealthService service{1, [](engine::GenerationPtr) {}, journal};
  OrderDesk desk{context, service, workers, [this](health::Event event) { told.push_back(event.what); }};
  std::vector<std::string> told;
};

TEST_F(OrderDeskTest, SaysWhomAnOrderReachesAndHowLongOldAnswersLive) {
  const OrderOutcome out = give(OrderKind::drain, "fra", true);
  ASSERT_EQ(out.refused, 0U) << out.what;
  ASSERT_EQ(out.orders.size(), 1U);
  EXPECT_EQ(out.orders[0].order.scope.site, "fra");
  EXPECT_EQ(out.orders[0].order.author, "anna");
  EXPECT_TRUE(out.orders[0].order.expires);
  EXPECT_EQ(out.orders[0].endpoints, 3U);
  EXPECT_EQ(out.orders[0].services, 2U);
  EXPECT_EQ(out.orders[0].ttl, 40s);
  EXPECT_EQ(desk.orders().size(), 1U);
}

TEST_F(OrderDeskTest, AnswersObeyWhenItReturns) {
  give(OrderKind::drain, "www/fra");
  const auto view = service.view();
  const auto& states = view.generation->plans[0]->states[0];
  EXPECT_EQ(states[0].ordered, OrderKind::drain);
  EXPECT_NE(states[1].ordered, OrderKind::drain);
}

TEST_F(OrderDeskTest, ARuleIsAskedAndCanBeOverruledByForce) {
  ASSERT_EQ(give(OrderKind::drain, "www/iad").refused, 0U);
  const OrderOutcome second = give(OrderKind::drain, "www/fra");
  EXPECT_EQ(second.refused, 409U);
  EXPECT_THAT(second.what, HasSubstr("refused: the rule \"at least 1 other site is up\" of www.example.org"));
  EXPECT_THAT(second.hint, HasSubstr("--force"));
  EXPECT_EQ(desk.orders().size(), 1U);
  const OrderOutcome forced = give(OrderKind::drain, "www/fra", true);
  EXPECT_EQ(forced.refused, 0U);
  EXPECT_TRUE(forced.orders.at(0).order.forced);
  EXPECT_EQ(give(OrderKind::up, "www/fra").refused, 0U) << "no rule is against what adds capacity";
}

TEST_F(OrderDeskTest, NobodyIsMeantByANameThatThereIsNot) {
  const OrderOutcome out = give(OrderKind::down, "gru");
  EXPECT_EQ(out.refused, 404U);
  EXPECT_THAT(out.what, HasSubstr("gru"));
}

TEST_F(OrderDeskTest, OnlyThoseAreLetBackWhomAServiceKeepsAway) {
  EXPECT_EQ(give(OrderKind::failback, "service:kept").refused, 0U);
  const OrderOutcome refused = give(OrderKind::failback, "service:www");
  EXPECT_EQ(refused.refused, 409U);
  EXPECT_EQ(refused.what, "www.example.org: nothing here keeps clients from a better tier");
}

TEST_F(OrderDeskTest, IsEndedAsItWasGivenOrByItsNumber) {
  const std::uint64_t id = give(OrderKind::drain, "api", true).orders.at(0).order.id;
  give(OrderKind::down, "www/fra");
  EXPECT_EQ(end("www", {OrderKind::down}).refused, 404U) << "another scope";
  EXPECT_EQ(end("www/fra", {OrderKind::drain}).refused, 404U) << "another kind";
  const OrderOutcome ended = end("www/fra", {OrderKind::up, OrderKind::down});
  ASSERT_EQ(ended.orders.size(), 1U);
  EXPECT_EQ(ended.orders[0].order.ended_by, "bob");
  OrderRequest by_number;
  by_number.verb = OrderRequest::Verb::end;
  by_number.id = std::to_string(id);
  by_number.author = "bob";
  EXPECT_EQ(desk.order(by_number).orders.at(0).order.id, id);
  EXPECT_EQ(desk.order(by_number).refused, 404U);
}

}  // namespace
}  // namespace gslb::server
