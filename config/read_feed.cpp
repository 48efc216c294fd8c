// feeds
#include "config/draft.hpp"
#include "config/values.hpp"

namespace gslb::config {

namespace {

using health::FeedKind;
using health::FeedSpec;

/// What one entry of `feeds` is read into.
struct FeedEntry {
  FeedSpec spec;
  const Draft* draft;
  unsigned kinds = 0;  ///< that it is of; one is right
};

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// "http://192.0.2.1:8404/stats;csv", "https://…", "unix:/run/haproxy/admin.sock", "tcp://192.0.2.1:9999".
void read_url(const Node& node, FeedEntry& entry, FeedKind kind) {
  ++entry.kinds;
  FeedSpec& spec = entry.spec;
  spec.kind = kind;
  const std::string* text = node.text();
  if (text == nullptr) return;
  std::string_view rest = *text;
  const bool has_runtime_api = kind == FeedKind::haproxy;
  const bool agent = kind == FeedKind::agent;
  if (take(rest, "unix:")) {
    spec.unix_path = rest;
    spec.plain = has_runtime_api || agent;
    if (!rest.starts_with('/')) node.error(in_quotes(*text) + " has no path", "unix:/run/haproxy/admin.sock");
    return;
  }
  spec.tls = !agent && take(rest, "https://");
  spec.plain = !spec.tls && (has_runtime_api || agent) && take(rest, "tcp://");
  if (!spec.tls && !spec.plain && (agent || !take(rest, "http://"))) {
    node.error(in_quotes(*text) + " is no address of a feed",
               agent             ? "tcp://ADDRESS:PORT or unix:/PATH"
               : has_runtime_api ? "http://ADDRESS:PORT/PATH, or unix:/PATH or tcp://ADDRESS:PORT for the Runtime API"
                                 : "http://ADDRESS:PORT/PATH, https://… or unix:/PATH");
    return;
  }
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  const std::string_view where = rest.substr(0, slash);
  const std::string_view target = rest.substr(slash);
  const auto address = base::parse_socket_address(where);
  const bool in_brackets = where.starts_with('[') && where.ends_with(']');
  const auto bare = base::parse_address(in_brackets ? where.substr(1, where.size() - 2) : where);
  if (address && address->port != 0) {
    spec.to = *address;
  } else if (bare && !spec.plain) {
    spec.to = {*bare, static_cast<std::uint16_t>(spec.tls ? 443 : 80)};
  } else {
    node.error(in_quotes(where) + " is not an address with a port", "192.0.2.1:8404; a name goes into `host`");
  }
  const auto allowed = [](char c) { return c > ' ' && c <= '~'; };
  if (spec.plain && !target.empty()) node.error(in_quotes(target) + " is too much", "only HTTP has paths");
  if (!std::all_of(target.begin(), target.end(), allowed)) node.error(in_quotes(target) + " is no path");
  if (target.size() > 1) spec.target = target;
}

template <FeedKind kind>
void read_kind(const Node& node, FeedEntry& entry) {
  read_url(node, entry, kind);
}

void read_object(const Node& node, FeedEntry& entry) {
  if (read_text(node, entry.spec.object) && entry.spec.object.empty()) node.error("is empty");
}

constexpr auto keys = std::to_array<Key<FeedEntry>>({
    {"site", "site", "which it tells of; the vantages of that site ask it",
     [](const Node& n, FeedEntry& e) {
       if (check_site(n, *e.draft)) read_text(n, e.spec.site);
     },
     true},
    {"haproxy", "URL", "statistics over HTTP, or the Runtime API (`unix:` or `tcp:`)", read_kind<FeedKind::haproxy>},
    {"page", "URL", "JSON of one balancer, as the snippets for HAProxy and nginx give it", read_kind<FeedKind::page>},
    {"stub_status", "URL", "nginx's stub_status; it tells of load only", read_kind<FeedKind::stub_status>},
    {"envoy", "URL", "Envoy's admin interface", read_kind<FeedKind::envoy>},
    {"consul", "URL", "Consul's HTTP API", read_kind<FeedKind::consul>},
    {"nacos", "URL", "Nacos", read_kind<FeedKind::nacos>},
    {"eureka", "URL", "Eureka; its path is that before `/apps`", read_kind<FeedKind::eureka>},
    {"kubernetes", "URL", "Kubernetes' API; EndpointSlices are read", read_kind<FeedKind::kubernetes>},
    {"etcd", "URL", "etcd's HTTP gateway; what is registered below a prefix", read_kind<FeedKind::etcd>},
    {"prometheus", "URL", "an instant query, whose value is the share of the site's capacity in use",
     read_kind<FeedKind::prometheus>},
    {"agent", "URL", "what answers HAProxy's agent-check (`tcp:` or `unix:`); `of` is what is said to it, if anything",
     read_kind<FeedKind::agent>},
    {"of", "text", "the backend, cluster, service, application, prefix or query that is looked at", read_object},
    {"namespace", "text", "of Kubernetes or Nacos; Consul's data center",
     [](const Node& n, FeedEntry& e) { read_text(n, e.spec.space); }},
    {"api", "number", "Nacos' version of its API",
     [](const Node& n, FeedEntry& e) { read_number(n, e.spec.api, 1, 3); }},
    {"services", "service, or list of them", "which of the site's services it is about; without it, all",
     [](const Node& n, FeedEntry& e) {
       for (const Node& item : n.items()) {
         std::string name;
         if (!read_text(item, name)) continue;
         if (name.ends_with('.')) name.pop_back();
         e.spec.services.push_back(std::move(name));
       }
     }},
    {"host", "host name", "Host header, and whom the certificate is for; without it, the address",
     [](const Node& n, FeedEntry& e) { read_text(n, e.spec.host); }},
    {"ca", "file", "who signs its certificate, PEM; without it, the system's store",
     [](const Node& n, FeedEntry& e) { read_path(n, e.spec.ca); }},
    {"token_file", "file", "its first line is the token that is shown; read each time",
     [](const Node& n, FeedEntry& e) { read_path(n, e.spec.secret_file); }},
    {"interval", "duration", "how often it is asked",
     [](const Node& n, FeedEntry& e) { read_duration(n, e.spec.interval, Milliseconds{500}, Milliseconds{600'000}); }},
    {"timeout", "duration", "until the whole answer is there",
     [](const Node& n, FeedEntry& e) { read_duration(n, e.spec.timeout, Milliseconds{100}, Milliseconds{60'000}); }},
    {"hold", "duration", "how long what it said last counts once it is silent",
     [](const Node& n, FeedEntry& e) { read_duration(n, e.spec.hold, Milliseconds{1000}, Milliseconds{3'600'000}); }},
});
constexpr KeyTable<FeedEntry> table{"feeds.*", keys};

/// Kinds that look at one thing among several need to be told at which.
bool needs_object(FeedKind kind) {
  return kind != FeedKind::page && kind != FeedKind::stub_status && kind != FeedKind::agent;
}

bool is_service(const Draft& draft, const std::string& name) {
  for (const zones::ZoneSpec& zone : draft.config.zones) {
    std::string apex = zone.apex.value.to_string();
    if (apex.ends_with('.')) apex.pop_back();
    for (const policy::ServiceSpec& service : zone.services) {
      const std::string& own = service.name.value;
      std::string whole = own == "@" ? "" : own + ".";
      if (name == (whole += apex)) return true;
    }
  }
  return false;
}

}  // namespace

/// Stands below `zones` in the table of the top level, so services are known.
void read_feeds(const Node& node, Draft& draft) {
  for (const Node& field : node.fields()) {
    FeedEntry entry{{}, &draft};
    entry.spec.name = field.name();
    entry.spec.where = field.where_key();
    check_own_name(field);
    if (!read_mapping(field, table, entry)) continue;
    if (entry.kinds != 1) {
      field.error_at_key(
          entry.kinds == 0 ? "says not what is asked" : "asks in several ways",
          "one of haproxy, page, stub_status, envoy, consul, nacos, eureka, kubernetes, etcd, prometheus, agent");
    } else if (needs_object(entry.spec.kind) && entry.spec.object.empty()) {
      field.error_at_key("needs `of`", "which of the things it knows is looked at");
    }
    for (const std::string& service : entry.spec.services) {
      if (!is_service(draft, service))
        field.error_at_key("has no service named " + in_quotes(service), "its whole name");
    }
    if (entry.spec.kind == FeedKind::nacos && entry.spec.api == 0) entry.spec.api = 2;
    draft.config.feeds.push_back(std::move(entry.spec));
  }
}

void describe_feed(std::vector<MappingInfo>& out) { out.push_back(describe(table)); }

}  // namespace gslb::config
