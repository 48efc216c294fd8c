#include "control/feed_view.hpp"

#include <gmock/gmock.h>

namespace gslb::control {
namespace {

std::vector<FeedView> two() {
  FeedView fra;
  fra.name = "fra-lb";
  fra.site = "fra";
  fra.kind = "haproxy";
  fra.known = fra.here = true;
  fra.says = "serving";
  fra.share = 0.5;
  fra.age = std::chrono::seconds(3);
  fra.asked = 7;
  fra.members = 4;
  fra.usable = 2;
  fra.connections = 12;
  fra.connection_limit = 400;
  fra.queue = 1;
  fra.rate = 8.25;
  fra.errors = 0.02;
  fra.response_time = std::chrono::milliseconds(42);
  fra.utilization = 0.4;
  fra.broken = {"web3", "web4 (draining)"};
  FeedView iad;
  iad.name = "iad-lb";
  iad.site = "iad";
  iad.kind = "consul";
  return {fra, iad};
}

TEST(FeedViews, AreATable) {
  EXPECT_EQ(
      render_feeds(two(), false),
      " FEED    SITE  KIND     SAYS     MEMBERS  WEIGHT  AGE  LOAD\n"
      " fra-lb  fra   haproxy  serving      2/4     50%  3 s  40% used, 12 of 400 connections, 1.0 queued, 8.2 req/s, "
      "2% errors, 42.0 ms  without web3, web4 (draining)\n"
      " iad-lb  iad   consul   nothing        -    100%    -                                                           "
      "                   is read by a vantage of the site, which has not said anything\n");
}

TEST(FeedViews, ShowADisagreement) {
  FeedView feed = two()[0];
  feed.says = "failing";
  feed.disagrees = true;
  feed.problem = "connect: connection refused";
  const std::string shown = render_feeds({feed}, false);
  EXPECT_THAT(shown, testing::HasSubstr("failing"));
  EXPECT_THAT(shown, testing::HasSubstr("probes succeed all the same: they decide, and somebody should look; connect: "
                                        "connection refused"));
  feed.says = "draining";
  EXPECT_THAT(render_feeds({feed}, false), testing::HasSubstr("draining"));
  feed.says = "unknown";
  EXPECT_THAT(render_feeds({feed}, false), testing::HasSubstr("load only"));
}

TEST(FeedViews, SayWhatToWriteWhereThereAreNone) {
  EXPECT_EQ(render_feeds({}, true), " no feeds: `feeds` in the configuration names what sites' balancers are asked\n");
}

TEST(FeedViews, SurviveJson) {
  const auto back = feeds_from_json(to_json(two()));
  ASSERT_TRUE(back);
  EXPECT_EQ(render_feeds(*back, false), render_feeds(two(), false));
  EXPECT_EQ(to_json(*back), to_json(two()));
  EXPECT_FALSE(feeds_from_json("["));
}

}  // namespace
}  // namespace gslb::control
