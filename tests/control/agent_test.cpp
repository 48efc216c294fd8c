// What HAProxy's agent-check is told of a site, and of a balancer's own servers.
#include "control/agent.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/control/fake_instance.hpp"

namespace gslb::control {
namespace {

using std::chrono::seconds;
using testing::StartsWith;

class Agent : public testing::Test {
 protected:
  Agent() {
    list_ = FakeInstance().services();
    list_[0].endpoints.push_back(endpoint("198.51.100.1", "iad", health::Verdict::up));
  }
  EndpointView& fra() { return list_[0].endpoints[0]; }
  EndpointView& iad() { return list_[0].endpoints[1]; }
  void drain(const std::string& site, base::WallTime given) {
    OrderView order;
    order.order.kind = health::OrderKind::drain;
    order.order.scope.site = site;
    order.order.given = given;
    order.ttl = seconds(20);
    orders_.push_back(order);
    for (EndpointView& one : list_[0].endpoints)
      if (one.site == site) one.ordered = "drain";
  }
  std::string ask(const std::string& line) const { return agent_answer(line, list_, orders_, now_); }

  std::vector<ServiceView> list_;
  std::vector<OrderView> orders_;
  base::WallTime now_ = at(1'800'000'000);
};

TEST_F(Agent, TellsTheWeightOfASite) {
  EXPECT_EQ(ask("www.gslb.example.org/fra"), "ready up 100%\n");
  fra().weight = 1;
  EXPECT_EQ(ask("WWW.gslb.example.org./fra"), "ready up 33%\n");
  fra().weight = 0.001;
  EXPECT_EQ(ask("www.gslb.example.org/fra/192.0.2.10"), "ready up 1%\n");
  iad().weight = 0;
  EXPECT_EQ(ask("www.gslb.example.org/iad"), "ready up 0%\n");
}

TEST_F(Agent, ASiteIsDownWhenNothingOfItIsUp) {
  fra().state.verdict = health::Verdict::down;
  fra().why = "down: connect refused\n";
  EXPECT_EQ(ask("www.gslb.example.org/fra"), "ready down #down: connect refused\\x0a\n");
  fra().ordered = "up";
  EXPECT_THAT(ask("www.gslb.example.org/fra"), StartsWith("ready up"));
  iad().ordered = "down";
  EXPECT_THAT(ask("www.gslb.example.org/iad"), StartsWith("ready down"));
}

TEST_F(Agent, WhatIsNotKnownChangesNothing) {
  fra().state.verdict = health::Verdict::unknown;
  EXPECT_EQ(ask("www.gslb.example.org/fra"), "# no verdict yet\n");
  EXPECT_EQ(ask("shop/fra"), "# no service is named shop\n");
  EXPECT_EQ(ask("www/gru"), "# several services are named www\n");
  EXPECT_EQ(ask("api/gru"), "# api has no endpoint there\n");
  EXPECT_THAT(ask(""), StartsWith("# agent-send"));
}

TEST_F(Agent, WhereAllIsDownEverybodyGetsEverything) {
  fra().state.verdict = iad().state.verdict = health::Verdict::down;
  list_[0].worst = policy::Mode::fail_open;
  EXPECT_EQ(ask("www.gslb.example.org/fra"), "ready up 100% # fail-open\n");
}

TEST_F(Agent, ADrainedSiteIsDrained) {
  drain("fra", now_);
  EXPECT_EQ(ask("www.gslb.example.org/fra"), "drain\n");
  EXPECT_EQ(ask("www.gslb.example.org/iad"), "ready up 100%\n");
}

TEST_F(Agent, OwnServersAreDrainedWhenClientsHaveStoppedComing) {
  EXPECT_EQ(ask("local www.gslb.example.org/fra"), "ready\n");
  drain("fra", now_ - seconds(10));
  EXPECT_EQ(ask("local www.gslb.example.org/fra"), "ready # drain in 40 s, when clients have stopped coming\n");
  now_ += seconds(40);
  EXPECT_EQ(ask("local www.gslb.example.org/fra"), "drain\n");
  EXPECT_EQ(ask("local www.gslb.example.org/iad"), "ready\n");
}

TEST_F(Agent, TheFirstOfTwoDrainsCounts) {
  drain("fra", now_ - seconds(60));
  drain("fra", now_);
  EXPECT_EQ(ask("local www.gslb.example.org/fra"), "drain\n");
  orders_[0].order.ended = now_;
  EXPECT_THAT(ask("local www.gslb.example.org/fra"), StartsWith("ready # drain in 50 s"));
}

TEST_F(Agent, OwnServersNeverGoDownOrLoseWeight) {
  fra().state.verdict = health::Verdict::down;
  fra().weight = 0;
  EXPECT_EQ(ask("local www.gslb.example.org/fra"), "ready\n");
}

TEST_F(Agent, OwnServersStayWhereDrainedSitesAnswerAllTheSame) {
  drain("fra", now_ - seconds(3600));
  list_[0].worst = policy::Mode::last_resort;
  EXPECT_EQ(ask("local www.gslb.example.org/fra"), "ready\n");
}

}  // namespace
}  // namespace gslb::control
