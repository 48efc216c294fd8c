// Probes and pushes for single targets: whom they mean, and who answers.
#include "server/target_desk.hpp"

#include <gmock/gmock.h>

#include "tests/conformance/zone_fixture.hpp"

namespace gslb::server {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr const char* text = R"(
control: { socket: none }
listen: 127.0.0.1:5300
sites: { fra: {}, iad: {} }
monitors:
  told: { push: 1h }
  web: { tcp: 1, interval: 1h, timeout: 1s }
zones:
  example.org:
    ns: [ns1.example.org.]
    services:
      www: { monitor: web, policy: [weighted], endpoints: { fra: 127.0.0.1, iad: 127.0.0.2 } }
      job: { monitor: told, policy: [weighted], endpoints: { iad: 192.0.2.4 } }
)";

class TargetDeskTest : public testing::Test {
 protected:
  TargetDeskTest() { service.adopt(std::make_shared<engine::Snapshot>(*test::TestServer(text).generation().snapshot)); }
  base::Result<std::vector<control::ProbeView>> probe(const std::string& target, const std::string& from) {
    std::optional<base::Result<std::vector<control::ProbeView>>> out;
    desk.probe_now(target, from, "", [&out](base::Result<std::vector<control::ProbeView>> views) { out = views; });
    context.restart();
    const auto guard = boost::asio::make_work_guard(context);
    for (const auto end = base::steady_now() + 20s; !out && base::steady_now() < end;) context.run_one_for(100ms);
    return out.value_or(base::Error{"no answer"});
  }

  boost::asio::io_context context{1};
  Journal journal;
  HealthService service{1, [](engine::GenerationPtr) {}, journal};
  SharingKeeper sharing{{}};
  TargetDesk desk{context, service, sharing};
};

TEST_F(TargetDeskTest, OnlyWhatWaitsForPushesTakesThem) {
  const auto taken = desk.push("job", "", {health::PushStatus::pass, ""});
  ASSERT_TRUE(taken) << taken.error().what;
  EXPECT_EQ(taken->size(), 1U);
  EXPECT_EQ(desk.push("job", "disk", {}).error().what, "nothing of job waits for pushes to disk");
  EXPECT_EQ(desk.push("www", "", {}).error().what, "nothing of www waits for pushes");
}

TEST_F(TargetDeskTest, WhatIsNotProbedCannotBeProbedNow) {
  EXPECT_EQ(probe("job", "all").error().what, "nothing of job is probed");
  EXPECT_THAT(probe("nowhere", "all").error().what, HasSubstr("nowhere"));
}

TEST_F(TargetDeskTest, AServerAloneProbesFromHere) {
  for (const char* from : {"all", "here"}) {
    const auto probes = probe("www", from);
    ASSERT_TRUE(probes) << probes.error().what;
    ASSERT_EQ(probes->size(), 2U);
    EXPECT_EQ(probes->at(0).vantage, "here");
    EXPECT_EQ(probes->at(0).address, "127.0.0.1");
    EXPECT_FALSE(probes->at(0).ok);
    EXPECT_FALSE(probes->at(0).voided);
    EXPECT_THAT(probes->at(0).detail, HasSubstr("refused"));
    EXPECT_EQ(probes->at(1).address, "127.0.0.2");
  }
  EXPECT_EQ(probe("www", "nrt-1").error().what, "there is no other vantage named nrt-1");
}

}  // namespace
}  // namespace gslb::server
