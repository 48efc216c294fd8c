#include "server/health_service.hpp"

#include <gmock/gmock.h>

#include <condition_variable>
#include <mutex>

#include "tests/conformance/zone_fixture.hpp"

namespace gslb::server {
namespace {

using namespace std::chrono_literals;
using health::Verdict;
using testing::HasSubstr;

// Nothing listens at port 1, so both are down to this server itself.
constexpr const char* text = R"(
control: { socket: none }
listen: 127.0.0.1:5300
sites: { fra: {}, iad: {} }
monitors: { web: { tcp: 1, interval: 100ms, fall: 1 } }
zones:
  example.org:
    ns: [ns1.example.org.]
    services:
      www: { monitor: web, policy: [weighted], endpoints: { fra: 127.0.0.1, iad: 127.0.0.2 } }
)";

class HealthServiceTest : public testing::Test {
 protected:
  HealthServiceTest() {
    service.follow(vantages, 5s);
    auto snapshot = std::make_shared<engine::Snapshot>(*test::TestServer(text).generation().snapshot);
    for (const auto& target : snapshot->targets) ids.push_back(target.id());
    service.adopt(std::move(snapshot));
  }
  health::Report report(const std::string& vantage, Verdict fra) {
    health::Report out;
    out.vantage = vantage;
    out.incarnation = 1;
    out.sequence = ++sequence;
    out.settled = true;
    out.references = out.references_up = 2;
    for (const std::uint64_t id : ids) out.opinions.emplace_back().target = id;
    out.opinions[0].verdict = fra;
    out.opinions[1].verdict = Verdict::up;
    std::sort(out.opinions.begin(), out.opinions.end(),
              [](const auto& a, const auto& b) { return a.target < b.target; });
    return out;
  }
  /// Both others say so, until the server has come to that verdict.
  HealthView await(Verdict fra) {
    const auto end = base::steady_now() + 20s;
    for (;;) {
      for (const char* const vantage : {"ns2", "prober"})
        EXPECT_TRUE(service.report(report(vantage, fra), base::steady_now()));
      HealthView view = service.view();
      const bool planned = view.generation->plans[0]->states[0][0].verdict == fra;  // is published a little later
      if ((view.states[0].verdict == fra && planned) || base::steady_now() > end) return view;
      std::this_thread::sleep_for(10ms);
    }
  }
  const std::vector<health::Vantage> vantages{{"ns1", "", ""}, {"ns2", "", ""}, {"prober", "", ""}};
  std::vector<std::uint64_t> ids;
  std::uint64_t sequence = 0;
  Journal journal;
  HealthService service{1, [](engine::GenerationPtr) {}, journal};
};

TEST_F(HealthServiceTest, WhatTheOthersSayDecidesOverWhatItSeesItself) {
  HealthView view = await(Verdict::up);
  EXPECT_EQ(view.states[0].verdict, Verdict::up);
  EXPECT_EQ(view.generation->plans[0]->states[0][0].verdict, Verdict::up);
  EXPECT_EQ(view.vantages.size(), 3U);
  view = await(Verdict::down);
  EXPECT_EQ(view.states[0].verdict, Verdict::down);
  EXPECT_EQ(view.states[1].verdict, Verdict::up);
  EXPECT_THAT(view.states[0].reason, HasSubstr("down: "));
  EXPECT_EQ(view.judged[0].opinions.size(), 3U);
}

TEST_F(HealthServiceTest, HasJudgedOnceTheOthersWereHeard) {
  const auto end = base::steady_now() + 20s;
  while (!service.own_report().settled && base::steady_now() < end) std::this_thread::sleep_for(10ms);
  EXPECT_FALSE(service.view().all_judged) << "it has a verdict of each, and is one of three";
  EXPECT_TRUE(await(Verdict::up).all_judged);
}

TEST_F(HealthServiceTest, WhatTheVantagesJudgeIsAnEventWithItsSiteAndService) {
  await(Verdict::up);
  await(Verdict::down);
  const auto events = journal.find({.site = "fra"}).first;
  const auto withdrawn = std::ranges::find_if(
      events, [](const health::Event& event) { return event.what.find("is withdrawn: down: ") != std::string::npos; });
  ASSERT_NE(withdrawn, events.end());
  EXPECT_EQ(withdrawn->address, "127.0.0.1");
  EXPECT_THAT(withdrawn->services, testing::ElementsAre("www.example.org"));
  EXPECT_FALSE(withdrawn->evidence.empty());
}

TEST_F(HealthServiceTest, ReportsThatAreOldOrFromNobodyAreRefusedInWords) {
  const health::Report first = report("ns2", Verdict::up);
  ASSERT_TRUE(service.report(first, base::steady_now()));
  const auto again = service.report(first, base::steady_now());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().what, "a report of ns2 is refused: it is no newer than the one before");
  EXPECT_FALSE(service.report(report("nobody", Verdict::up), base::steady_now()));
}

TEST_F(HealthServiceTest, ItsOwnReportIsOfItsOwnProbesAndSettledOnceAllIsProbed) {
  const auto end = base::steady_now() + 20s;
  health::Report own = service.own_report();
  while (!own.settled && base::steady_now() < end) {
    std::this_thread::sleep_for(10ms);
    own = service.own_report();
  }
  EXPECT_TRUE(own.settled);
  ASSERT_EQ(own.opinions.size(), 2U);
  EXPECT_LT(own.opinions[0].target, own.opinions[1].target);
  EXPECT_EQ(own.opinions[0].verdict, Verdict::down);
  EXPECT_EQ(own.opinions[0].failed, 1000);
  EXPECT_FALSE(own.shared.empty());  // the hash of its weights at least
}

TEST_F(HealthServiceTest, IsCutOffWhenNoReferenceAnswers) {
  service.references(2, 0);
  const auto end = base::steady_now() + 20s;
  const auto standing = [&] { return service.view().vantages[0].standing; };
  while (standing() != health::Standing::cut_off && base::steady_now() < end) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(standing(), health::Standing::cut_off);
  service.references(2, 1);
  EXPECT_EQ(standing(), health::Standing::counted);
}

TEST_F(HealthServiceTest, WhatWasJudgedIsThereAfterARestart) {
  await(Verdict::up);
  await(Verdict::down);
  const std::string state = service.state();
  HealthService next{2, [](engine::GenerationPtr) {}, journal};
  next.follow(vantages, 5s);
  ASSERT_TRUE(next.restore(state));
  auto snapshot = std::make_shared<engine::Snapshot>(*test::TestServer(text).generation().snapshot);
  next.adopt(std::move(snapshot));
  const HealthView view = next.view();
  EXPECT_EQ(view.states[0].verdict, Verdict::down);
  EXPECT_EQ(view.states[1].verdict, Verdict::up);  // though this server's own probes fail
}

}  // namespace
}  // namespace gslb::server
