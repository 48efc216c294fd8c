// What sites' balancers and registries are asked, as it is written.
#include <gmock/gmock.h>

#include "tests/config/support.hpp"

namespace gslb::config {
namespace {

using namespace std::chrono_literals;
using health::FeedKind;
using health::FeedSpec;
using ::testing::ElementsAre;
using testing::errors_of;
using testing::loaded;

std::string with(const std::string& feed) {
  return "sites: { fra: { at: [50, 8] } }\n"
         "zones: { example.org: { ns: [ns1], services: { www: { policy: [all], endpoints: { fra: 192.0.2.1 } }, \"@\": "
         "{ policy: "
         "[all], endpoints: { fra: 192.0.2.1 } } } } }\n"
         "feeds: { lb: { site: fra, " +
         feed + " } }\n";
}

FeedSpec feed_of(const std::string& feed) {
  const Config config = loaded(with(feed));
  return config.feeds.empty() ? FeedSpec{} : config.feeds[0];
}

TEST(Feeds, SayWhatIsAskedAndWhere) {
  const FeedSpec spec = feed_of("haproxy: \"http://192.0.2.1:8404/stats;csv\", of: www, interval: 2s, hold: 30s");
  EXPECT_EQ(spec.name, "lb");
  EXPECT_EQ(spec.site, "fra");
  EXPECT_EQ(spec.kind, FeedKind::haproxy);
  EXPECT_EQ(base::to_string(spec.to), "192.0.2.1:8404");
  EXPECT_EQ(spec.target, "/stats;csv");
  EXPECT_EQ(spec.object, "www");
  EXPECT_EQ(spec.interval, 2s);
  EXPECT_EQ(spec.hold, 30s);
  EXPECT_FALSE(spec.plain);
}

TEST(Feeds, SpeakHaproxysRuntimeApiOverASocketOrTcp) {
  const FeedSpec local = feed_of("haproxy: \"unix:/run/haproxy/admin.sock\", of: www");
  EXPECT_EQ(local.unix_path, "/run/haproxy/admin.sock");
  EXPECT_TRUE(local.plain);
  const FeedSpec far = feed_of("haproxy: \"tcp://192.0.2.1:9999\", of: www");
  EXPECT_EQ(base::to_string(far.to), "192.0.2.1:9999");
  EXPECT_TRUE(far.plain);
  EXPECT_FALSE(feed_of("page: \"unix:/run/page.sock\"").plain);
}

TEST(Feeds, HaveThePortOfTheirScheme) {
  EXPECT_EQ(base::to_string(feed_of("page: \"http://192.0.2.1\"").to), "192.0.2.1:80");
  const FeedSpec spec =
      feed_of("consul: \"https://[2001:db8::1]/\", of: www, host: consul.example.org, namespace: dc1");
  EXPECT_EQ(base::to_string(spec.to), "[2001:db8::1]:443");
  EXPECT_TRUE(spec.tls);
  EXPECT_EQ(spec.target, "");
  EXPECT_EQ(spec.space, "dc1");
}

TEST(Feeds, AreOfServicesByTheirWholeNames) {
  EXPECT_THAT(feed_of("page: \"http://192.0.2.1\", services: [www.example.org., example.org]").services,
              ElementsAre("www.example.org", "example.org"));
  EXPECT_THAT(errors_of(with("page: \"http://192.0.2.1\", services: www")),
              ElementsAre("3:10: feeds.lb: has no service named \"www\""));
}

TEST(Feeds, EveryKindIsOne) {
  for (const auto& [word, kind] : std::vector<std::pair<std::string, FeedKind>>{{"haproxy", FeedKind::haproxy},
                                                                                {"page", FeedKind::page},
                                                                                {"stub_status", FeedKind::stub_status},
                                                                                {"envoy", FeedKind::envoy},
                                                                                {"consul", FeedKind::consul},
                                                                                {"nacos", FeedKind::nacos},
                                                                                {"eureka", FeedKind::eureka},
                                                                                {"kubernetes", FeedKind::kubernetes},
                                                                                {"etcd", FeedKind::etcd},
                                                                                {"prometheus", FeedKind::prometheus}}) {
    const FeedSpec spec = feed_of(word + ": \"http://192.0.2.1:1\", of: x");
    EXPECT_EQ(spec.kind, kind);
    EXPECT_EQ(to_string(spec.kind), word);
    EXPECT_EQ(spec.api, kind == FeedKind::nacos ? 2U : 0U);
  }
}

TEST(Feeds, AnAgentIsAskedWithoutHttp) {
  const FeedSpec spec = feed_of("agent: \"tcp://192.0.2.1:9707\"");
  EXPECT_EQ(spec.kind, FeedKind::agent);
  EXPECT_TRUE(spec.plain);
  EXPECT_EQ(spec.object, "");
  EXPECT_EQ(feed_of("agent: \"unix:/run/agent.sock\", of: www").unix_path, "/run/agent.sock");
  EXPECT_THAT(errors_of(with("agent: \"http://192.0.2.1:1\"")),
              ElementsAre("3:34: feeds.lb.agent: \"http://192.0.2.1:1\" is no address of a feed"));
}

TEST(Feeds, AreRefusedWithWhatIsWrong) {
  EXPECT_THAT(errors_of(with("of: www")), ElementsAre("3:10: feeds.lb: says not what is asked"));
  EXPECT_THAT(errors_of(with("page: \"http://192.0.2.1\", consul: \"http://192.0.2.1\", of: www")),
              ElementsAre("3:10: feeds.lb: asks in several ways"));
  EXPECT_THAT(errors_of(with("consul: \"http://192.0.2.1:8500\"")), ElementsAre("3:10: feeds.lb: needs `of`"));
  EXPECT_THAT(errors_of(with("page: \"ftp://192.0.2.1\"")),
              ElementsAre("3:33: feeds.lb.page: \"ftp://192.0.2.1\" is no address of a feed"));
  EXPECT_THAT(errors_of(with("page: \"tcp://192.0.2.1:1\"")),
              ElementsAre("3:33: feeds.lb.page: \"tcp://192.0.2.1:1\" is no address of a feed"));
  EXPECT_THAT(errors_of(with("page: \"http://lb.example.org/\"")),
              ElementsAre("3:33: feeds.lb.page: \"lb.example.org\" is not an address with a port"));
  EXPECT_THAT(errors_of(with("page: \"http://192.0.2.1/a b\"")),
              ElementsAre("3:33: feeds.lb.page: \"/a b\" is no path"));
  EXPECT_THAT(errors_of(with("haproxy: \"unix:admin.sock\", of: www")),
              ElementsAre("3:36: feeds.lb.haproxy: \"unix:admin.sock\" has no path"));
  EXPECT_THAT(errors_of(with("haproxy: \"tcp://192.0.2.1:1/x\", of: www")),
              ElementsAre("3:36: feeds.lb.haproxy: \"/x\" is too much"));
  EXPECT_THAT(errors_of(with("page: \"http://192.0.2.1\", of: \"\"")), ElementsAre("3:57: feeds.lb.of: is empty"));
}

}  // namespace
}  // namespace gslb::config
