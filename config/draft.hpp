// config/draft.hpp: the configuration while it is read, and the readers of its sections.
//
//   read_top ─► sites ─► monitors ─► policies ─► defaults ─► zones ─► services
//
// Sections are read in this order, wherever they stand in the files, so that a reader finds what it refers to.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "config/keys.hpp"
#include "config/node.hpp"

namespace gslb::config {

struct Draft {
  Config config;
  policy::ServiceSpec defaults;             ///< what every service starts from
  health::JudgingSpec judging;              ///< what every monitor starts from
  std::optional<zones::DnssecSpec> dnssec;  ///< what every zone starts from
  std::size_t named_monitors = 0;           ///< of config.monitors, the first so many
  bool ttl_min_is_default = true;           ///< nobody wrote `defaults.ttl_min`
  bool location_is_default = true;          ///< nobody wrote `geo.city`, `geo.country` or `geo.location`
  std::int64_t modified = 0;                ///< newest modification time of the YAML files, Unix seconds
};

/// The whole document.
void read_top(const Node& root, Draft& draft);

// One for each section, by the name of its key.
void read_listen(const Node& node, Draft& draft);
void read_control(const Node& node, Draft& draft);
void read_agent(const Node& node, Draft& draft);
void read_tcp(const Node& node, Draft& draft);
void read_tls(const Node& node, Draft& draft);
void read_proxy(const Node& node, Draft& draft);
void read_log(const Node& node, Draft& draft);
void read_cookies(const Node& node, Draft& draft);
void read_rate_limit(const Node& node, Draft& draft);
void read_nsid(const Node& node, Draft& draft);
void read_chaos(const Node& node, Draft& draft);
void read_geo(const Node& node, Draft& draft);
void read_sites(const Node& node, Draft& draft);
void read_monitors(const Node& node, Draft& draft);
void read_policies(const Node& node, Draft& draft);
void read_defaults(const Node& node, Draft& draft);
void read_zones(const Node& node, Draft& draft);
void read_feeds(const Node& node, Draft& draft);
void read_tests(const Node& node, Draft& draft);
void read_etcd(const Node& node, Draft& draft);
void read_register(const Node& node, Draft& draft);
void read_vantage(const Node& node, Draft& draft);
void read_vantages(const Node& node, Draft& draft);

/// Parts of sections that another file reads.
health::MonitorSpec read_monitor(const Node& node, std::string name);
void read_agree(const Node& node, std::optional<health::Agree>& out);
void read_alone_after(const Node& node, std::optional<std::optional<std::chrono::milliseconds>>& out);
void read_correlated_hold(const Node& node, std::optional<std::chrono::milliseconds>& out);
/// Whether a mapping combines named monitors, and is not one written in place.
bool is_combination(const Node& node);
health::CombinationSpec read_combination(const Node& node, std::string name, const Draft& draft);
policy::PolicySpec read_policy(const Node& node, std::string name, const Draft& draft);
void read_serves(const Node& node, geo::RegionSpec& region);
void read_place_country(const Node& node, std::string& out);
void read_place_continent(const Node& node, std::string& out);
/// Without a country, it is the subdivision's.
void read_place_subdivision(const Node& node, std::string& out, std::string& country);
void read_as_number(const Node& node, std::uint32_t& out);
void read_endpoints(const Node& node, std::vector<policy::EndpointSpec>& endpoints, const Draft& draft);
void read_services(const Node& node, zones::ZoneSpec& zone, Draft& draft);
void read_records(const Node& node, zones::ZoneSpec& zone);
void read_soa(const Node& node, zones::ZoneSpec& zone);
/// Addresses of DNS servers; port 53 where none is written.
void read_askable(const Node& node, std::vector<base::Sourced<base::SocketAddress>>& out);
/// "on", "off", protocols, or a mapping; it replaces what `out` holds.
void read_https(const Node& node, std::optional<policy::HttpsSpec>& out);
void read_pace(const Node& node, health::GuardSpec& out);
void read_damping(const Node& node, health::GuardSpec& out);
void read_grade(const Node& node, health::GuardSpec& out);
/// "on", "off", a role, or a mapping; what `out` holds is what it starts from.
void read_dnssec(const Node& node, std::optional<zones::DnssecSpec>& out);

/// The tables of one file each, for known_keys().
void describe_transport(std::vector<MappingInfo>& out);
void describe_server(std::vector<MappingInfo>& out);
void describe_manners(std::vector<MappingInfo>& out);
void describe_geo(std::vector<MappingInfo>& out);
void describe_site(std::vector<MappingInfo>& out);
void describe_monitor(std::vector<MappingInfo>& out);
void describe_combination(std::vector<MappingInfo>& out);
void describe_policy(std::vector<MappingInfo>& out);
void describe_zone(std::vector<MappingInfo>& out);
void describe_dnssec(std::vector<MappingInfo>& out);
void describe_https(std::vector<MappingInfo>& out);
void describe_service(std::vector<MappingInfo>& out);
void describe_endpoint(std::vector<MappingInfo>& out);
void describe_region(std::vector<MappingInfo>& out);
void describe_guards(std::vector<MappingInfo>& out);
void describe_tests(std::vector<MappingInfo>& out);
void describe_feed(std::vector<MappingInfo>& out);
void describe_etcd(std::vector<MappingInfo>& out);
void describe_register(std::vector<MappingInfo>& out);
void describe_vantage(std::vector<MappingInfo>& out);

template <class Specs>
std::vector<std::string> names_of_specs(const Specs& specs) {
  std::vector<std::string> names;
  names.reserve(specs.size());
  for (const auto& spec : specs) names.push_back(spec.name);
  return names;
}

/// Whether `node`'s text names one of `specs`; else an error.
template <class Specs>
bool check_reference(const Node& node, std::string_view kind, std::string_view plural, const Specs& specs) {
  const std::string* text = node.text();
  if (text == nullptr) return false;
  if (std::any_of(specs.begin(), specs.end(), [&](const auto& spec) { return spec.name == *text; })) return true;
  node.error("no " + std::string(kind) + " is named " + in_quotes(*text),
             suggestion(*text, plural, names_of_specs(specs)));
  return false;
}

inline bool check_site(const Node& node, const Draft& draft) {
  return check_reference(node, "site", "sites", draft.config.sites);
}

}  // namespace gslb::config
