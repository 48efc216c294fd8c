// What is refused outside of zones, and in which words: one line for each mistake.
#include "tests/config/refusal_frame.hpp"

namespace gslb::config {
namespace {

using namespace refusal;

using ::testing::ElementsAre;
using testing::errors_of;
using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(Frame, Loads) {
  for (const In in : {In::top, In::site, In::monitor, In::policy, In::defaults, In::zone, In::soa, In::records,
                      In::service, In::endpoints}) {
    const char* snippet = in == In::site        ? "at: [50, 8]"
                          : in == In::monitor   ? "http: /"
                          : in == In::policy    ? "[all]"
                          : in == In::zone      ? "ns: [ns1]"
                          : in == In::records   ? "{}"
                          : in == In::endpoints ? "{ fra: 192.0.2.1 }"
                          : in == In::top       ? "threads: 1"
                                                : "ttl: 30s";
    EXPECT_THAT(errors_of(framed(in, snippet)), ElementsAre()) << static_cast<int>(in);
  }
}

// clang-format off
TEST(Mistakes, OfFiles) {
  expect_refused({
    {In::file, "", "is empty: there is nothing to serve"},
    {In::file, "# only a comment", "is empty: there is nothing to serve"},
    {In::file, "- a", "1:1: must be a mapping, not a list"},
    {In::file, "a", "1:1: must be a mapping, not a single value"},
    {In::file, "zones: {}", "1:8: zones: needs at least one zone"},
    {In::file, "zones: []", "1:8: zones: must be a mapping, not a list"},
    {In::file, "zones:", "1:1: zones: needs a value"},
    {In::file, "sites: {}", "1:1: needs \"zones\""},
    {In::file, "a: [", "1:1: not YAML: end of sequence flow not found"},
    {In::file, "a: \"b", "1:6: not YAML: illegal EOF in scalar"},
    {In::file, "a: b: c", "1:5: not YAML: illegal map value"},
    {In::file, "zones: { example.org: { ns: [ns1] } }\nzones: { example.net: { ns: [ns1] } }", "2:1: zones: is already set at t.yaml:1:1"},
    {In::file, "include: nowhere.yaml\nzones: { example.org: { ns: [ns1] } }", "1:10: include: there is no file \"nowhere.yaml\""},
    {In::file, "include: [{}]\nzones: { example.org: { ns: [ns1] } }", "1:11: include[0]: must be a single value, not a mapping"},
    {In::file, "include: ''\nzones: { example.org: { ns: [ns1] } }", "1:10: include: \"\" is not a file name"},
    {In::file, "include: []\nzons: 1\nzones: { example.org: { ns: [ns1] } }", "2:1: zons: there is no key \"zons\" here"},
  });
}

TEST(Mistakes, OfReflectingServices) {
  expect_refused({
      {In::zone, "ns: [ns1]\n    services: { me: { reflect: mirror } }", "9:32: services.me.reflect: \"mirror\" is not one of the words known here"},
      {In::zone, "ns: [ns1]\n    services: { me: { reflect: both, endpoints: { fra: 192.0.2.1 } } }", "9:38: services.me.endpoints: there is no key \"endpoints\" here"},
      {In::zone, "dnssec: { keys: keys }\n    ns: [ns1]\n    services: { me: { reflect: both } }", "10:17: services.me: what it answers cannot be signed before it is asked"},
  });
}

TEST(Mistakes, OfVantages) {
  expect_refused({
    {In::top, "vantages: { fra-1: { address: 192.0.2.1:8443 }, iad-1: {} }", "5:1: vantages: needs `vantage`"},
    {In::top, "vantages: { fra-1: {}, iad-1: }\nvantage: { certificate: a.pem, key: a.key, ca: ca.pem }", "5:1: vantages: has no address"},
    {In::top, "vantages: { fra-1: { site: ams } }", "5:28: vantages.fra-1.site: no site is named \"ams\""},
    {In::top, "vantages: { fra-1: { address: fra-1 } }", "5:31: vantages.fra-1.address: \"fra-1\" is not an address with a port"},
    {In::top, "vantages: { fra-1: { url: x } }", "5:22: vantages.fra-1.url: there is no key \"url\" here"},
    {In::top, "vantages: { fra 1: {} }", "5:13: vantages.fra 1: \"fra 1\" is not a name"},
    {In::top, "vantage: { certificate: a.pem, key: a.key, ca: ca.pem }", "5:1: vantage: needs `vantages`"},
    {In::top, "vantages: { fra-1: { address: 192.0.2.1:8443 }, iad-1: {} }\nvantage: { key: a.key, ca: ca.pem }", "6:1: vantage: needs \"certificate\""},
    {In::top, "vantages: { fra-1: { address: 192.0.2.1:8443 }, iad-1: {} }\nvantage: { certificate: a.pem, key: a.key, ca: ca.pem, name: iad-2 }", "6:62: vantage.name: no vantage is named \"iad-2\""},
    {In::top, "vantages: { fra-1: { address: 192.0.2.1:8443 }, iad-1: {} }\nvantage: { certificate: a.pem, key: a.key, ca: ca.pem, period: 10s }", "6:64: vantage.period: 10s is too long"},
    {In::top, "vantages: { fra-1: { address: 192.0.2.1:8443 }, iad-1: {} }\nvantage: { certificate: a.pem, key: a.key, ca: ca.pem, references: www.example.org }", "6:68: vantage.references: \"www.example.org\" is not an address with a port"},
    {In::top, "vantages: { fra-1: { address: 192.0.2.1:8443 }, iad-1: {} }\nvantage: { certificate: a.pem, key: a.key, ca: ca.pem, listen: [192.0.2.1:1, 192.0.2.1:1] }", "6:78: vantage.listen[1]: is already in the list"},
  });
}

TEST(Mistakes, OfTheTopLevel) {
  expect_refused({
    {In::top, "threds: 2", "5:1: threds: there is no key \"threds\" here"},
    {In::top, "rate_limit: { replies: 0 }", "5:24: rate_limit.replies: must be 1 to 1000000000, is 0"},
    {In::top, "rate_limit: { networks: { 192.0.2.1/24: 5 } }", "5:27: rate_limit.networks.192.0.2.1/24: \"192.0.2.1/24\" is not a network"},
    {In::top, "rate_limit: { networks: { 192.0.2.0/24: many } }", "5:41: rate_limit.networks.192.0.2.0/24: \"many\" is not a whole number"},
    {In::top, "cookies: { secret: x }", "5:12: cookies.secret: there is no key \"secret\" here"},
    {In::top, "nsid: \"\"", "5:7: nsid: must have 1 to 64 octets"},
    {In::top, "chaos: { version: [] }", "5:19: chaos.version: must be a single value, not a list"},
    {In::top, "peers: {}", "5:1: peers: is not supported by this version"},
    {In::top, "etcd: {}", "5:1: etcd: needs \"endpoints\""},
    {In::top, "etcd: { endpoints: etcd-1 }", "5:20: etcd.endpoints: \"etcd-1\" is not an address with a port"},
    {In::top, "etcd: { endpoints: [192.0.2.1:2379, 192.0.2.1:2379] }", "5:37: etcd.endpoints[1]: is already in the list"},
    {In::top, "etcd: { endpoints: 192.0.2.1:2379, user: gslb }", "5:1: etcd: needs `user` and `password_file`, or neither"},
    {In::top, "etcd: { endpoints: 192.0.2.1:2379, tls: maybe }", "5:41: etcd.tls: \"maybe\" is not one of the words known here"},
    {In::top, "etcd: { endpoints: 192.0.2.1:2379, tls: { certificate: a.pem } }", "5:41: etcd.tls: needs `certificate` and `key`, or neither"},
    {In::top, "threads: many", "5:10: threads: \"many\" is not a whole number"},
    {In::top, "threads: -1", "5:10: threads: \"-1\" is not a whole number"},
    {In::top, "threads: 1025", "5:10: threads: must be 0 to 1024, is 1025"},
    {In::top, "threads: [1]", "5:10: threads: must be a single value, not a list"},
    {In::top, "threads:", "5:1: threads: needs a value"},
    {In::top, "threads: { a: 1 }", "5:10: threads: must be a single value, not a mapping"},
    {In::top, "listen: 0.0.0.0", "5:9: listen: \"0.0.0.0\" is not an address with a port"},
    {In::top, "listen: 53", "5:9: listen: \"53\" is not an address with a port"},
    {In::top, "listen: [0.0.0.0:53, 0.0.0.0:53]", "5:22: listen[1]: is already in the list at t.yaml:5:10"},
    {In::top, "listen: [0.0.0.0:0]", "5:10: listen[0]: \"0.0.0.0:0\" is not an address with a port"},
    {In::top, "listen: [0.0.0.0:65536]", "5:10: listen[0]: \"0.0.0.0:65536\" is not an address with a port"},
    {In::top, "listen: []", "5:9: listen: needs at least one address with a port"},
    {In::top, "listen: [[::]:53]", "5:10: a key must be a word"},
    {In::top, "listen: localhost:53", "5:9: listen: \"localhost:53\" is not an address with a port"},
    {In::top, "listen: \"::1\"", "5:9: listen: \"::1\" is not an address with a port"},
    {In::top, "state:", "5:1: state: needs a value"},
    {In::top, "state: \"\"", "5:8: state: \"\" is not a file name"},
    {In::top, "control: { http: 127.0.0.1:8053 }", "5:12: control.http: is not supported by this version"},
    {In::top, "control: { socket: \"\" }", "5:20: control.socket: \"\" is not a file name"},
    {In::top, "control: /run/gslb.sock", "5:10: control: must be a mapping, not a single value"},
    {In::top, "control: { sockte: a }", "5:12: control.sockte: there is no key \"sockte\" here"},
    {In::top, "control: { socket: /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa }", "5:20: control.socket: is too long for a socket"},
    {In::top, "tcp: { connections: 0 }", "5:21: tcp.connections: must be 1 to 1000000, is 0"},
    {In::top, "tcp: { per_prefix: 0 }", "5:20: tcp.per_prefix: must be 1 to 1000000, is 0"},
    {In::top, "tcp: { prefix: { v4: 33 } }", "5:22: tcp.prefix.v4: must be 1 to 32, is 33"},
    {In::top, "tcp: { prefix: { v6: 0 } }", "5:22: tcp.prefix.v6: must be 1 to 128, is 0"},
    {In::top, "tls: { certificate: a.pem }", "5:1: tls: needs \"key\""},
    {In::top, "tls: { key: a.key }", "5:1: tls: needs \"certificate\""},
    {In::top, "tls: { certificate: a.pem, key: a.key, listen: 853 }", "5:48: tls.listen: \"853\" is not an address with a port"},
    {In::top, "tls: { certificate: a.pem, key: a.key, listen: 0.0.0.0:53 }", "5:6: tls: 0.0.0.0:53 cannot speak TLS: it is in listen"},
    {In::top, "tls: { certificate: a.pem, key: a.key, handshake: 10ms }", "5:51: tls.handshake: 10ms is too short"},
    {In::top, "tls: { certificate: a.pem, key: a.key, alpn: dot }", "5:40: tls.alpn: there is no key \"alpn\" here"},
    {In::top, "proxy: { listen: 0.0.0.0:53 }", "5:1: proxy: needs \"from\""},
    {In::top, "proxy: { from: 192.0.2.0/24 }", "5:1: proxy: needs \"listen\""},
    {In::top, "proxy: { listen: 192.0.2.1:53, from: 192.0.2.0/24 }", "5:18: proxy.listen: 192.0.2.1:53 is neither in listen nor in tls.listen"},
    {In::top, "proxy: { listen: 0.0.0.0:53, from: 192.0.2.1/24 }", "5:36: proxy.from: \"192.0.2.1/24\" is not a network"},
    {In::top, "tcp: { idle: 100ms }", "5:14: tcp.idle: 100ms is too short"},
    {In::top, "tcp: { idle: 1h }", "5:14: tcp.idle: 1h is too long"},
    {In::top, "tcp: { idle: 1500ms }", "5:14: tcp.idle: 1500ms is not a whole number of seconds"},
    {In::top, "log: { format: xml }", "5:16: log.format: \"xml\" is not one of the words known here"},
    {In::top, "log: { level: warn }", "5:15: log.level: \"warn\" is not one of the words known here"},
    {In::top, "log: json", "5:6: log: must be a mapping, not a single value"},
  });
}

TEST(Mistakes, OfGeography) {
  expect_refused({
    {In::top, "geo: { citty: a.mmdb }", "5:8: geo.citty: there is no key \"citty\" here"},
    {In::top, "geo: { city: [] , places: [{}] }", "5:28: geo.places[0]: needs \"prefix\""},
    {In::top, "geo: { city: [[a.mmdb]] }", "5:15: geo.city[0]: must be a single value, not a list"},
    {In::top, "geo: { places: [{ prefix: 203.0.113.0/24 }] }", "5:17: geo.places[0]: says nothing about its clients"},
    {In::top, "geo: { places: [{ at: [1, 2] }] }", "5:17: geo.places[0]: needs \"prefix\""},
    {In::top, "geo: { places: [{ prefix: 203.0.113.1/24, asn: 1 }] }", "5:27: geo.places[0].prefix: \"203.0.113.1/24\" is not a network"},
    {In::top, "geo: { places: [{ prefix: 203.0.113.0/33, asn: 1 }] }", "5:27: geo.places[0].prefix: \"203.0.113.0/33\" is not a network"},
    {In::top, "geo: { places: [{ prefix: home, asn: 1 }] }", "5:27: geo.places[0].prefix: \"home\" is not a network"},
    {In::top, "geo: { places: [{ prefix: 203.0.113.0/24, country: fr }] }", "5:52: geo.places[0].country: \"fr\" is not a country code"},
    {In::top, "geo: { places: [{ prefix: 203.0.113.0/24, country: France }] }", "5:52: geo.places[0].country: \"France\" is not a country code"},
    {In::top, "geo: { places: [{ prefix: 203.0.113.0/24, continent: XX }] }", "5:54: geo.places[0].continent: \"XX\" is not a continent"},
    {In::top, "geo: { places: [{ prefix: 203.0.113.0/24, asn: 0 }] }", "5:48: geo.places[0].asn: \"0\" is not an AS number"},
    {In::top, "geo: { places: [{ prefix: 203.0.113.0/24, asn: 1 }, { prefix: 203.0.113.0/24, asn: 2 }] }", "5:53: geo.places[1]: 203.0.113.0/24 is already a place at t.yaml:5:17"},
    {In::top, "geo: { places: none }", "5:16: geo.places: must be a mapping, not a single value"},
    {In::top, "geo: { unknown_at: 0 }", "5:20: geo.unknown_at: must be [latitude, longitude] in degrees"},
    {In::top, "geo: { unknown_at: [1, 2, 3] }", "5:20: geo.unknown_at: must be [latitude, longitude] in degrees"},
    {In::top, "geo: { country_points: }", "5:8: geo.country_points: needs a value"},
  });
}

TEST(Mistakes, OfSites) {
  expect_refused({
    {In::site, "at: [91, 0]", "1:22: sites.fra.at[0]: latitude must be -90 to 90, is \"91\""},
    {In::site, "at: [0, 181]", "1:25: sites.fra.at[1]: longitude must be -180 to 180, is \"181\""},
    {In::site, "at: [120.5, 30.2]", "1:22: sites.fra.at[0]: latitude must be -90 to 90, is \"120.5\""},
    {In::site, "at: [north, 8]", "1:22: sites.fra.at[0]: latitude must be -90 to 90, is \"north\""},
    {In::site, "at: [nan, 8]", "1:22: sites.fra.at[0]: latitude must be -90 to 90, is \"nan\""},
    {In::site, "at: [50]", "1:21: sites.fra.at: must be [latitude, longitude] in degrees"},
    {In::site, "at: 50", "1:21: sites.fra.at: must be [latitude, longitude] in degrees"},
    {In::site, "at: { lat: 50, lon: 8 }", "1:21: sites.fra.at: must be [latitude, longitude] in degrees"},
    {In::site, "at: [50, ]", "1:21: sites.fra.at: must be [latitude, longitude] in degrees"},
    {In::site, "at: [50, 8], capacity: -1", "1:40: sites.fra.capacity: \"-1\" is not a whole number"},
    {In::site, "at: [50, 8], capacity: 0", "1:40: sites.fra.capacity: must be 1 to 1000000000, is 0"},
    {In::site, "at: [50, 8], capacity: 40K", "1:40: sites.fra.capacity: \"40K\" is not a whole number"},
    {In::site, "at: [50, 8], capacity: 40.5", "1:40: sites.fra.capacity: \"40.5\" is not a whole number"},
    {In::site, "at: [50, 8], capacity: 2000M", "1:40: sites.fra.capacity: must be 1 to 1000000000, is 2000M"},
    {In::site, "at: [50, 8], att: 1", "1:30: sites.fra.att: there is no key \"att\" here"},
    {In::site, "at: [50, 8], at: [50, 9]", "1:30: sites.fra.at: is already set at t.yaml:1:17"},
    {In::site, "at: [50, 8], balancer: { haproxy: x }", "1:30: sites.fra.balancer: is not supported by this version"},
    {In::file, "sites: [fra, iad]\nzones: { example.org: { ns: [ns1] } }", "1:8: sites: must be a mapping, not a list"},
    {In::file, "sites: { \"f ra\": {} }\nzones: { example.org: { ns: [ns1] } }", "1:10: sites.f ra: \"f ra\" is not a name"},
    {In::file, "sites: { \"\": {} }\nzones: { example.org: { ns: [ns1] } }", "1:10: sites.: \"\" is not a name"},
    {In::file, "sites: { fra: }\nzones: { example.org: { ns: [ns1] } }", "1:10: sites.fra: needs a value"},
    {In::file, "sites: { fra: {}, fra: {} }\nzones: { example.org: { ns: [ns1] } }", "1:19: sites.fra: is already set at t.yaml:1:10"},
  });
}

TEST(Mistakes, OfJudging) {
  expect_refused({
    {In::site, "at: [50, 8], region: \"\"", "1:38: sites.fra.region: is no name of a region"},
    {In::monitor, "http: /, agree: most", "2:36: monitors.web.agree: \"most\" is not one of the words known here"},
    {In::monitor, "http: /, agree: 0", "2:36: monitors.web.agree: \"0\" is out of bounds"},
    {In::monitor, "http: /, alone_after: soon", "2:42: monitors.web.alone_after: \"soon\" is not a duration"},
    {In::monitor, "http: /, correlated_hold: 2h", "2:46: monitors.web.correlated_hold: 2h is too long"},
    {In::defaults, "pace: { evry: 1s }", "4:21: defaults.pace.evry: there is no key \"evry\" here"},
    {In::defaults, "pace: quick", "4:19: defaults.pace: \"quick\" is not a duration"},
    {In::defaults, "damping: { after: 1 }", "4:31: defaults.damping.after: must be 2 to 100, is 1"},
    {In::defaults, "hold_up: 2h", "4:22: defaults.hold_up: 2h is too long"},
    {In::defaults, "hold_down: 25h", "4:24: defaults.hold_down: 25h is too long"},
    {In::defaults, "grade: {}", "4:13: defaults.grade: grades by nothing"},
    {In::defaults, "grade: { latency: 1s }", "4:31: defaults.grade.latency: \"1s\" is not a range"},
    {In::defaults, "grade: { latency: 1s to 200ms }", "4:31: defaults.grade.latency: \"1s to 200ms\" is not a range of durations"},
    {In::defaults, "grade: { errors: 5% to much }", "4:30: defaults.grade.errors: \"5% to much\" is not a range of shares"},
    {In::defaults, "grade: { errors: 5% to 50%, least: 1% }", "4:48: defaults.grade.least: is too little to notice that it is better again"},
  });
}

TEST(Mistakes, OfMonitors) {
  expect_refused({
    {In::monitor, "interval: 2s", "2:13: monitors.web: needs one of http, https, grpc, grpcs, tcp, tls, icmp, dns, command and push"},
    {In::monitor, "http: healthz", "2:26: monitors.web.http: \"healthz\" is not a path"},
    {In::monitor, "http: \"/a b\"", "2:26: monitors.web.http: \"/a b\" is not a path"},
    {In::monitor, "http:", "2:20: monitors.web.http: needs a value"},
    {In::monitor, "http: /, https: /", "2:29: monitors.web.https: a monitor has one kind, and this is already http"},
    {In::monitor, "tcp: http", "2:25: monitors.web.tcp: \"http\" is not a whole number"},
    {In::monitor, "tcp: 0", "2:25: monitors.web.tcp: must be 1 to 65535, is 0"},
    {In::monitor, "tcp: 65536", "2:25: monitors.web.tcp: must be 1 to 65535, is 65536"},
    {In::monitor, "tcp: 80, host: www.example.org", "2:29: monitors.web.host: has no meaning for tcp"},
    {In::monitor, "grpc: example.v1.Shop", "2:13: monitors.web: needs a port"},
    {In::monitor, "grpc: \"a b\", port: 1", "2:26: monitors.web.grpc: \"a b\" is not the name of a service"},
    {In::monitor, "grpc: \"\", port: 1, body: ok", "2:39: monitors.web.body: has no meaning for grpc"},
    {In::monitor, "tcp: 80, version: 2", "2:29: monitors.web.version: has no meaning for tcp"},
    {In::monitor, "http: /, version: 2, reuse: 5", "2:13: monitors.web: reuses connections of HTTP/1.1 only"},
    {In::monitor, "tcp: 80, port: 80", "2:29: monitors.web.port: has no meaning for tcp"},
    {In::monitor, "tcp: 80, verify: false", "2:29: monitors.web.verify: has no meaning for tcp"},
    {In::monitor, "http: /, sni: www.example.org", "2:29: monitors.web.sni: has no meaning for http"},
    {In::monitor, "https: /, ca: nowhere.pem", "2:34: monitors.web.ca: there is no file \"nowhere.pem\""},
    {In::monitor, "http: /, port: 0", "2:35: monitors.web.port: must be 1 to 65535, is 0"},
    {In::monitor, "http: /, host: \"a b\"", "2:35: monitors.web.host: \"a b\" is not a host name"},
    {In::monitor, "http: /, host: \"a\\r\\nX: y\"", "2:35: monitors.web.host: \"a\\x0d\\x0aX: y\" is not a host name"},
    {In::monitor, "http: /, status: 99", "2:37: monitors.web.status: \"99\" is not a status code"},
    {In::monitor, "http: /, status: 600", "2:37: monitors.web.status: \"600\" is not a status code"},
    {In::monitor, "http: /, status: [200, 299-200]", "2:43: monitors.web.status[1]: \"299-200\" is not a status code"},
    {In::monitor, "http: /, status: ok", "2:37: monitors.web.status: \"ok\" is not a status code"},
    {In::monitor, "http: /, status: []", "2:37: monitors.web.status: accepts no status code"},
    {In::monitor, "http: /, body: \"\"", "2:35: monitors.web.body: is found in every body"},
    {In::monitor, "http: /, body: [a]", "2:35: monitors.web.body: must be a single value, not a list"},
    {In::monitor, "http: /, body_limit: 0", "2:41: monitors.web.body_limit: must be 1 to 16000000, is 0"},
    {In::monitor, "https: /, verify: yes", "2:38: monitors.web.verify: \"yes\" is not one of the words known here"},
    {In::monitor, "http: /, follow_redirects: 1", "2:47: monitors.web.follow_redirects: \"1\" is not one of the words known here"},
    {In::monitor, "http: /, interval: 2", "2:39: monitors.web.interval: \"2\" is not a duration"},
    {In::monitor, "http: /, interval: 2sec", "2:39: monitors.web.interval: \"2sec\" is not a duration"},
    {In::monitor, "http: /, interval: 50ms", "2:39: monitors.web.interval: 50ms is too short"},
    {In::monitor, "http: /, interval: 2h", "2:39: monitors.web.interval: 2h is too long"},
    {In::monitor, "http: /, interval: 2s, timeout: 3s", "2:52: monitors.web.timeout: 3s is longer than the interval of 2s"},
    {In::monitor, "http: /, timeout: 1ms", "2:38: monitors.web.timeout: 1ms is too short"},
    {In::monitor, "http: /, timeout: 6s", "2:38: monitors.web.timeout: 6s is longer than the interval of 5s"},
    {In::monitor, "http: /, fall: 0", "2:35: monitors.web.fall: must be 1 to 100, is 0"},
    {In::monitor, "http: /, rise: 101", "2:35: monitors.web.rise: must be 1 to 100, is 101"},
    {In::monitor, "http: /, rise: two", "2:35: monitors.web.rise: \"two\" is not a whole number"},
    {In::monitor, "http: /, jitter: 60%", "2:37: monitors.web.jitter: 60% is too much"},
    {In::monitor, "http: /, jitter: 10", "2:37: monitors.web.jitter: \"10\" is not a share"},
    {In::monitor, "http: /, quorum: 2", "2:29: monitors.web.quorum: is not supported by this version"},
    {In::monitor, "http: /, method: BREW", "2:37: monitors.web.method: \"BREW\" is not one of the words known here"},
    {In::monitor, "http: /, headers: { Host: a }", "2:40: monitors.web.headers.Host: is set by the probe itself"},
    {In::monitor, "http: /, headers: { \"a b\": c }", "2:40: monitors.web.headers.a b: \"a b\" is not the name of a header"},
    {In::monitor, "http: /, headers: { a: \"b\\r\\nc: d\" }", "2:43: monitors.web.headers.a: \"b\\x0d\\x0ac: d\" is not the value of a header"},
    {In::monitor, "http: /, body_regex: \"a(b\"", "2:41: monitors.web.body_regex: \"a(b\" is not a regular expression: missing ): a(b"},
    {In::monitor, "http: /, body_regex: \"a*\"", "2:41: monitors.web.body_regex: \"a*\" matches even nothing at all"},
    {In::monitor, "http: /, reuse: 0", "2:36: monitors.web.reuse: must be 1 to 1000, is 0"},
    {In::monitor, "http: /, certificate_warn: 21d", "2:29: monitors.web.certificate_warn: has no meaning for http"},
    {In::monitor, "https: /, certificate_warn: 3d, certificate_fail: 3d", "2:13: monitors.web: warns of a certificate no sooner than it fails"},
    {In::monitor, "https: /, certificate: docs/health.md", "2:13: monitors.web: needs both \"certificate\" and \"key\", or neither"},
    {In::monitor, "https: /, certificate: docs/health.md, key: nowhere.key", "2:64: monitors.web.key: there is no file \"nowhere.key\""},
    {In::monitor, "http: /, fastinter: 1ms", "2:40: monitors.web.fastinter: 1ms is too short"},
    {In::monitor, "http: /, downinter: 2h", "2:40: monitors.web.downinter: 2h is too long"},
    {In::monitor, "http: /, connect_timeout: 3s", "2:46: monitors.web.connect_timeout: 3s is longer than the timeout of 2s"},
    {In::monitor, "icmp: echo, connect_timeout: 1s", "2:32: monitors.web.connect_timeout: has no meaning for icmp"},
    {In::monitor, "icmp: yes", "2:26: monitors.web.icmp: \"yes\" is not one of the words known here"},
    {In::monitor, "tls: 0", "2:25: monitors.web.tls: must be 1 to 65535, is 0"},
    {In::monitor, "tcp: 25, send: \"\"", "2:35: monitors.web.send: sends nothing"},
    {In::monitor, "tcp: 25, expect: \"\"", "2:37: monitors.web.expect: is found in every answer"},
    {In::monitor, "http: /, expect: ok", "2:29: monitors.web.expect: has no meaning for http"},
    {In::monitor, "tcp: 25, body: ok", "2:29: monitors.web.body: has no meaning for tcp"},
    {In::monitor, "dns: example.org, type: FISH", "2:44: monitors.web.type: \"FISH\" is not a type of record that can be asked for"},
    {In::monitor, "dns: example.org, rcode: FINE", "2:45: monitors.web.rcode: \"FINE\" is not a response code"},
    {In::monitor, "dns: example.org, rcode: []", "2:45: monitors.web.rcode: accepts no response code"},
    {In::monitor, "dns: example.org, type: MX, answer: a", "2:56: monitors.web.answer: can be told for A, AAAA and TXT only"},
    {In::monitor, "dns: example.org, answer: 192.0.2", "2:46: monitors.web.answer: \"192.0.2\" is no data of such a record: A: \"192.0.2\" is not an IPv4 address"},
    {In::monitor, "http: /, recursion: true", "2:29: monitors.web.recursion: has no meaning for http"},
    {In::monitor, "command: check_http", "2:29: monitors.web.command: \"check_http\" is not an absolute path"},
    {In::monitor, "command: []", "2:29: monitors.web.command: needs a program"},
    {In::monitor, "command: /bin/true, user: \"a b\"", "2:46: monitors.web.user: \"a b\" is not a user name"},
    {In::monitor, "http: /, user: nobody", "2:29: monitors.web.user: has no meaning for http"},
    {In::monitor, "push: 500ms", "2:26: monitors.web.push: 500ms is too short"},
    {In::monitor, "push: 30s, interval: 5s", "2:31: monitors.web.interval: has no meaning for push"},
    {In::monitor, "push: 30s, fall: 2", "2:31: monitors.web.fall: has no meaning for push"},
    {In::monitor, "push: 30s, timeout: 1s", "2:31: monitors.web.timeout: has no meaning for push"},
    {In::service, "monitor: { all: [] }", "13:25: services.www.monitor.all: needs a monitor"},
    {In::service, "monitor: { all: [wbe] }", "13:26: services.www.monitor.all[0]: no monitor is named \"wbe\""},
    {In::service, "monitor: { all: [web, web] }", "13:31: services.www.monitor.all[1]: \"web\" stands here twice"},
    {In::service, "monitor: { all: [web], any: [web] }", "13:32: services.www.monitor.any: monitors are combined in one way, and this is already all"},
    {In::service, "monitor: { of: [web] }", "13:9: services.www.monitor: needs \"at_least\""},
    {In::service, "monitor: { at_least: 2, of: [web] }", "13:9: services.www.monitor: needs at least 2, and there are only 1"},
    {In::service, "monitor: { at_least: 1 }", "13:9: services.www.monitor: needs one of all, any, of and weights"},
    {In::service, "monitor: { at_least: 1, any: [web] }", "13:9: services.www.monitor: \"at_least\" has no meaning for any"},
    {In::service, "monitor: { weights: { web: 0 }, at_least: 1 }", "13:36: services.www.monitor.weights.web: must be 1 to 1000, is 0"},
    {In::service, "monitor: { weights: { wbe: 1 }, at_least: 1 }", "13:31: services.www.monitor.weights.wbe: no monitor is named \"wbe\""},
    {In::monitor, "http: /, intervall: 2s", "2:29: monitors.web.intervall: there is no key \"intervall\" here"},
  });
}

TEST(Mistakes, OfPolicies) {
  expect_refused({
    {In::policy, "near", "3:19: policies.near: must be a list of filters"},
    {In::policy, "[]", "3:19: policies.near: needs at least one filter"},
    {In::policy, "{ nearest: {} }", "3:19: policies.near: must be a list of filters"},
    {In::policy, "[neerest]", "3:20: policies.near[0]: there is no filter \"neerest\""},
    {In::policy, "[fence: { mode: prefer, outside: none }]", "3:43: policies.near[0].fence.outside: nobody is outside a fence that only prefers"},
    {In::policy, "[fence: { outside: nowhere }]", "3:38: policies.near[0].fence.outside: \"nowhere\" is not one of the words known here"},
    {In::policy, "[fence: { outside: [fra, fra] }]", "3:44: policies.near[0].fence.outside[1]: is in the list already"},
    {In::policy, "[fastest]", "3:20: policies.near[0]: needs a mapping"},
    {In::policy, "[fastest: { within: 5ms }]", "3:20: policies.near[0].fastest: needs \"table\""},
    {In::policy, "[fastest: { table: t.csv, within: 2h }]", "3:53: policies.near[0].fastest.within: 2h is too long"},
    {In::policy, "[take]", "3:20: policies.near[0]: needs a number"},
    {In::policy, "[take: 0]", "3:26: policies.near[0].take: must be 1 to 64, is 0"},
    {In::policy, "[take: 65]", "3:26: policies.near[0].take: must be 1 to 64, is 65"},
    {In::policy, "[take: one]", "3:26: policies.near[0].take: \"one\" is not a whole number"},
    {In::policy, "[take: 1, weighted]", "3:20: policies.near: \"take\" must come last"},
    {In::policy, "[weighted, weighted]", "3:30: policies.near: the filter \"weighted\" comes twice"},
    {In::policy, "[weighted, rotate]", "3:30: policies.near: \"weighted\" has ordered the equals already"},
    {In::policy, "[all, weighted, take: 1]", "3:25: policies.near: \"all\" has ordered the equals already"},
    {In::policy, "[rotate: 1]", "3:20: policies.near[0].rotate: takes no parameters"},
    {In::policy, "[all: {}]", "3:20: policies.near[0].all: takes no parameters"},
    {In::policy, "[fence: maybe]", "3:27: policies.near[0].fence: \"maybe\" is not one of the words known here"},
    {In::policy, "[nearest: { within: 300 }]", "3:39: policies.near[0].nearest.within: \"300\" is not a distance"},
    {In::policy, "[nearest: { within: 300mi }]", "3:39: policies.near[0].nearest.within: \"300mi\" is not a distance"},
    {In::policy, "[nearest: { wihtin: 300km }]", "3:31: policies.near[0].nearest.wihtin: there is no key \"wihtin\" here"},
    {In::policy, "[nearest: { bias: { fraa: 10km } }]", "3:39: policies.near[0].nearest.bias.fraa: no site is named \"fraa\""},
    {In::policy, "[nearest: { bias: { fra: near } }]", "3:44: policies.near[0].nearest.bias.fra: \"near\" is not a distance"},
    {In::policy, "[nearest: 300km]", "3:29: policies.near[0].nearest: must be a mapping, not a single value"},
    {In::policy, "[priority: [fra, lon]]", "3:36: policies.near[0].priority[1]: no site is named \"lon\""},
    {In::policy, "[priority: [fra, [iad, fra]]]", "3:42: policies.near[0].priority[1][1]: is in the order already"},
    {In::policy, "[priority: [fra, []]]", "3:36: policies.near[0].priority[1]: needs at least one site"},
    {In::policy, "[priority: { fra: 1 }]", "3:30: policies.near[0].priority: must be a single value, not a mapping"},
    {In::policy, "[weighted: { by: clients }]", "3:36: policies.near[0].weighted.by: \"clients\" is not one of the words known here"},
    {In::policy, "[weighted: query]", "3:30: policies.near[0].weighted: must be a mapping, not a single value"},
    {In::policy, "[[nearest]]", "3:20: policies.near[0]: must be one filter"},
    {In::policy, "[{ nearest: {}, take: 1 }]", "3:20: policies.near[0]: must be one filter"},
    {In::file, "policies: { default: [all] }\nzones: { example.org: { ns: [ns1] } }", "1:13: policies.default: \"default\" is the built-in policy"},
    {In::file, "policies: { a/b: [all] }\nzones: { example.org: { ns: [ns1] } }", "1:13: policies.a/b: \"a/b\" is not a name"},
    {In::file, "monitors: { none: { tcp: 80 } }\nzones: { example.org: { ns: [ns1] } }", "1:13: monitors.none: no monitor can be named \"none\""},
  });
}

TEST(Mistakes, OfDefaults) {
  expect_refused({
    {In::defaults, "tll: 30s", "4:13: defaults.tll: there is no key \"tll\" here"},
    {In::defaults, "ttl: 30", "4:18: defaults.ttl: \"30\" is not a duration"},
    {In::defaults, "ttl: -1s", "4:18: defaults.ttl: \"-1s\" is not a duration"},
    {In::defaults, "ttl: 24856d", "4:18: defaults.ttl: 24856d is too long"},
    {In::defaults, "ttl: 10s, ttl_min: 20s", "4:32: defaults.ttl_min: is more than the ttl of 10s"},
    {In::defaults, "slowstart: 25h", "4:24: defaults.slowstart: 25h is too long"},
    {In::defaults, "slowstart: 1500ms", "4:24: defaults.slowstart: 1500ms is not a whole number of seconds"},
    {In::defaults, "spill_below: 50", "4:26: defaults.spill_below: \"50\" is not a share"},
    {In::defaults, "spill_below: 150%", "4:26: defaults.spill_below: \"150%\" is not a share"},
    {In::defaults, "spill_below: half", "4:26: defaults.spill_below: \"half\" is not a share"},
    {In::defaults, "panic_below: -0.1", "4:26: defaults.panic_below: \"-0.1\" is not a share"},
    {In::defaults, "all_down: nothing", "4:23: defaults.all_down: \"nothing\" is not one of the words known here"},
    {In::defaults, "hash_prefix: 24", "4:26: defaults.hash_prefix: must be a mapping, not a single value"},
    {In::defaults, "hash_prefix: { v4: 33 }", "4:32: defaults.hash_prefix.v4: must be 1 to 32, is 33"},
    {In::defaults, "hash_prefix: { v6: 0 }", "4:32: defaults.hash_prefix.v6: must be 1 to 128, is 0"},
    {In::defaults, "hash_prefix: { ipv4: 24 }", "4:28: defaults.hash_prefix.ipv4: there is no key \"ipv4\" here"},
    {In::defaults, "monitor: wbe", "4:22: defaults.monitor: no monitor is named \"wbe\""},
    {In::defaults, "monitor: [web]", "4:22: defaults.monitor: must be a single value, not a list"},
    {In::defaults, "policy: nera", "4:21: defaults.policy: no policy is named \"nera\""},
    {In::defaults, "policy: { nearest: {} }", "4:21: defaults.policy: must be a single value, not a mapping"},
    {In::defaults, "endpoints: {}", "4:13: defaults.endpoints: there is no key \"endpoints\" here"},
    {In::file, "defaults: { monitor: { tcp: 1 } }\nmonitors: { defaults: { tcp: 2 } }\nzones: { example.org: { ns: [ns1] } }", "1:1: defaults: a monitor is already named \"defaults\""},
  });
}

// clang-format on

/// The hint of the only error.
std::string hint_of(In in, const std::string& snippet) {
  base::ErrorList errors;
  EXPECT_FALSE(load_text("t.yaml", framed(in, snippet), errors)) << snippet;
  EXPECT_EQ(errors.all().size(), 1U) << snippet;
  return errors.empty() ? "" : errors.all()[0].hint;
}

TEST(Hints, SayWhatToWriteInstead) {
  EXPECT_EQ(hint_of(In::top, "threds: 1"), "did you mean \"threads\"?");
  EXPECT_EQ(hint_of(In::top, "listen: 0.0.0.0"), "did you mean \"0.0.0.0:53\"?");
  EXPECT_EQ(hint_of(In::top, "listen: \"::1\""), "did you mean \"[::1]:53\"?");
  EXPECT_EQ(hint_of(In::top, "listen: [[::]:53]"), "put text with brackets in quotes, such as \"[::]:53\"");
  EXPECT_EQ(hint_of(In::top, "geo: { places: [{ prefix: 203.0.113.1/24, asn: 1 }] }"), "did you mean 203.0.113.0/24?");
  EXPECT_EQ(hint_of(In::site, "at: [120.5, 30.2]"), "the latitude comes first");
  EXPECT_EQ(hint_of(In::defaults, "ttl: 30"), "did you mean 30s?");
  EXPECT_EQ(hint_of(In::defaults, "ttl: soon"), "such as 500ms, 2s, 10m, 1h or 1d");
  EXPECT_EQ(hint_of(In::defaults, "spill_below: 50"), "did you mean 50%?");
  EXPECT_EQ(hint_of(In::policy, "[nearest: { within: 300 }]"), "did you mean 300km?");
  EXPECT_EQ(hint_of(In::soa, "rname: john.doe@example.org"), "did you mean john\\.doe.example.org.?");
  EXPECT_EQ(hint_of(In::endpoints, "{ fra: \"::ffff:192.0.2.1\" }"), "write 192.0.2.1");
  EXPECT_EQ(hint_of(In::endpoints, "{ fraa: 192.0.2.1 }"), "did you mean \"fra\"?  (sites: fra, iad, gru)");
  EXPECT_EQ(hint_of(In::endpoints, "{ london: 192.0.2.1 }"), "sites: fra, iad, gru");
  EXPECT_EQ(hint_of(In::endpoints,
                    "[{ site: fra, address: 192.0.2.1, serves: { countries: [\"no\"] } }]\n        policy: legal"),
            "did you mean \"NO\"?");
}

TEST(Mistakes, AreAllReportedAtOnceFromTheTopDown) {
  EXPECT_THAT(errors_of(framed(In::site, "at: 1, capacity: x")), SizeIs(2));
  EXPECT_THAT(errors_of("threads: x\nsites: { fra: { at: 1 } }\nzones:\n  example.org:\n    ns: []\n"
                        "    services: { www: { endpoints: { fra: a }, monitor: b, policy: c } }\n"),
              ElementsAre(HasSubstr("1:10: threads"), HasSubstr("2:21: sites.fra.at"), HasSubstr("5:9: ns"),
                          HasSubstr("6:42: services.www.endpoints.fra"), HasSubstr("6:56: services.www.monitor"),
                          HasSubstr("6:67: services.www.policy")));
}

}  // namespace
}  // namespace gslb::config
