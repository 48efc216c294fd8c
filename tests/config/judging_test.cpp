// How vantages judge together and how quickly that acts, as it is written.
#include <gmock/gmock.h>

#include "tests/config/support.hpp"

namespace gslb::config {
namespace {

using namespace std::chrono_literals;
using health::Agree;

Config loaded(const std::string& text) {
  base::ErrorList errors;
  auto config = load_text("t.yaml", text, errors);
  EXPECT_TRUE(config) << (errors.all().empty() ? "" : errors.all()[0].what);
  return config.value_or(Config{});
}

std::string with(const std::string& defaults, const std::string& monitor, const std::string& service = "") {
  return "sites: { fra: { region: eu } }\nmonitors: { web: { http: /" + monitor + " } }\ndefaults: { policy: [all]" +
         defaults + " }\nzones: { example.org: { ns: [ns1], services: { www: { endpoints: { fra: 192.0.2.1 }" +
         service + " } } } }\n";
}

TEST(Judging, IsThatOfDefaultsWhereTheMonitorSaysNothing) {
  const Config plain = loaded(with("", ""));
  EXPECT_EQ(plain.sites[0].region, "eu");
  EXPECT_EQ(plain.monitors[0].judging.over(plain.judging), health::Judging{});
  const Config config = loaded(with(", agree: all, alone_after: never, correlated_hold: 5s", ", agree: 2"));
  const health::Judging judging = config.monitors[0].judging.over(config.judging);
  EXPECT_EQ(judging.agree, (Agree{Agree::Kind::count, 2}));
  EXPECT_EQ(judging.alone_after, std::nullopt);
  EXPECT_EQ(judging.correlated_hold, 5s);
  const Config own = loaded(with(", alone_after: never", ", agree: any, alone_after: 10s, correlated_hold: 0s"));
  EXPECT_EQ(own.monitors[0].judging.over(own.judging),
            (health::Judging{{Agree::Kind::any, 0}, std::chrono::milliseconds(10s), 0ms}));
}

TEST(Guards, AreThoseOfDefaultsWhereTheServiceSaysNothing) {
  const auto guards = [](const std::string& defaults, const std::string& service) {
    return loaded(with(defaults, "", service)).zones.at(0).services.at(0).guards;
  };
  EXPECT_EQ(guards("", ""), health::GuardSpec{});
  EXPECT_EQ(guards(", pace: none, damping: none", "").pace->every, 0ms);
  EXPECT_EQ(guards(", pace: none, damping: none", "").damping->half_life, 0ms);
  EXPECT_EQ(guards(", pace: 30s, damping: 1m", ", pace: { window: 1m }").pace, (health::PaceSpec{60s, 1min}));
  EXPECT_EQ(guards(", pace: 30s, damping: 1m", "").pace, (health::PaceSpec{30s, 5min}));
  EXPECT_EQ(guards(", damping: 1m", "").damping, (health::DampingSpec{1min, 3}));
  EXPECT_EQ(guards("", ", damping: { after: 5 }").damping, (health::DampingSpec{5min, 5}));
  EXPECT_EQ(guards(", hold_up: 1s, hold_down: 1m", "").hold_down, 1min);
  const health::GradeSpec grade =
      guards(", grade: { latency: 200ms to 1s, errors: 5% to 50%, least: 10%, step: 1m }", "").grade;
  EXPECT_EQ(grade.latency_good, 200ms);
  EXPECT_EQ(grade.latency_bad, 1s);
  EXPECT_EQ(grade.errors_good, 0.05);
  EXPECT_EQ(grade.errors_bad, 0.5);
  EXPECT_EQ(grade.least, 0.1);
  EXPECT_EQ(grade.step, 1min);
  EXPECT_FALSE(guards(", grade: { errors: 5% to 50% }", ", grade: none").grade.active());
}

}  // namespace
}  // namespace gslb::config
