#include "control/views.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/control/fake_instance.hpp"

namespace gslb::control {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr long long start = 1'790'000'000;

ServiceView three_endpoints() {
  ServiceView out{"www.gslb.example.org", "near", "serving normally", {}};
  EndpointView fra = endpoint("192.0.2.10", "fra", health::Verdict::up);
  fra.state.since = at(start - 98 * 3600);
  fra.state.latency = 11ms;
  EndpointView iad = endpoint("192.0.2.20", "iad", health::Verdict::up);
  iad.state.since = at(start - 18);
  iad.state.latency = 184ms;
  iad.weight = 0.4;
  iad.configured = 2;
  iad.why = "slowstart, full in 42 s";
  EndpointView sin = endpoint("192.0.2.30", "sin", health::Verdict::down);
  sin.state.since = at(start - 125);
  sin.state.reason = "timeout after connect";
  sin.weight = 0;
  sin.configured = 40000;
  out.endpoints = {fra, iad, sin};
  return out;
}

TEST(StatesView, SaysFirstHowTheServiceIsAndThenWhy) {
  EXPECT_EQ(render_states({three_endpoints()}, at(start), false),
            "www.gslb.example.org   policy near   2 of 3 up   serving normally\n"
            " endpoint    site  verdict  since      latency  weight       why\n"
            " 192.0.2.10  fra   up       4d 02h     11.0 ms  3 of 3\n"
            " 192.0.2.20  iad   up       18 s        184 ms  0.4 of 2     slowstart, full in 42 s\n"
            " 192.0.2.30  sin   down     2 min 5 s        -  0 of 40,000  timeout after connect\n");
}

TEST(StatesView, ExplainsVerdictsThatAreNotFirm) {
  ServiceView service{"www.example.org", "near", "serving normally", {}};
  EndpointView moving = endpoint("192.0.2.1", "fra", health::Verdict::up);
  moving.state.in_motion = true;
  moving.state.streak = 2;
  moving.state.reason = "http 503";
  EndpointView restored = endpoint("192.0.2.2", "fra", health::Verdict::up);
  restored.state.restored = true;
  EndpointView unprobed = endpoint("192.0.2.3", "fra", health::Verdict::up);
  unprobed.probed = false;
  EndpointView fresh = endpoint("192.0.2.4", "fra", health::Verdict::unknown);
  service.endpoints = {moving, restored, unprobed, fresh};
  const std::string text = render_states({service}, at(start), false);
  EXPECT_THAT(text, HasSubstr("2 probes against it: http 503\n"));
  EXPECT_THAT(text, HasSubstr("from before the restart, not yet probed again\n"));
  EXPECT_THAT(text, HasSubstr("not probed\n"));
  EXPECT_THAT(text, HasSubstr(" unknown "));
  EXPECT_THAT(text, HasSubstr("3 of 4 up"));
}

TEST(StatesView, SeparatesServicesByALineAndSaysSoIfThereAreNone) {
  EXPECT_THAT(render_states({three_endpoints(), three_endpoints()}, at(start), false), HasSubstr("connect\n\nwww."));
  EXPECT_EQ(render_states({}, at(start), false), "no services are configured\n");
}

TEST(StatesView, ColorsOnlyIfWanted) {
  EXPECT_THAT(render_states({three_endpoints()}, at(start), false), Not(HasSubstr("\x1b")));
  EXPECT_THAT(render_states({three_endpoints()}, at(start), true), HasSubstr("\x1b[1;31mdown\x1b[0m"));
}

StatusView serving() {
  StatusView out;
  out.version = "1.2.3";
  out.pid = 4711;
  out.started = at(start - 98 * 3600);
  out.ready = true;
  out.listen = {"192.0.2.1:53", "[2001:db8::1]:53"};
  out.configuration = 118;
  out.plan = 90342;
  out.loaded = at(start - 182);
  out.zones = 1;
  out.services = 3;
  out.targets = 6;
  out.targets_up = 5;
  out.queries = 1'402'311;
  out.answers = 1'402'000;
  out.dropped = 12;
  out.sites = {{"fra", 2, 2, at(start - 12), "http 200", 400us, 3000},
               {"iad", 2, 1, at(start - 5), "http 503", {}, 1000}};
  return out;
}

TEST(StatusView, FitsOneScreen) {
  EXPECT_EQ(render_status(serving(), at(start), false),
            "gslbd 1.2.3   serving   started 4d 02h ago   pid 4711\n"
            "listen          192.0.2.1:53  [2001:db8::1]:53\n"
            "configuration   118, loaded 3 min 2 s ago   plan 90342\n"
            "serves          1 zone, 3 services   5 of 6 targets up\n"
            "queries         1,402,311   1,402,000 answered   12 dropped\n"
            "\n"
            " site  state      since  checks    latency  answers  share\n"
            " fra   up         12 s   http 200   0.4 ms    3,000   75 %\n"
            " iad   1 of 2 up  5 s    http 503        -    1,000   25 %\n");
}

TEST(StatusView, ShowsWhatWasOverTheRateLimitIfAnythingWas) {
  StatusView status = serving();
  status.limited = 3400;
  EXPECT_THAT(render_status(status, at(start), false),
              testing::HasSubstr("1,402,000 answered   12 dropped   3,400 over the rate limit\n"));
}

TEST(StatusView, ShowsHowManySignaturesWereMadeAndWhenTheFirstEndsIfAZoneIsSigned) {
  StatusView status = serving();
  status.signed_zones = 1;
  status.signatures_made = 1234;
  status.signatures_end = at(start) + 9 * 24h + 3h;
  EXPECT_THAT(
      render_status(status, at(start), false),
      HasSubstr("signs           1 of 1 zone   1,234 signatures made since the start   the first ends in 9d 03h\n"));
  status.signatures_end = at(start) - 62s;
  EXPECT_THAT(render_status(status, at(start), false), HasSubstr("the first ended 1 min 2 s ago\n"));
}

TEST(StatusView, ShowsRatesAgainstAnEarlierOne) {
  Earlier earlier{serving(), 2s};
  StatusView now = serving();
  now.queries += 200;
  now.sites[0].answers += 30;
  now.sites[1].answers += 90;
  const std::string text = render_status(now, at(start), false, earlier);
  EXPECT_THAT(text, HasSubstr("1,402,511 (100/s)"));
  EXPECT_THAT(text, HasSubstr("answers/s  share\n"));
  EXPECT_THAT(text, HasSubstr("       15   25 %\n"));
  EXPECT_THAT(text, HasSubstr("       45   75 %\n"));
}

TEST(StatusView, SaysWhatIsWrong) {
  StatusView status = serving();
  status.ready = false;
  status.not_ready_reason = "waiting for the first verdicts: 2 of 6 targets";
  status.last_reload_error = "gslb.yaml:3:4: no site is named \"fraa\"\n    3 | x\n";
  status.warnings = {"the database of places is 400 days old"};
  const std::string text = render_status(status, at(start), false);
  EXPECT_THAT(text, StartsWith("gslbd 1.2.3   not serving yet: waiting for the first verdicts: 2 of 6 targets   "));
  EXPECT_THAT(text, HasSubstr("last reload     failed, configuration 118 goes on:\n"
                              "  gslb.yaml:3:4: no site is named \"fraa\"\n"
                              "      3 | x\n"));
  EXPECT_THAT(text, HasSubstr("warning         the database of places is 400 days old\n"));
}

TEST(ReloadView, NamesTheConfigurationAndTheTime) {
  EXPECT_EQ(render_reload({true, 8, {}, 250ms}), "loaded configuration 8 in 250 ms\n");
}

}  // namespace
}  // namespace gslb::control
