// Orders, events and probes in the control API and in gslbctl's words.
#include "control/api.hpp"
#include "control/json.hpp"
#include "control/order_json.hpp"
#include "control/order_lines.hpp"
#include "control/push_json.hpp"
#include "tests/control/gslbctl_program.hpp"

namespace gslb::control {
namespace {

using namespace std::chrono_literals;
using health::OrderKind;
using testing::ElementsAre;
using testing::HasSubstr;

OrderView drain() {
  OrderView out;
  out.order.id = 7;
  out.order.kind = OrderKind::drain;
  out.order.scope = {"", "fra", ""};
  out.order.author = "anna";
  out.order.reason = "kernel update";
  out.order.given = at(1'790'000'000);
  out.order.expires = at(1'790'007'200);
  out.endpoints = 3;
  out.services = 2;
  out.ttl = 30s;
  out.answers = 1000;
  return out;
}

OrderView ended() {
  OrderView out = drain();
  out.order.id = 8;
  out.order.kind = OrderKind::down;
  out.order.scope = {"www.example.org", "fra", ""};
  out.order.forced = true;
  out.order.expires.reset();
  out.order.ended = at(1'790'000'060);
  out.order.ended_by = "bob";
  out.answers.reset();
  return out;
}

health::Event fall() {
  health::Event out;
  out.id = 12;
  out.when = at(1'790'000'000);
  out.what = "192.0.2.10 is down, was up; last: timeout after connect";
  out.address = "192.0.2.10";
  out.services = {"www.example.org"};
  out.sites = {"fra"};
  health::PhaseTimes times;
  times.connect = 1ms;
  times.status = 2ms;
  out.evidence = {{at(1'789'999'990), true, false, "passed", "http 200", 3ms, times},
                  {at(1'789'999'995), false, false, "timeout", "timeout after connect", 1s, {}}};
  out.after = {{at(1'790'000'005), false, false, "connect", "connection refused", 1ms, {}}};
  return out;
}

TEST(OrderJson, SaysEverythingBothWays) {
  const auto orders = orders_from_json(to_json(std::vector{drain(), ended()}));
  ASSERT_TRUE(orders);
  ASSERT_EQ(orders->size(), 2U);
  EXPECT_EQ((*orders)[0].order, drain().order);
  EXPECT_EQ((*orders)[1].order, ended().order);
  EXPECT_EQ((*orders)[0].ttl, 30s);
  EXPECT_EQ((*orders)[0].answers, 1000U);
  EXPECT_FALSE((*orders)[1].answers);
  EXPECT_EQ((*orders)[0].endpoints, 3U);
  EXPECT_EQ((*orders)[0].services, 2U);
  const auto outcome = order_outcome_from_json(to_json(OrderOutcome{{drain()}, 0, "", "", "not on disk", {}}));
  EXPECT_EQ(outcome->warning, "not on disk");
  EXPECT_EQ(outcome->orders.size(), 1U);
  const auto events = events_from_json(events_to_json({fall()}, 42));
  ASSERT_TRUE(events);
  EXPECT_EQ(events->last, 42U);
  EXPECT_THAT(events->events, ElementsAre(fall()));
}

TEST(OrderJson, RefusesWhatIsNone) {
  EXPECT_FALSE(orders_from_json("["));
  EXPECT_FALSE(order_outcome_from_json("1"));
  EXPECT_FALSE(events_from_json("nonsense"));
  EXPECT_FALSE(probes_from_json(""));
  EXPECT_FALSE(preview_from_json("{"));
}

TEST(OrderLines, AnOrderIsTheAnswerFirstAndThenItsReason) {
  NodeOutcome node{"/run/gslb/control.sock", true, {{drain()}, 0, "", "", "", {}}, "", ""};
  EXPECT_EQ(render_outcomes({node}, at(1'790'000'000)),
            "order 7: fra drained by anna: kernel update, 2h 00m left; it reaches 3 addresses of 2 services\n"
            "old answers live 30 s (TTL); --wait says when it is safe to work\n"
            "took effect on 1 of 1 node\n");
  NodeOutcome failed{"/run/ns2.sock", false, {}, "gslbd is not running", "start it"};
  EXPECT_THAT(render_outcomes({node, failed}, at(1'790'000'000)), HasSubstr("took effect on 1 of 2 nodes"));
  EXPECT_EQ(render_failures({node, failed}), "not on /run/ns2.sock: gslbd is not running\n  start it\n");
  EXPECT_EQ(render_outcomes({failed}, at(0)), "");
  node.outcome = {{ended()}, 0, "", "", "the disk is full", {}};
  EXPECT_EQ(render_outcomes({node}, at(1'790'000'060)),
            "warning: the disk is full\n"
            "order 8 (force down www.example.org/fra) has ended; it reaches 3 addresses of 2 services\n"
            "what is up comes back after `rise` intervals, through slow start\n"
            "took effect on 1 of 1 node\n");
}

TEST(OrderLines, TheListSaysByWhomWhyAndUntilWhen) {
  EXPECT_EQ(render_orders({}, at(0), false), "no order holds\n");
  OrderView forever = drain();
  forever.order.kind = OrderKind::up;
  forever.order.expires.reset();
  OrderView expired = drain();
  expired.order.kind = OrderKind::hold;
  expired.order.ended = at(1'790'007'200);
  EXPECT_EQ(
      render_orders({drain(), ended(), forever, expired}, at(1'790'007'260), false),
      " order  what            whom                 addresses  by    given       ends                     reason\n"
      "     7  drain           fra                          3  anna  2h 01m ago  0.0 ms left              kernel "
      "update\n"
      "     8  force down      www.example.org/fra          3  anna  2h 01m ago  ended by bob 2h 00m ago  kernel "
      "update (against a safety rule)\n"
      "     7  force up        fra                          3  anna  2h 01m ago  until somebody ends it   kernel "
      "update\n"
      "     7  automation off  fra                          3  anna  2h 01m ago  expired 1 min 0 s ago    kernel "
      "update\n");
}

TEST(OrderLines, EventsStandWithTheirEvidence) {
  EXPECT_EQ(render_events({fall()}, false),
            "2026-09-21T14:13:20.000Z  12  192.0.2.10 is down, was up; last: timeout after connect\n"
            "    2026-09-21T14:13:10.000Z  pass  3.0 ms  passed  http 200  (connect 1.0ms, status 2.0ms)\n"
            "    2026-09-21T14:13:15.000Z  fail  1 s  timeout  timeout after connect\n"
            "    and then\n"
            "    2026-09-21T14:13:25.000Z  fail  1.0 ms  connect  connection refused\n");
}

TEST(OrderLines, ADrainIsSafeWhenTheLastAnswerHasOutlivedItsTtl) {
  const base::SteadyTime begin = base::SteadyTime{} + 1h;
  OrderView order = drain();
  DrainWatch watch("ns1", order, begin);
  EXPECT_EQ(watch.safe_in(begin + 10s), 20s);
  order.answers = 1010;
  watch.see(order, begin + 10s);
  EXPECT_EQ(watch.safe_in(begin + 10s), 30s);
  EXPECT_EQ(watch.line(begin + 10s), "ns1: answers to it 1/s; safe in 30 s at the earliest\n");
  watch.see(order, begin + 11s);
  EXPECT_EQ(watch.line(begin + 11s), "ns1: answers to it 0/s; safe in 29 s\n");
  EXPECT_EQ(watch.safe_in(begin + 40s), 0s);
  order.answers.reset();
  watch.see(order, begin + 12s);
  EXPECT_THAT(watch.line(begin + 12s), HasSubstr("also answered for others"));
}

class OrderApi : public testing::Test {
 protected:
  net::ServerResponse ask(const std::string& method, const std::string& target,
                          std::vector<std::string> who = {"anna"}) {
    net::ServerResponse out;
    handler_({method, target, {}, {}, std::move(who)},
             [&](net::ServerResponse response) { out = std::move(response); });
    return out;
  }
  net::ServerResponse put(const std::string& target, const std::string& body) {
    net::ServerResponse out;
    handler_({"PUT", target, {}, body, {}}, [&](net::ServerResponse response) { out = std::move(response); });
    return out;
  }
  FakeInstance instance_;
  net::HttpServer::Handler handler_ = make_api(instance_);
};

TEST_F(OrderApi, GivesAnOrderInTheNameOfWhoAsks) {
  instance_.said.orders = {drain()};
  const auto reply = ask("POST", "/v1/orders/give?kind=drain&scope=fra&for=7200&reason=kernel%20update&force=1");
  EXPECT_EQ(reply.status, 200U) << reply.body;
  ASSERT_EQ(instance_.requests.size(), 1U);
  const OrderRequest& got = instance_.requests[0];
  EXPECT_THAT(got.kinds, ElementsAre(OrderKind::drain));
  EXPECT_EQ(got.scope, "fra");
  EXPECT_EQ(got.lasts, base::Duration(2h));
  EXPECT_EQ(got.reason, "kernel update");
  EXPECT_EQ(got.author, "anna");
  EXPECT_TRUE(got.force);
  ask("POST", "/v1/orders/give?kind=up&scope=fra&for=forever&reason=x", {});
  EXPECT_FALSE(instance_.requests[1].lasts);
  EXPECT_EQ(instance_.requests[1].author, "somebody");
}

TEST_F(OrderApi, RefusesWhatIsNoOrder) {
  for (const char* query : {"scope=fra&for=1&reason=x", "kind=hop&for=1&reason=x", "kind=drain&scope=fra&reason=x",
                            "kind=drain&scope=fra&for=0&reason=x", "kind=drain&scope=fra&for=99999999999&reason=x",
                            "kind=drain&scope=fra&for=10"})
    EXPECT_EQ(ask("POST", std::string("/v1/orders/give?") + query).status, 400U) << query;
  for (const char* query : {"", "id=x", "scope=fra", "scope=fra&kind=hop"})
    EXPECT_EQ(ask("POST", std::string("/v1/orders/end?") + query).status, 400U) << query;
  EXPECT_TRUE(instance_.requests.empty());
}

TEST_F(OrderApi, PassesARefusalOn) {
  instance_.said.refused = 409;
  instance_.said.what = "refused: the rule would not hold";
  const auto reply = ask("POST", "/v1/orders/give?kind=drain&scope=fra&for=7200&reason=x");
  EXPECT_EQ(reply.status, 409U);
  EXPECT_EQ(error_from_json(reply.body).error, "refused: the rule would not hold");
}

TEST_F(OrderApi, EndsByNumberOrByScope) {
  EXPECT_EQ(ask("POST", "/v1/orders/end?id=7").status, 200U);
  EXPECT_EQ(instance_.requests[0].id, "7");
  EXPECT_EQ(ask("POST", "/v1/orders/end?kind=up&kind=down&scope=fra").status, 200U);
  EXPECT_THAT(instance_.requests[1].kinds, ElementsAre(OrderKind::up, OrderKind::down));
}

TEST_F(OrderApi, ListsWhatHoldsOrAlsoWhatEnded) {
  instance_.given = {drain(), ended()};
  EXPECT_EQ(orders_from_json(ask("GET", "/v1/orders").body)->size(), 1U);
  EXPECT_EQ(orders_from_json(ask("GET", "/v1/orders?ended=1").body)->size(), 2U);
}

TEST_F(OrderApi, FindsEvents) {
  instance_.happened = {fall()};
  EXPECT_EQ(events_from_json(ask("GET", "/v1/events?after=5&since=60&service=www&site=fra").body)->last, 42U);
  ASSERT_EQ(instance_.filters.size(), 1U);
  EXPECT_EQ(instance_.filters[0].after, 5U);
  EXPECT_GT(instance_.filters[0].since, base::wall_now() - 70s);
  EXPECT_EQ(instance_.filters[0].service, "www");
  EXPECT_EQ(instance_.filters[0].site, "fra");
  EXPECT_EQ(ask("GET", "/v1/events?after=x").status, 400U);
  EXPECT_EQ(ask("GET", "/v1/events?since=x").status, 400U);
}

TEST_F(OrderApi, ProbesOnDemand) {
  EXPECT_EQ(probes_from_json(ask("POST", "/v1/probe?target=www").body)->at(0).phase, "passed");
  EXPECT_EQ(probes_from_json(ask("POST", "/v1/probe?target=www&from=nrt-1").body)->at(0).vantage, "nrt-1");
  EXPECT_EQ(ask("POST", "/v1/probe?target=nothing").status, 404U);
}

using OrderWords = Gslbctl;

TEST(Push, IsReadAndWhatIsNoneIsRefused) {
  EXPECT_EQ(push_from_json("")->status, health::PushStatus::pass);
  const auto warn = push_from_json(R"({"status": "warn", "note": "disk\n91 %"})");
  ASSERT_TRUE(warn);
  EXPECT_EQ(warn->status, health::PushStatus::warn);
  EXPECT_EQ(warn->note, "disk 91 %") << "one line";
  for (const char* body : {"pass", "[]", "{}", R"({"status": "well"})", R"({"status": 1})"})
    EXPECT_FALSE(push_from_json(body)) << body;
  EXPECT_TRUE(push_from_json(R"({"status": "pass", "note": ")" + std::string(256, 'x') + "\"}"));
  EXPECT_FALSE(push_from_json(R"({"status": "pass", "note": ")" + std::string(257, 'x') + "\"}"));
}

TEST_F(OrderApi, TakesWhatAServicePushes) {
  const auto taken = put("/v1/push?target=www%2Ffra&monitor=alive", R"({"status": "fail", "note": "no database"})");
  EXPECT_EQ(taken.status, 200U);
  EXPECT_THAT(*pushed_from_json(taken.body), ElementsAre("192.0.2.10 push alive"));
  ASSERT_EQ(instance_.pushes.size(), 1U);
  EXPECT_EQ(instance_.pushes[0].first, "alive");
  EXPECT_EQ(instance_.pushes[0].second.status, health::PushStatus::fail);
  EXPECT_EQ(instance_.pushes[0].second.note, "no database");
  EXPECT_EQ(ask("PUT", "/v1/push?target=www/fra").status, 200U);
  EXPECT_EQ(ask("PUT", "/v1/push?target=nothing").status, 404U);
  EXPECT_EQ(ask("PUT", "/v1/push?target=").status, 400U);
  EXPECT_EQ(put("/v1/push?target=www/fra", "{").status, 400U);
  EXPECT_EQ(ask("GET", "/v1/push?target=www/fra").status, 405U);
  EXPECT_EQ(ask("PUT", "/v1/push").status, 400U);
}

TEST_F(OrderWords, SayWhatIsMissingBeforeAnybodyIsAsked) {
  EXPECT_EQ(ask("drain fra").code, 2);
  EXPECT_THAT(ask("drain fra --reason x").err, HasSubstr("--for 2h, or --forever"));
  EXPECT_THAT(ask("drain fra --for 1h --forever --reason x").err, HasSubstr("not both"));
  EXPECT_THAT(ask("drain fra --for soon --reason x").err, HasSubstr("is no duration"));
  EXPECT_THAT(ask("drain fra --for 1h").err, HasSubstr("--reason"));
  EXPECT_THAT(ask("events --since soon").err, HasSubstr("is no duration"));
  EXPECT_EQ(ask("orders end x").code, 2);
  EXPECT_EQ(ask("push www well").code, 2);
}

TEST_F(OrderWords, SayThatNobodyIsThere) {
  for (const char* words : {"drain fra --for 1h --reason x", "undrain fra", "orders", "orders end 7", "events",
                            "probe www", "push www pass", "drain fra --dry-run", "force auto fra", "automation on"})
    EXPECT_EQ(ask(words).code, 3) << words;
}

}  // namespace
}  // namespace gslb::control
