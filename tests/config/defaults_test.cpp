#include "config/config.hpp"

#include <gmock/gmock.h>

#include "tests/config/support.hpp"

namespace gslb::config {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using testing::errors_of;
using ::testing::IsEmpty;
using testing::loaded;
using ::testing::SizeIs;

/// A configuration with `defaults` and one service, both given as the inside of a mapping.
std::string with(const std::string& defaults, const std::string& service, const std::string& more = "") {
  return more + "\nsites: { fra: { at: [50, 8] }, iad: {} }\ndefaults: { " + defaults +
         " }\nzones:\n  example.org:\n    ns: [ns1]\n    services:\n      www: { endpoints: { fra: 192.0.2.1 }" +
         (service.empty() ? "" : ", " + service) + " }\n";
}

policy::ServiceSpec service_with(const std::string& defaults, const std::string& service,
                                 const std::string& more = "") {
  return loaded(with(defaults, service, more)).zones.at(0).services.at(0);
}

TEST(Defaults, OfAServerThatSaysNothing) {
  const ServerSpec server = loaded("zones: { example.org: { ns: [ns1] } }").server;
  ASSERT_THAT(server.listen, SizeIs(2));
  EXPECT_EQ(base::to_string(server.listen[0].value), "0.0.0.0:53");
  EXPECT_EQ(base::to_string(server.listen[1].value), "[::]:53");
  EXPECT_EQ(server.threads, 0U);
  EXPECT_FALSE(server.tls);
  EXPECT_THAT(server.proxy.listen, IsEmpty());
  EXPECT_EQ(server.state.value, "");
  EXPECT_EQ(server.control_socket.value, "/run/gslb/control.sock");
}

TEST(Defaults, ExemptLoopbackFromTheRateLimitUnlessItIsListed) {
  const auto networks = [](const std::string& line) {
    return loaded(line + "zones: { example.org: { ns: [ns1] } }\n").server.rate_limits.networks;
  };
  ASSERT_EQ(networks("").size(), 2U);
  EXPECT_EQ(networks("")[0].rate, dns::unlimited);
  const auto listed = networks("rate_limit: { networks: { 127.0.0.0/8: 5 } }\n");
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0].rate, 5U);
  EXPECT_EQ(base::to_string(listed[1].prefix), "::1/128");
}

TEST(Defaults, OfTls) {
  const ServerSpec server =
      loaded("tls: { certificate: a.pem, key: b.pem }\nzones: { example.org: { ns: [ns1] } }").server;
  ASSERT_TRUE(server.tls);
  ASSERT_THAT(server.tls->listen, SizeIs(2));
  EXPECT_EQ(base::to_string(server.tls->listen[0].value), "0.0.0.0:853");
  EXPECT_EQ(base::to_string(server.tls->listen[1].value), "[::]:853");
  EXPECT_EQ(server.tls->handshake, 5s);
}

TEST(Defaults, OfGeographyAreTheShippedDatabaseUnlessOneIsNamed) {
  const std::string zone = "zones: { example.org: { ns: [ns1] } }\n";
  const auto shipped = loaded(zone).geo.location;
  ASSERT_THAT(shipped, SizeIs(1));
  EXPECT_NE(shipped[0].value, "");
  EXPECT_EQ(shipped[0].where.file, nullptr);
  EXPECT_EQ(loaded("geo: { asn: a.mmdb }\n" + zone).geo.location.at(0).value, shipped[0].value);
  EXPECT_EQ(loaded("geo: { country: c.mmdb }\n" + zone).geo.location.at(0).value, "c.mmdb");
  EXPECT_THAT(loaded("geo: { location: [] }\n" + zone).geo.location, IsEmpty());
}

TEST(Defaults, OfAService) {
  const auto service = service_with("", "");
  EXPECT_EQ(service.ttl, 30s);
  EXPECT_EQ(service.ttl_min, 5s);
  EXPECT_EQ(service.slowstart, 60s);
  EXPECT_EQ(service.spill_below, 0.5);
  EXPECT_EQ(service.panic_below, 0);
  EXPECT_EQ(service.all_down, policy::AllDown::as_if_up);
  EXPECT_EQ(service.hash_prefix_v4, 24U);
  EXPECT_EQ(service.hash_prefix_v6, 56U);
  EXPECT_EQ(service.monitor.value, "");
  EXPECT_EQ(service.policy.value, "");
  EXPECT_FALSE(service.own_policy);
}

TEST(Defaults, AreInherited) {
  const auto service = service_with(
      "ttl: 20s, ttl_min: 2s, slowstart: 0, spill_below: 20%, panic_below: 0.1, all_down: none, hash_prefix: { v4: 20, "
      "v6: 48 }",
      "");
  EXPECT_EQ(service.ttl, 20s);
  EXPECT_EQ(service.ttl_min, 2s);
  EXPECT_EQ(service.slowstart, 0s);
  EXPECT_EQ(service.spill_below, 0.2);
  EXPECT_EQ(service.panic_below, 0.1);
  EXPECT_EQ(service.all_down, policy::AllDown::none);
  EXPECT_EQ(service.hash_prefix_v4, 20U);
  EXPECT_EQ(service.hash_prefix_v6, 48U);
}

TEST(Defaults, GiveWayToTheService) {
  const auto service = service_with("ttl: 20s, spill_below: 20%, hash_prefix: { v4: 20, v6: 48 }",
                                    "ttl: 60s, spill_below: 70%, hash_prefix: { v4: 16 }");
  EXPECT_EQ(service.ttl, 60s);
  EXPECT_EQ(service.spill_below, 0.7);
  EXPECT_EQ(service.hash_prefix_v4, 16U);
  EXPECT_EQ(service.hash_prefix_v6, 48U);
}

TEST(Defaults, TheLeastTtlGivesWayToAShortTtl) {
  EXPECT_EQ(service_with("", "ttl: 2s").ttl_min, 2s);
  EXPECT_EQ(service_with("ttl: 1s", "").ttl_min, 1s);
  EXPECT_EQ(service_with("ttl_min: 10s", "ttl: 8s").ttl_min, 8s);
}

TEST(Defaults, AMonitorWrittenInPlaceIsOneForAllServices) {
  const Config config = loaded(with("monitor: { tcp: 443 }", ""));
  ASSERT_THAT(config.monitors, SizeIs(1));
  EXPECT_EQ(config.monitors[0].name, "defaults");
  EXPECT_EQ(config.zones[0].services[0].monitor.value, "defaults");
  EXPECT_EQ(service_with("monitor: { tcp: 443 }", "monitor: none").monitor.value, "");
}

TEST(Defaults, APolicyOfTheServiceReplacesTheInheritedOne) {
  const std::string policies = "policies: { order: [priority] }";
  const auto in_place = service_with("policy: order", "policy: [all]", policies);
  EXPECT_EQ(in_place.policy.value, "");
  EXPECT_EQ(in_place.own_policy->name, "example.org/www");
  const auto named = service_with("policy: [all]", "policy: order", policies);
  EXPECT_EQ(named.policy.value, "order");
  EXPECT_FALSE(named.own_policy);
}

TEST(Sites, NeedAPlaceOnlyWhereDistanceDecides) {
  EXPECT_THAT(errors_of(with("policy: [priority]", "endpoints: { iad: 192.0.2.1 }")), SizeIs(1));  // given twice
  const std::string zone = "sites: { iad: {} }\nzones:\n  example.org:\n    ns: [ns1]\n    services:\n      www:\n";
  EXPECT_THAT(errors_of(zone + "        { policy: [weighted], endpoints: { iad: 192.0.2.1 } }"), IsEmpty());
  EXPECT_THAT(errors_of(zone + "        { policy: [nearest], endpoints: { iad: 192.0.2.1 } }"),
              ElementsAre("7:43: services.www: the policy has \"nearest\", but the site \"iad\" has no \"at\""));
  EXPECT_THAT(errors_of(zone + "        { endpoints: { iad: 192.0.2.1 } }"),
              ElementsAre("7:24: services.www: the policy has \"nearest\", but the site \"iad\" has no \"at\""));
}

}  // namespace
}  // namespace gslb::config
