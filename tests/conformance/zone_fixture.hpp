// tests/conformance/zone_fixture.hpp: one zone with something of everything, for tests by RFC section.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/test_server.hpp"

namespace gslb::test {

inline constexpr unsigned type_a = 1, type_ns = 2, type_cname = 5, type_soa = 6, type_mx = 15, type_txt = 16,
                          type_aaaa = 28, type_ds = 43, type_https = 65, type_tkey = 249, type_ixfr = 251,
                          type_axfr = 252, type_mailb = 253, type_maila = 254, type_any = 255;

inline constexpr const char* sample_zone = R"(
control: { socket: none }
listen: 127.0.0.1:5300
geo:
  location: []
  places:
    - { prefix: 85.214.0.0/16, at: [52.52, 13.4], country: "DE" }
    - { prefix: 12.0.0.0/8, at: [38.9, -77.04], country: "US" }
    - { prefix: 10.20.0.0/16, at: [48.86, 2.35], country: "FR" }
sites:
  fra: { at: [50.11, 8.68] }
  iad: { at: [39.04, -77.49] }
monitors:
  web: { http: /healthz, interval: 2s, timeout: 1s }
zones:
  example.org:
    soa: { mname: ns1.example.org., rname: hostmaster.example.org., minimum: 30s, ttl: 1h, serial: 7 }
    ns: [ns1.example.org., ns2.example.org.]
    ttl: 300s
    services:
      www:
        monitor: web
        slowstart: 0s
        endpoints: { fra: 192.0.2.10, iad: 192.0.2.20 }
      half:
        monitor: none
        policy: [weighted]
        endpoints: { fra: [192.0.2.11, "2001:db8:1::11"], iad: [192.0.2.21, "2001:db8:1::21"] }
      whole:
        monitor: none
        policy: [all]
        endpoints: { fra: 192.0.2.12, iad: 192.0.2.22 }
      europe:
        monitor: web
        policy: [fence, weighted]
        endpoints:
          - { site: fra, address: 192.0.2.10, serves: { continents: [EU] } }
      failing:
        monitor: web
        all_down: none
        policy: [weighted]
        endpoints: { fra: 192.0.2.30 }
        fallback: [198.51.100.9]
      secure:
        monitor: web
        slowstart: 0s
        policy: [weighted, take: 2]
        https: { alpn: [h2, h3], port: 8443 }
        endpoints: { fra: [192.0.2.13, "2001:db8:1::13"], iad: 192.0.2.23 }
        fallback: "2001:db8:9::9"
      hosted:
        policy: [weighted]
        endpoints: [{ site: fra, host: lb-1.example.net. }, { site: iad, host: lb-2.example.net. }]
    records:
      "@": { MX: ["10 mail"], TXT: ["v=spf1 -all"] }
      ns1: { A: [192.0.2.53] }
      ns2: { A: [192.0.2.54], AAAA: ["2001:db8::54"] }
      mail: { A: [192.0.2.25] }
      alias: { CNAME: www }
      static-alias: { CNAME: mail }
      second-alias: { CNAME: static-alias }
      out: { CNAME: www.example.net. }
      loop1: { CNAME: loop2 }
      loop2: { CNAME: loop1 }
      deep.empty.below: { TXT: [leaf] }
      "*.wild": { TXT: [any], A: [192.0.2.77] }
      known.wild: { A: [192.0.2.78] }
      "*.alias-wild": { CNAME: mail }
      moved: { DNAME: new.example.org. }
      host.new: { A: [192.0.2.79] }
      child: { NS: [ns.child, ns.elsewhere.example.net.], DS: ["12345 13 2 0000000000000000000000000000000000000000000000000000000000000000"] }
      ns.child: { A: [192.0.2.99] }
      bare: { NS: [ns.elsewhere.example.net.] }
      www: { TXT: [beside a service] }
      big: { TXT: ["0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789 1", "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789 2", "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789 3", "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789 4", "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789 5", "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789 6"] }
)";

/// One server for all tests of a program: tests that change health say so and put it back.
inline TestServer& sample_server() {
  static TestServer server(sample_zone);
  return server;
}

inline constexpr const char* negative_soa =
    "example.org. 30 SOA ns1.example.org. hostmaster.example.org. 7 3600 600 604800 30";

}  // namespace gslb::test
