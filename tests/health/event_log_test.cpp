#include "health/event_log.hpp"

#include <gmock/gmock.h>

namespace gslb::health {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

Event event(const std::string& what, std::vector<std::string> services = {}, std::vector<std::string> sites = {},
            base::WallTime when = {}) {
  Event out;
  out.what = what;
  out.services = std::move(services);
  out.sites = std::move(sites);
  out.when = when;
  return out;
}

std::vector<std::string> texts(const std::vector<Event>& events) {
  std::vector<std::string> out;
  for (const Event& one : events) out.push_back(one.what);
  return out;
}

TEST(EventLog, ShowsTheOldestFirstAndCountsFromOne) {
  EventLog log;
  EXPECT_EQ(log.last_id(), 0U);
  EXPECT_EQ(log.add(event("a")), 1U);
  EXPECT_EQ(log.add(event("b")), 2U);
  EXPECT_THAT(texts(log.find({})), ElementsAre("a", "b"));
  EXPECT_EQ(log.last_id(), 2U);
}

TEST(EventLog, KeepsTheNewest) {
  EventLog log;
  for (std::size_t i = 0; i < EventLog::most + 5; ++i) log.add(event(std::to_string(i)));
  EventFilter all;
  all.most = 2 * EventLog::most;
  const auto found = log.find(all);
  ASSERT_EQ(found.size(), EventLog::most);
  EXPECT_EQ(found.front().what, "5");
  all.most = 2;
  EXPECT_EQ(log.find(all).front().id, EventLog::most + 4);
}

TEST(EventLog, FindsByServiceSiteAgeAndNumber) {
  EventLog log;
  log.add(event("www", {"www.example.org"}, {"fra"}, base::WallTime{} + 10s));
  log.add(event("api", {"api.example.org", "www.example.org"}, {"iad"}, base::WallTime{} + 20s));
  log.add(event("all", {}, {}, base::WallTime{} + 30s));
  EXPECT_THAT(texts(log.find({.service = "www", .site = {}})), ElementsAre("www", "api"));
  EXPECT_THAT(texts(log.find({.service = "api.*", .site = {}})), ElementsAre("api"));
  EXPECT_THAT(texts(log.find({.service = {}, .site = "f*"})), ElementsAre("www"));
  EXPECT_THAT(texts(log.find({.service = "www", .site = "gru"})), IsEmpty());
  EXPECT_THAT(texts(log.find({.since = base::WallTime{} + 20s, .service = {}, .site = {}})), ElementsAre("api", "all"));
  EXPECT_THAT(texts(log.find({.after = 2, .service = {}, .site = {}})), ElementsAre("all"));
}

TEST(EventLog, GoesOnAfterThoseOfAnEarlierRun) {
  EventLog log;
  log.restore({event("before")});
  log.add(event("now"));
  EXPECT_THAT(texts(log.find({})), ElementsAre("before", "now"));
  EXPECT_EQ(log.last_id(), 2U);
}

}  // namespace
}  // namespace gslb::health
