// tests/engine/reasons_world.hpp: four sites, four continents, and services of every kind, for questions about answers.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

#include "config/config.hpp"
#include "control/offline.hpp"
#include "engine/compile.hpp"
#include "engine/suppose.hpp"

namespace gslb::test {

inline constexpr const char* world_head = R"(
control: { socket: none }
listen: 127.0.0.1:5300
geo:
  location: []
  places:
    - { prefix: 198.18.0.0/17, at: [52.52, 13.4], country: "DE" }
    - { prefix: 198.18.128.0/18, at: [51.51, -0.09], country: "GB" }
    - { prefix: 198.18.192.0/18, at: [38.9, -77.04], country: "US" }
    - { prefix: 198.19.0.0/17, at: [-23.55, -46.63], country: "BR" }
    - { prefix: 198.19.128.0/18, at: [1.35, 103.82], country: "SG" }
    - { prefix: "2001:db8:1::/48", at: [48.86, 2.35], country: "FR" }
    - { prefix: "2001:db8:2::/48", at: [38.9, -77.04], country: "US" }
sites:
  fra: { at: [50.11, 8.68], capacity: 40k }
  iad: { at: [39.04, -77.49], capacity: 60k }
  gru: { at: [-23.55, -46.63], capacity: 10k }
  sin: { at: [1.35, 103.82], capacity: 20k }
monitors:
  web: { http: /healthz, interval: 2s, timeout: 1s }
)";

inline constexpr const char* world_zone = R"(
zones:
  example.org:
    soa: { mname: ns1.example.org., rname: hostmaster.example.org., serial: 7 }
    ns: [ns1.example.org.]
    services:
      www:
        monitor: web
        endpoints:
          fra: [192.0.2.10, "2001:db8:10::10"]
          iad: [192.0.2.20, "2001:db8:10::20"]
          gru: 192.0.2.30
          sin: [192.0.2.40, "2001:db8:10::40"]
      far:
        monitor: web
        policy: [nearest: { within: 20000km }, weighted, take: 2]
        endpoints: { fra: 192.0.2.11, iad: 192.0.2.21, gru: 192.0.2.31, sin: 192.0.2.41 }
      order:
        monitor: web
        policy: [priority: [iad, [fra, sin]], weighted]
        endpoints: { fra: 192.0.2.12, iad: 192.0.2.22, sin: 192.0.2.42 }
      europe:
        monitor: web
        policy: [fence, nearest, weighted]
        endpoints:
          - { site: fra, address: 192.0.2.13, serves: { continents: [EU] } }
          - { site: iad, address: 192.0.2.23, serves: { continents: [NA, SA] } }
      prefer:
        monitor: web
        policy: [fence: prefer, priority, weighted]
        endpoints:
          - { site: sin, address: 192.0.2.43, serves: { continents: [AS] } }
          - { site: fra, address: 192.0.2.14, serves: { continents: [EU] } }
          - { site: iad, address: 192.0.2.24 }
      closed:
        monitor: web
        all_down: none
        policy: [weighted]
        endpoints: { fra: 192.0.2.15, iad: 192.0.2.25 }
        fallback: [198.51.100.9]
      bare:
        monitor: web
        all_down: none
        policy: [weighted]
        endpoints: { fra: 192.0.2.16 }
      each:
        monitor: web
        policy: [weighted: { by: query }]
        endpoints: { fra: 192.0.2.17, iad: 192.0.2.27 }
      turns:
        monitor: web
        policy: [nearest: { within: 8000km }, rotate]
        endpoints: { fra: 192.0.2.18, iad: 192.0.2.28, sin: 192.0.2.48 }
      whole:
        monitor: web
        policy: [all]
        endpoints: { fra: 192.0.2.19, iad: 192.0.2.29 }
      group:
        monitor: web
        policy: [priority: [gru, sin], weighted]
        endpoints: { gru: 192.0.2.61, sin: 192.0.2.62 }
      nested:
        monitor: web
        policy: [nearest, weighted]
        endpoints: [{ service: group }, { site: fra, address: 192.0.2.63 }, { site: iad, address: 192.0.2.64 }]
      tried:
        monitor: web
        policy: [nearest: { within: 20000km }, weighted]
        endpoints: { fra: 192.0.2.65, iad: 192.0.2.66 }
        canary: { share: 10%, networks: [198.19.0.0/18], endpoints: { sin: 192.0.2.67 } }
      kept:
        monitor: web
        keep: 2
        failback: manual
        policy: [priority: [[fra, iad], sin], weighted, take: 2]
        endpoints: { fra: 192.0.2.68, iad: 192.0.2.69, sin: 192.0.2.70 }
    records:
      ns1: { A: [192.0.2.53] }
      mail: { A: [192.0.2.25], TXT: [hello] }
      alias: { CNAME: www }
      static-alias: { CNAME: mail }
      out: { CNAME: www.example.net. }
      child: { NS: [ns.child] }
      ns.child: { A: [192.0.2.99] }
      "*.wild": { TXT: [any] }
      moved: { DNAME: new.example.org. }
      host.new: { A: [192.0.2.79] }
)";

inline std::string world() { return std::string(world_head) + world_zone; }

/// A configuration as control/ has it, all up.
inline control::Present present_of(const std::string& yaml) {
  control::Present out;
  base::ErrorList errors;
  if (auto config = config::load_text("test.yaml", yaml, errors))
    out.config = std::make_shared<const config::Config>(std::move(*config));
  engine::SnapshotPtr snapshot;
  if (out.config) snapshot = engine::compile(*out.config, {}, errors);
  for (const base::ConfigError& error : errors.all()) std::fputs(base::to_string(error).c_str(), stderr);
  if (!snapshot || !errors.empty()) std::abort();
  out.generation = engine::suppose(snapshot, engine::DownSites(snapshot->sites.size(), false));
  return out;
}

}  // namespace gslb::test
