#include "config/gdnsd.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "config/gdnsd_zone.hpp"

namespace gslb::config {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct Outcome {
  std::string yaml;
  std::string zone;  ///< of example.org
  std::vector<std::string> lost;
  std::vector<std::string> errors;
};

Outcome import(const std::string& config, const std::string& zone, std::map<std::string, std::string> others = {}) {
  others["d/config"] = config;
  others["d/zones/example.org"] = "@ SOA ns1 h 1 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.53\n" + zone;
  FileSource files;
  files.read = [&](const std::string& path) -> base::Result<std::string> {
    const auto at = others.find(path);
    if (at == others.end()) return base::Error{path + ": no such file"};
    return at->second;
  };
  files.list = [&](const std::string& pattern, bool& is_folder) {
    is_folder = pattern == "d/zones";
    std::vector<std::string> paths;
    for (const auto& [path, text] : others) {
      if (is_folder ? path.starts_with("d/zones/") : path == pattern) paths.push_back(path);
    }
    return paths;
  };
  base::ErrorList errors;
  const auto made = import_gdnsd("d", files, errors);
  Outcome out;
  if (made) out.yaml = made->at("gslb.yaml");
  if (made) out.zone = made->at("zones/example.org.zone");
  for (const auto& one : errors.warnings()) out.lost.push_back(base::headline(one));
  for (const auto& one : errors.all()) out.errors.push_back(base::headline(one));
  return out;
}

std::string plugins(const std::string& text) { return "plugins => { " + text + " }"; }

TEST(ImportGdnsd, CarriesAddressesThatAreAllAnsweredByTurns) {
  const Outcome outcome = import(plugins("multifo => { up_thresh => 0.3, web => { a => 192.0.2.1, b => 192.0.2.2 } }"),
                                 "www 300/45 DYNA multifo!web\n");
  EXPECT_THAT(outcome.lost, IsEmpty());
  EXPECT_THAT(outcome.yaml, HasSubstr(R"(      "www":
        policy: [rotate]
        ttl: 300s
        ttl_min: 45s
        monitor: none
        panic_below: 0.3
        endpoints:
          - { site: "web", address: "192.0.2.1", weight: 1 }
          - { site: "web", address: "192.0.2.2", weight: 1 }
)"));
  EXPECT_THAT(outcome.yaml, HasSubstr("    files: [\"zones/example.org.zone\"]\n"));
  EXPECT_THAT(outcome.zone, Not(HasSubstr("DYNA")));
  EXPECT_THAT(outcome.zone, HasSubstr("ns1 A 192.0.2.53\n; www.example.org. is a service\n"));
}

TEST(ImportGdnsd, CarriesWeightsPairsAndNames) {
  const Outcome outcome = import(plugins("weighted => { w => { a => [ 192.0.2.1, 3 ], b => [ 192.0.2.2, 1 ] },"
                                         " c => { a => [ one.example.net., 1 ] } }"
                                         " simplefo => { p => { primary => 192.0.2.3, secondary => 192.0.2.4 } }"),
                                 "w DYNA weighted!w\nc DYNC weighted!c\np DYNA simplefo!p\n");
  EXPECT_THAT(outcome.lost, IsEmpty());
  EXPECT_THAT(outcome.yaml, HasSubstr("policy: [weighted: { by: query }, take: 1]"));
  EXPECT_THAT(outcome.yaml, HasSubstr("address: \"192.0.2.1\", weight: 3 }"));
  EXPECT_THAT(outcome.yaml, HasSubstr("host: \"one.example.net.\""));
  EXPECT_THAT(outcome.yaml, HasSubstr("policy: [priority, take: 1]"));
}

TEST(ImportGdnsd, CarriesServiceTypesAsMonitors) {
  const Outcome outcome = import(
      "service_types => { web => { plugin => http_status, vhost => www.example.org, url_path => /up, port => 8080,"
      " ok_codes => [ 200, 301 ], interval => 8, down_thresh => 4, up_thresh => 200 } mail => { plugin => tcp_connect,"
      " port => 25 } script => { plugin => extmon, cmd => [ /bin/true ] } }" +
          plugins("multifo => { service_types => web, a => { x => 192.0.2.1 }, b => { service_types => mail, x => "
                  "192.0.2.2 }"
                  " c => { service_types => script, x => 192.0.2.3 } }"),
      "a DYNA multifo!a\nb DYNA multifo!b\nc DYNA multifo!c\n");
  EXPECT_THAT(outcome.yaml,
              HasSubstr("  \"mail\": { tcp: 25, interval: 10s, timeout: 5s, fall: 10, rise: 20 }\n"
                        "  \"web\": { http: \"/up\", port: 8080, host: \"www.example.org\", status: [200, 301], "
                        "interval: 8s, timeout: 4s, fall: 4, rise: 100 }\n"));
  EXPECT_THAT(outcome.lost, ElementsAre(HasSubstr("`up_thresh` is at most 100"),
                                        HasSubstr("service_types.script: the plugin \"extmon\" has no counterpart")));
}

TEST(ImportGdnsd, CarriesFailoverAlongDatacenters) {
  const Outcome outcome = import(plugins("multifo => { far => { x => 192.0.2.9 } } metafo => { resources => { r => {"
                                         " datacenters => [ b, a ], dcmap => { a => %multifo!far, b => [ 192.0.2.1,"
                                         " 192.0.2.2 ] } } } }"),
                                 "r DYNA metafo!r\none DYNA metafo!r/a\n");
  EXPECT_THAT(outcome.lost, IsEmpty());
  EXPECT_THAT(outcome.yaml, HasSubstr("policy: [priority: [\"b\", \"a\"], rotate]"));
  EXPECT_THAT(outcome.yaml, HasSubstr("      \"one\":\n        policy: [rotate]"));
}

std::string geoip(const std::string& map) {
  return plugins(
      "geoip => { maps => { m => { geoip2_db => City.mmdb, " + map +
      " } } resources => { r => { map => m, dcmap => { a => 192.0.2.1, b => 192.0.2.2, c => 192.0.2.3 } } } }");
}

TEST(ImportGdnsd, CarriesAMapOfDistances) {
  const Outcome outcome = import(geoip("datacenters => [ a, b, c ], auto_dc_limit => 0, auto_dc_coords => {"
                                       " a => [ 38.9, -77 ], b => [ 50.1, 8.7 ], c => [ 1.3, 103.9 ] }"),
                                 "r DYNA geoip!r\n");
  EXPECT_THAT(outcome.lost, IsEmpty());
  EXPECT_THAT(outcome.yaml, HasSubstr("geo: { location: [\"d/geoip/City.mmdb\"] }\n"));
  EXPECT_THAT(outcome.yaml, HasSubstr("  \"a\": { at: [38.9, -77] }\n"));
  EXPECT_THAT(outcome.yaml, HasSubstr("policy: [nearest, rotate]"));
  EXPECT_THAT(import(geoip("datacenters => [ a, b, c ], auto_dc_limit => 2, auto_dc_coords => { a => [ 1, 2 ],"
                           " b => [ 3, 4 ], c => [ 5, 6 ] }"),
                     "r DYNA geoip!r\n")
                  .lost,
              ElementsAre(HasSubstr("`auto_dc_limit` 2")));
}

TEST(ImportGdnsd, CarriesAMapWhoseListsAgreeExactly) {
  const Outcome outcome =
      import(geoip("datacenters => [ a, b, c ], map => { default => [ b, c ], EU => { default => [ a ],"
                   " GB => [ a, b ], CH => c }, NA => { US => { default => [ b, c ], CA => [ c ] } } }"
                   " nets => { 192.0.2.0/24 => [ a ] }"),
             "r DYNA geoip!r\n");
  EXPECT_THAT(outcome.lost, IsEmpty());
  EXPECT_THAT(outcome.yaml, HasSubstr("policy: [fence: strict, priority: [\"a\", \"b\", \"c\"], rotate]"));
  EXPECT_THAT(
      outcome.yaml,
      HasSubstr("serves: { continents: [\"EU\"], prefixes: [\"192.0.2.0/24\"], except: { countries: [\"CH\"] } }"));
  EXPECT_THAT(
      outcome.yaml,
      HasSubstr(
          "serves: { continents: [\"AF\", \"AN\", \"AS\", \"NA\", \"OC\", \"SA\"], countries: [\"GB\"], unknown: true, "
          "except: { subdivisions: [\"US-CA\"], prefixes: [\"192.0.2.0/24\"] } }"));
}

TEST(ImportGdnsd, CarriesTheFirstOfListsThatDisagreeAndSaysWhatTheRestBecomes) {
  const Outcome outcome =
      import(geoip("datacenters => [ a, b, c ], map => { EU => [ a, b, c ], NA => [ b, a, c ], AS => [ c, b, a ] }"),
             "r DYNA geoip!r\n");
  EXPECT_THAT(outcome.yaml, HasSubstr("policy: [fence: prefer, priority: [\"a\", \"b\", \"c\"], rotate]"));
  EXPECT_THAT(outcome.yaml, HasSubstr("serves: { continents: [\"NA\"] }"));
  EXPECT_THAT(outcome.lost, ElementsAre(HasSubstr("maps.m: clients in AS go to c, a, b in this order")));
}

TEST(ImportGdnsd, SaysWhatHasNoCounterpartAndLeavesItOut) {
  const auto lost = [](const std::string& config, const std::string& zone) { return import(config, zone).lost; };
  EXPECT_THAT(lost("options => { udp_threads => 4 }", ""),
              ElementsAre("d/config:1:14: options.udp_threads: a setting of the server, not carried"));
  EXPECT_THAT(lost("", "x DYNA multifo!none\n"),
              ElementsAre("d/zones/example.org:4:3: multifo!none: there is no such resource; the name is left out"));
  EXPECT_THAT(lost("", "*.x DYNA reflect\n"), ElementsAre(HasSubstr("a wildcard cannot be steered")));
  EXPECT_THAT(lost(plugins("null => {}"), "x DYNA null!x\n"), ElementsAre(HasSubstr("no such resource")));
  EXPECT_THAT(lost(geoip("datacenters => [ a ], map => { EU => { FR => { Paris => [ a ] } } }"), "r DYNA geoip!r\n"),
              Contains(HasSubstr("\"Paris\" in FR is a city")));
  EXPECT_THAT(
      lost(plugins("weighted => { multi => true, w => { g => { a => [ 192.0.2.1, 1 ] } } }"), "w DYNA weighted!w\n"),
      ElementsAre(HasSubstr("groups of addresses"), HasSubstr("`multi`")));
  EXPECT_THAT(import("options => { dns_port => 5300 }", "x DYNA reflect!dns\n").yaml,
              HasSubstr("listen: [\"0.0.0.0:5300\", \"[::]:5300\"]\n"));
  const Outcome noted = import("options => { udp_threads => 4 }", "");
  EXPECT_THAT(noted.yaml, HasSubstr("# not carried: d/config:1:14: options.udp_threads"));
}

TEST(ImportGdnsd, WritesOutWhatOnlyGdnsdsZoneFilesKnow) {
  const Outcome sound = import(plugins("static => { f => 192.0.2.7 }"),
                               "$origin sub\nx DYNA static!f\n  TXT \"of x ; @Z\" @Z\n$TTL 1h\n@ A 192.0.2.1\n"
                               "$INCLUDE ../part other.@Z\nback.@F A 192.0.2.2\n",
                               {{"d/zones/../part", "y.@F TXT a\ny DYNA static!f\n"}});
  EXPECT_THAT(sound.errors, IsEmpty());
  EXPECT_THAT(sound.zone, HasSubstr("$ORIGIN sub.example.org.\n; x.sub.example.org. is a service\n"
                                    "x.sub.example.org.  TXT \"of x ; @Z\" example.org.\n$TTL 3600\n@ A 192.0.2.1\n"));
  EXPECT_THAT(sound.zone, HasSubstr("$ORIGIN other.example.org.\ny.other.example.org. TXT a\n"));
  EXPECT_THAT(sound.zone, HasSubstr("$ORIGIN sub.example.org.\n$TTL 3600\nback.example.org. A 192.0.2.2\n"));
  EXPECT_THAT(sound.yaml, HasSubstr("\"y.other\":\n"));
  EXPECT_THAT(sound.yaml, HasSubstr("\"x.sub\":\n"));
}

TEST(ImportGdnsd, WritesWhatCanBeReadWhateverOctetsItFinds) {
  const Outcome outcome = import(plugins("multifo => { a => { x => \"\\200\\001\\009\" } }"), "w DYNC multifo!a\n");
  base::ErrorList errors;
  EXPECT_THAT(outcome.yaml, HasSubstr("host: "));
  EXPECT_TRUE(parse_yaml("gslb.yaml", outcome.yaml, errors));
  for (const char* zone : {"w DYNA \"no\tplugin\"!x\n", "<< DYNA reflect!dns\n"}) {
    const Outcome made = import("", zone);
    EXPECT_TRUE(made.errors.empty());
    EXPECT_TRUE(parse_yaml("gslb.yaml", made.yaml, errors)) << made.yaml;
  }
  EXPECT_THAT(import("", std::string(64, 'x') + " DYNA reflect!dns\n").lost, ElementsAre(HasSubstr("is no name")));
}

TEST(ImportGdnsd, RefusesWhatIsNoConfigurationOfGdnsd) {
  EXPECT_THAT(import("sites: {}", "").errors, ElementsAre(HasSubstr("d/config:1:8: `sites:` has no value")));
  EXPECT_THAT(import("zones => {}", "").errors, ElementsAre(HasSubstr("no section of gdnsd's configuration")));
  EXPECT_THAT(import("", "x ( DYNA static!f\n").errors,
              ElementsAre(HasSubstr("d/zones/example.org:4:1: a parenthesis")));
  EXPECT_THAT(import("", "$GENERATE 1-2 a A 192.0.2.$\n").errors,
              ElementsAre(HasSubstr("$GENERATE is no directive of gdnsd")));
}

}  // namespace
}  // namespace gslb::config
