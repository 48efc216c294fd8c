#include "health/target.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <vector>

#include "health/pattern.hpp"

namespace gslb::health {
namespace {

using namespace std::chrono_literals;

Target sample(ProbeKind kind = ProbeKind::https) {
  Target target{*base::parse_address("192.0.2.10"), {}};
  target.monitor.kind = kind;
  target.monitor.path = "/healthz";
  target.monitor.host = "www.example.org";
  return target;
}

TEST(TargetKey, ReadsLikeTheProbe) {
  EXPECT_EQ(sample().key(), "192.0.2.10 https 443 /healthz host=www.example.org status=200-299");
  Target tcp{*base::parse_address("2001:db8::1"), {}};
  tcp.monitor.kind = ProbeKind::tcp;
  tcp.monitor.port = 5432;
  EXPECT_EQ(tcp.key(), "2001:db8::1 tcp 5432");
}

TEST(TargetKey, ThePortLeftOutAndTheDefaultPortAreTheSame) {
  Target target = sample();
  target.monitor.port = 443;
  EXPECT_EQ(target.key(), sample().key());
}

TEST(TargetKey, NamePositionAndTimingDoNotMatter) {
  Target target = sample();
  target.monitor.name = "other";
  target.monitor.where.line = 7;
  EXPECT_EQ(target.probe_key(), sample().probe_key());
  target.monitor.interval = 1s;
  EXPECT_EQ(target.key(), sample().key());
}

TEST(TargetKey, EachTimingMakesAProbeOfItsOwn) {
  const std::vector<std::function<void(MonitorSpec&)>> changes{[](MonitorSpec& m) { m.interval = 1s; },
                                                               [](MonitorSpec& m) { m.timeout = 1s; },
                                                               [](MonitorSpec& m) { m.fall = 7; },
                                                               [](MonitorSpec& m) { m.rise = 7; },
                                                               [](MonitorSpec& m) { m.jitter = 0.2; },
                                                               [](MonitorSpec& m) { m.fastinter = 1s; },
                                                               [](MonitorSpec& m) { m.downinter = 1s; },
                                                               [](MonitorSpec& m) { m.connect_timeout = 1s; },
                                                               [](MonitorSpec& m) { m.certificate_warn = 24h; },
                                                               [](MonitorSpec&) {}};
  std::set<std::string> keys;
  for (const auto& change : changes) {
    Target target = sample();
    change(target.monitor);
    EXPECT_TRUE(keys.insert(target.probe_key()).second) << target.probe_key();
  }
}

TEST(TargetKey, EachSettingOfTheProbeMatters) {
  const std::vector<std::function<void(MonitorSpec&)>> changes{
      [](MonitorSpec& m) { m.kind = ProbeKind::http; },
      [](MonitorSpec& m) { m.port = 8443; },
      [](MonitorSpec& m) { m.path = "/"; },
      [](MonitorSpec& m) { m.host = "api.example.org"; },
      [](MonitorSpec& m) { m.host = ""; },
      [](MonitorSpec& m) { m.sni = "www.example.org"; },
      [](MonitorSpec& m) {
        m.status = {{200, 200}};
      },
      [](MonitorSpec& m) {
        m.status = {{200, 200}, {204, 204}};
      },
      [](MonitorSpec& m) { m.expect = "ok"; },
      [](MonitorSpec& m) { m.expect = "ok", m.expect_limit = 1; },
      [](MonitorSpec& m) { m.verify = false; },
      [](MonitorSpec& m) { m.ca_file = "tls/ca.pem"; },
      [](MonitorSpec& m) { m.follow_redirects = true; },
      [](MonitorSpec& m) { m.method = "HEAD"; },
      [](MonitorSpec& m) {
        m.headers = {{"X-Probe", "a"}};
      },
      [](MonitorSpec& m) { m.expect_pattern = *Pattern::compile("ok"); },
      [](MonitorSpec& m) { m.certificate_file = "tls/own.pem"; },
      [](MonitorSpec& m) { m.key_file = "tls/own.key"; },
      [](MonitorSpec& m) { m.certificate_fail = 48h; },
      [](MonitorSpec& m) { m.reuse = 10; },
      [](MonitorSpec&) {}};
  std::set<std::string> keys;
  for (const auto& change : changes) {
    Target target = sample();
    change(target.monitor);
    EXPECT_TRUE(keys.insert(target.key()).second) << target.key();
  }
}

TEST(TargetKey, OfOtherKindsReadsLikeTheProbe) {
  Target target = sample(ProbeKind::tls);
  target.monitor.port = 636;
  target.monitor.send = "x";
  EXPECT_EQ(target.key(), "192.0.2.10 tls 636 send=x");
  EXPECT_EQ(sample(ProbeKind::icmp).key(), "192.0.2.10 icmp");
  Target dns = sample(ProbeKind::dns);
  dns.monitor.question = {"example.org.", 28, {0, 3}, {"2001:db8::1"}, true};
  EXPECT_EQ(dns.key(), "192.0.2.10 dns 53 example.org. 28 rcode=0 rcode=3 answer=2001:db8::1 recursion=yes");
  Target command = sample(ProbeKind::command);
  command.monitor.command.words = {"/usr/bin/check", ""};
  EXPECT_EQ(command.key(), "192.0.2.10 command 0 word=/usr/bin/check word=%25 user=nobody");
  Target push = sample(ProbeKind::push);
  push.monitor.name = "gslb.example.org/www";
  EXPECT_EQ(push.key(), "192.0.2.10 push gslb.example.org/www") << "only its name tells it from another one";
}

TEST(TargetKey, NoValueLooksLikeTwo) {
  Target one = sample(), two = sample();
  one.monitor.host = "a sni=b";
  two.monitor.host = "a";
  two.monitor.sni = "b";
  EXPECT_NE(one.key(), two.key());
  one.monitor.expect = "100%\n";
  EXPECT_NE(one.key().find("body=100%25%0a"), std::string::npos) << one.key();
}

TEST(TargetKey, WhatATcpProbeDoesNotUseDoesNotMatter) {
  Target tcp = sample(ProbeKind::tcp);
  tcp.monitor.port = 25;
  Target other = tcp;
  other.monitor.path = "/other";
  EXPECT_EQ(tcp.key(), other.key());
}

TEST(Verdict, SurvivesText) {
  for (const Verdict verdict : {Verdict::unknown, Verdict::up, Verdict::down})
    EXPECT_EQ(parse_verdict(to_string(verdict)), verdict);
  EXPECT_FALSE(parse_verdict("sideways"));
}

}  // namespace
}  // namespace gslb::health
