#include "control/json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <limits>

#include "base/text.hpp"
#include "control/views.hpp"
#include "tests/control/fake_instance.hpp"

namespace gslb::control {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(ControlJson, AStatusComesBackAsItWas) {
  StatusView status;
  status.version = "1.2.3";
  status.pid = 4711;
  status.started = at(1'790'000'000) + 123ms;
  status.ready = true;
  status.listen = {"192.0.2.1:53", "[2001:db8::1]:53"};
  status.configuration = 118;
  status.plan = std::numeric_limits<std::uint64_t>::max();
  status.loaded = at(1'790'000'100);
  status.last_reload_error = "a\nb";
  status.zones = 1;
  status.services = 2;
  status.targets = 6;
  status.targets_up = 5;
  status.queries = 1'402'311;
  status.signed_zones = 1;
  status.signatures_made = 77;
  status.signatures_end = at(1'791'000'000);
  status.warnings = {"the database is old"};
  status.sites.push_back({"fra", 2, 1, at(1'790'000'050), "http 200", 400us, 99});

  const StatusView back = status_from_json(to_json(status)).value();
  EXPECT_EQ(back.version, status.version);
  EXPECT_EQ(back.pid, status.pid);
  EXPECT_EQ(back.started, status.started);
  EXPECT_EQ(back.ready, status.ready);
  EXPECT_EQ(back.listen, status.listen);
  EXPECT_EQ(back.plan, status.plan);
  EXPECT_EQ(back.last_reload_error, status.last_reload_error);
  EXPECT_EQ(back.targets_up, status.targets_up);
  EXPECT_EQ(back.queries, status.queries);
  EXPECT_EQ(back.signed_zones, status.signed_zones);
  EXPECT_EQ(back.signatures_made, status.signatures_made);
  EXPECT_EQ(back.signatures_end, status.signatures_end);
  EXPECT_EQ(back.warnings, status.warnings);
  ASSERT_EQ(back.sites.size(), 1U);
  EXPECT_EQ(back.sites[0].checks, "http 200");
  EXPECT_EQ(back.sites[0].since, at(1'790'000'050));
  EXPECT_EQ(back.sites[0].latency, 400us);
  EXPECT_EQ(back.sites[0].answers, 99U);
}

TEST(ControlJson, VantagesComeBackAsTheyWereAndAreShown) {
  StatusView status;
  status.program = "gslb-prober";
  status.ready = true;
  status.sharing.name = "nrt-1";
  status.sharing.sequence = 7;
  status.sharing.octets = 12'345;
  status.sharing.foreign = 2;
  status.sharing.peers = {{"fra-1", "fra", 0ns, 3, 1, "the report is not newer than the last", true, 1500ms, 4, 5,
                           "tls: certificate has expired"},
                          {"iad-1", "", std::nullopt, 0, 0, "", false, std::nullopt, 0, 0, ""}};
  status.sharing.references = {{"192.0.2.53:53", std::nullopt, "timeout"}, {"192.0.2.54:53", 2s, ""}};
  const StatusView back = status_from_json(to_json(status)).value();
  EXPECT_EQ(back.program, "gslb-prober");
  EXPECT_EQ(back.sharing.sequence, 7U);
  EXPECT_EQ(back.sharing.foreign, 2U);
  ASSERT_EQ(back.sharing.peers.size(), 2U);
  EXPECT_EQ(back.sharing.peers[0].heard, 0ns);
  EXPECT_EQ(back.sharing.peers[0].reached, 1500ms);
  EXPECT_EQ(back.sharing.peers[0].failure, "tls: certificate has expired");
  EXPECT_FALSE(back.sharing.peers[1].heard);
  EXPECT_EQ(back.sharing.references.at(1).reached, 2s);

  const std::string shown = render_status(back, base::wall_now(), false);
  EXPECT_THAT(shown, testing::HasSubstr("gslb-prober"));
  EXPECT_THAT(shown, testing::HasSubstr("vantage nrt-1   report 7, 12,345 octets"));
  EXPECT_THAT(shown, testing::HasSubstr("2 reports were refused: no vantage sent them"));
  EXPECT_THAT(shown, testing::HasSubstr("does not take ours: tls: certificate has expired"));
  EXPECT_THAT(shown, testing::HasSubstr("never"));
  EXPECT_THAT(shown, testing::HasSubstr("192.0.2.53:53"));
  status.store.endpoints = {{"192.0.2.11:2379", true, ""}, {"192.0.2.12:2379", false, "timeout"}};
  status.store.read = 2s;
  status.store.revision = 1'234;
  status.store.problem = "the store was rolled back";
  status.nodes = {{"iad-1", 5, false, false, false}, {"gru-1", 6, true, true, true}};
  const StoreView store = status_from_json(to_json(status)).value().store;
  EXPECT_TRUE(store.endpoints.at(0).preferred);
  EXPECT_EQ(store.endpoints.at(1).problem, "timeout");
  EXPECT_EQ(store.read, 2s);
  const auto nodes = status_from_json(to_json(status)).value().nodes;
  EXPECT_FALSE(nodes.at(0).same_weights);
  EXPECT_TRUE(nodes.at(1).silent);
  const std::string with_store = render_status(status, base::wall_now(), false);
  EXPECT_THAT(with_store, testing::HasSubstr("store 192.0.2.11:2379   read 2 s ago   revision 1,234"));
  EXPECT_THAT(with_store, testing::HasSubstr("the store was rolled back"));
  EXPECT_THAT(with_store, testing::ContainsRegex("iad-1 +5 +another +others"));
  StatusView alone;
  EXPECT_EQ(status_from_json(to_json(alone)).value().sharing.name, "");
  EXPECT_THAT(render_status(alone, base::wall_now(), false), testing::Not(testing::HasSubstr("vantage")));
}

TEST(ControlJson, ServicesComeBackAsTheyWere) {
  ServiceView service{"www.example.org", "near", "serving normally", {}};
  EndpointView down = endpoint("2001:db8::1", "sin", health::Verdict::down);
  down.probed = false;
  down.state.in_motion = true;
  down.state.until_change = 2s;
  down.state.streak = 3;
  down.state.reason = "timeout after connect";
  down.weight = 0.25;
  down.why = "because";
  service.endpoints.push_back(down);

  const auto back = services_from_json(to_json(std::vector{service})).value();
  ASSERT_EQ(back.size(), 1U);
  EXPECT_EQ(back[0].name, service.name);
  ASSERT_EQ(back[0].endpoints.size(), 1U);
  const EndpointView& got = back[0].endpoints[0];
  EXPECT_EQ(got.state.verdict, health::Verdict::down);
  EXPECT_FALSE(got.probed);
  EXPECT_EQ(got.state.until_change, 2s);
  EXPECT_EQ(got.state.streak, 3U);
  EXPECT_EQ(got.state.reason, down.state.reason);
  EXPECT_DOUBLE_EQ(got.weight, 0.25);
  EXPECT_EQ(got.why, "because");
}

// RFC 8259 sections 7 and 8.1: control characters are escaped, and the whole is UTF-8.
TEST(ControlJson, StaysValidWhateverOctetsItIsGiven) {
  std::string hostile;
  for (int octet = 0; octet < 256; ++octet) hostile += static_cast<char>(octet);
  hostile += "\"\\\n\xe2\x82\xac\xed\xa0\x80\xf5\xff";
  StatusView status;
  status.version = status.not_ready_reason = status.last_reload_error = hostile;
  status.listen = status.warnings = {hostile};
  status.sites.push_back({hostile, 1, 1, {}, hostile, {}, 0});
  EndpointView everywhere = endpoint(hostile, hostile, health::Verdict::up);
  everywhere.why = everywhere.state.reason = hostile;
  everywhere.weight = std::numeric_limits<double>::quiet_NaN();
  everywhere.configured = std::numeric_limits<double>::infinity();
  const std::string texts[] = {
      to_json(status),
      to_json(std::vector{ServiceView{hostile, hostile, hostile, hostile, {everywhere}}}),
      to_json(ReloadResult{false, 1, hostile, 1s}),
      to_json(ApiError{hostile, hostile}),
      to_json(hostile, {base::ConfigError{{}, hostile, hostile, hostile}},
              {base::ConfigError{{}, hostile, hostile, hostile}}),
  };
  for (const std::string& text : texts) {
    boost::system::error_code error;
    boost::json::parse(text, error);
    EXPECT_FALSE(error) << error.message() << " in " << text;
    for (std::string_view rest = text; !rest.empty();) {
      const std::size_t length = base::utf8_length(rest);
      ASSERT_NE(length, 0U);
      rest.remove_prefix(length);
    }
    EXPECT_EQ(text.find('\n'), text.size() - 1) << "one line";
  }
}

TEST(ControlJson, TimesAreRfc3339InUtc) {
  EXPECT_EQ(rfc3339(at(0)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(rfc3339(at(1'709'164'799) + 999ms), "2024-02-28T23:59:59.999Z");
  EXPECT_EQ(rfc3339(at(1'709'164'800)), "2024-02-29T00:00:00.000Z");
}

TEST(ControlJson, WhatIsNotKnownIsNull) {
  StatusView status;
  status.sites.emplace_back();
  const std::string text = to_json(status);
  EXPECT_THAT(text, HasSubstr("\"started\":null"));
  EXPECT_THAT(text, HasSubstr("\"latency\":null"));
}

TEST(ControlJson, ReadersTakeWhatTheyKnowAndSurviveTheRest) {
  const StatusView status = status_from_json(R"({"pid": "x", "zones": -1, "queries": 1e400, "listen": [1, "a", null],
      "sites": [5, {"name": "fra", "since": "2026-13-01T00:00:00Z", "latency": 1e300}], "new": {"deep": []}})")
                                .value();
  EXPECT_EQ(status.pid, 0);
  EXPECT_EQ(status.zones, 0U);
  EXPECT_THAT(status.listen, testing::ElementsAre("a"));
  ASSERT_EQ(status.sites.size(), 1U);
  EXPECT_EQ(status.sites[0].since, base::WallTime{});
  EXPECT_EQ(status.sites[0].latency.count(), 0);
  EXPECT_FALSE(status_from_json("[]"));
  EXPECT_FALSE(status_from_json("{"));
  EXPECT_EQ(error_from_json("too many connections\n").error, "too many connections");
}

}  // namespace
}  // namespace gslb::control
