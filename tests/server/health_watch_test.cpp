#include "server/health_watch.hpp"

#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>

#include "tests/conformance/zone_fixture.hpp"

namespace gslb::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* world = R"(
control: { socket: none }
listen: 127.0.0.1:5300
sites: { fra: { at: [50.11, 8.68] }, iad: { at: [39.04, -77.49] } }
monitors: { web: { http: /healthz } }
defaults: { monitor: web, policy: [weighted] }
zones:
  example.org:
    ns: [ns1.example.org.]
    services: { www: { endpoints: { fra: 192.0.2.1, iad: 192.0.2.2 } } }
)";

class HealthWatchTest : public testing::Test {
 protected:
  HealthWatchTest() : server(world) { watch.adopt(*server.generation().snapshot); }
  std::vector<std::string> told() {
    std::vector<std::string> out;
    for (const health::Event& event : events()) out.push_back(event.what);
    return out;
  }
  /// Those since this was last asked.
  std::vector<health::Event> events() {
    health::EventFilter news;
    news.after = told_until;
    auto [found, last] = journal.find(news);
    told_until = last;
    return found;
  }
  void look() { watch.look(server.generation()); }
  void set_all(health::Verdict verdict) {
    for (const char* address : {"192.0.2.1", "192.0.2.2"}) server.set(address, verdict);
    look();
  }
  test::TestServer server;
  Journal journal;
  std::uint64_t told_until = 0;
  HealthWatch watch{journal};
};

TEST_F(HealthWatchTest, AServiceThatServesNormallyIsNotSpokenOf) {
  look();
  server.set("192.0.2.1", health::Verdict::down);
  look();
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(HealthWatchTest, FailOpenIsToldWhenItBeginsAndWhenItEnds) {
  look();
  set_all(health::Verdict::down);
  look();
  EXPECT_THAT(told(), ElementsAre(HasSubstr("www.example.org fails open")));
  set_all(health::Verdict::up);
  EXPECT_THAT(told(), ElementsAre(HasSubstr("www.example.org serves normally again")));
}

TEST_F(HealthWatchTest, ALastResortIsTold) {
  look();
  health::Order drain;
  drain.id = 1;
  server.obey({drain});
  server.publish();
  look();
  EXPECT_THAT(told(), ElementsAre(HasSubstr("has only a last resort")));
}

TEST_F(HealthWatchTest, ThousandsOfVerdictsAtOnceAreSummedUp) {
  boost::asio::io_context context{1};
  health::Checker checker(context, 1, [] {});
  engine::Snapshot snapshot;
  snapshot.targets.resize(300);
  for (std::size_t i = 0; i < snapshot.targets.size(); ++i)
    snapshot.targets[i].address = base::IpAddress::v4(static_cast<std::uint32_t>(0xc6336400U + i));
  checker.set_targets(snapshot.targets);
  watch.adopt(snapshot);
  watch.look(checker);  // where they start
  EXPECT_THAT(told(), IsEmpty());
  health::Snapshot fallen{base::wall_now(), {}};
  for (const health::Target& target : snapshot.targets)
    fallen.targets.push_back({target.key(), health::Verdict::down, base::wall_now(), std::nullopt});
  ASSERT_TRUE(checker.restore(health::to_text(fallen)));
  watch.look(checker);
  const auto first = events();
  ASSERT_EQ(first.size(), 201U);
  EXPECT_THAT(first[0].what, HasSubstr("198.51.100.0 is down, was unknown"));
  EXPECT_EQ(first.back().what, "100 more verdicts turned at the same time");
}

class FeedWatch : public HealthWatchTest {
 protected:
  FeedWatch() {
    feed.name = "fra-lb";
    feed.site = "fra";
    feed.services = {"www.example.org"};
    serving.known = serving.serving = true;
    drained.known = drained.drained = true;
    broken.known = broken.disagrees = true;
  }
  std::vector<std::string> after(const health::FeedEffect& effect) {
    watch.look({feed}, {effect});
    return told();
  }
  health::FeedSpec feed;
  health::FeedEffect serving, drained, broken, silent;
};

TEST_F(FeedWatch, AFeedThatBeginsToSpeakIsOrdinary) {
  EXPECT_THAT(after(silent), IsEmpty());
  EXPECT_THAT(after(serving), IsEmpty());
  serving.share = 300;
  EXPECT_THAT(after(serving), IsEmpty());
}

TEST_F(FeedWatch, TellsOnceWhenItTakesItsSiteOutAndWhenItIsBack) {
  after(serving);
  watch.look({feed}, {drained});
  const auto first = events();
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].kind, health::EventKind::feed);
  EXPECT_THAT(first[0].sites, ElementsAre("fra"));
  EXPECT_THAT(first[0].services, ElementsAre("www.example.org"));
  EXPECT_EQ(first[0].what, "feed fra-lb says that people took all members of fra out: the site is drained");
  EXPECT_THAT(after(drained), IsEmpty());
  EXPECT_THAT(after(serving), ElementsAre("feed fra-lb says that members of fra serve again"));
}

TEST_F(FeedWatch, TellsThatItDisagreesAndThatItFellSilent) {
  EXPECT_THAT(after(broken), ElementsAre(HasSubstr("no member of fra works: probes decide")));
  EXPECT_THAT(after(drained), ElementsAre(HasSubstr("the site is drained")));
  EXPECT_THAT(after(silent), ElementsAre(HasSubstr("says nothing any more")));
  EXPECT_THAT(after(serving), IsEmpty());
}

TEST_F(FeedWatch, AFeedIsKnownByItsName) {
  after(drained);
  health::FeedSpec other = feed;
  other.name = "iad-lb";
  watch.look({other, feed}, {serving, drained});
  EXPECT_THAT(told(), IsEmpty());
}

}  // namespace
}  // namespace gslb::server
