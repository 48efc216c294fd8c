#include "config/draft.hpp"
#include "config/values.hpp"

namespace gslb::config {

namespace {

constexpr auto keys = std::to_array<Key<Draft>>({
    {"include", "pattern, or list of them", "further YAML files, from the folder of this one",
     [](const Node&, Draft&) {}},
    {"listen", "address with port, or list of them", "where queries are answered, over UDP and TCP", read_listen},
    {"threads", "number", "threads that answer UDP; 0 is one for each core",
     [](const Node& n, Draft& d) { read_number(n, d.config.server.threads, 0, 1024); }},
    {"state", "folder", "where what must survive a restart is kept; none keeps nothing",
     [](const Node& n, Draft& d) {
       d.config.server.state.where = n.where();
       std::string text;
       if (read_text(n, text) && text != "none") read_path(n, d.config.server.state.value);
     }},
    {"control", "mapping", "how gslbctl reaches the server", read_control},
    {"agent", "address with port, or list of them", "where the agent-check of HAProxy asks about sites, over TCP",
     read_agent},
    {"tcp", "mapping", "limits of TCP and TLS", read_tcp},
    {"tls", "mapping", "DNS over TLS", read_tls},
    {"proxy", "mapping", "listeners behind proxies that say who the client is", read_proxy},
    {"cookies", "mapping, or none", "DNS cookies, by which clients prove their address", read_cookies},
    {"rate_limit", "mapping, or none", "how much a network gets over UDP, where addresses can be forged",
     read_rate_limit},
    {"nsid", "text", "which server this is, for clients that ask with NSID", read_nsid},
    {"chaos", "mapping", "what this server says of itself in class CH", read_chaos},
    {"resolvers", "address, or list of them",
     "recursive resolvers, asked for the addresses of endpoints that are hosts",
     [](const Node& n, Draft& d) { read_askable(n, d.config.server.resolvers); }},
    {"log", "mapping", "what is logged and how", read_log},
    {"geo", "mapping", "where clients are", read_geo},
    {"sites", "mapping of name to site", "data centers and cloud regions", read_sites},
    {"vantages", "mapping of name to vantage", "all that probe and report to each other, name servers and probers",
     read_vantages},
    {"vantage", "mapping", "which of them this is", read_vantage},
    {"etcd", "mapping", "a store that all name servers share", read_etcd},
    {"register", "mapping", "where this server registers itself as a service", read_register},
    {"monitors", "mapping of name to monitor", "how endpoints are probed", read_monitors},
    {"policies", "mapping of name to list of filters", "how endpoints are chosen", read_policies},
    {"defaults", "mapping", "what every service starts from", read_defaults},
    {"zones", "mapping of name to zone", "what this server is authoritative for", read_zones, true},
    {"feeds", "mapping of name to feed", "what the sites' balancers and registries are asked", read_feeds},
    {"tests", "list of tests", "questions whose answers gslbctl check looks at", read_tests},
});

constexpr auto later = std::to_array<std::string_view>({"peers", "automation"});

constexpr KeyTable<Draft> table{"", keys, later};

}  // namespace

void read_top(const Node& root, Draft& draft) {
  if (root.kind() == Node::Kind::null) {
    root.error("is empty: there is nothing to serve");
  } else {
    read_mapping(root, table, draft);
  }
}

std::vector<MappingInfo> known_keys() {
  std::vector<MappingInfo> out{describe(table)};
  describe_transport(out);
  describe_server(out);
  describe_manners(out);
  describe_geo(out);
  describe_site(out);
  describe_monitor(out);
  describe_combination(out);
  describe_policy(out);
  describe_service(out);
  describe_https(out);
  describe_guards(out);
  describe_endpoint(out);
  describe_region(out);
  describe_zone(out);
  describe_dnssec(out);
  describe_tests(out);
  describe_vantage(out);
  describe_etcd(out);
  describe_feed(out);
  describe_register(out);
  return out;
}

}  // namespace gslb::config
