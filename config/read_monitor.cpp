// monitors
#include <filesystem>

#include "config/draft.hpp"
#include "config/values.hpp"

namespace gslb::config {

namespace {

using health::MonitorSpec;
using health::ProbeKind;
using namespace std::chrono_literals;

struct MonitorDraft {
  MonitorSpec spec;
  std::vector<Node> kinds;      ///< http, https and tcp as written: one is right
  std::vector<Node> http_only;  ///< keys that mean nothing to tcp
  std::vector<Node> tls_only;   ///< keys that mean nothing without TLS
  bool has_port = false;
  bool has_timeout = false;
};

bool is_visible(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

void read_http(const Node& node, MonitorDraft& draft, ProbeKind kind) {
  draft.kinds.push_back(node);
  draft.spec.kind = kind;
  const std::string* path = node.text();
  if (path == nullptr) return;
  if (!path->starts_with('/') || !is_visible(*path)) {
    node.error(in_quotes(*path) + " is not a path", "starts with / and has no spaces, such as /healthz");
  } else {
    draft.spec.path = *path;
  }
}

void read_tcp_port(const Node& node, MonitorDraft& draft) {
  draft.kinds.push_back(node);
  draft.spec.kind = ProbeKind::tcp;
  read_number(node, draft.spec.port, 1, 65535);
}

/// A host name for a header or for TLS, or an error.
void read_host(const Node& node, std::string& out) {
  std::string text;
  if (!read_text(node, text)) return;
  const auto is_allowed = [](char c) { return c > ' ' && c <= '~' && c != '/' && c != '@' && c != '"' && c != '\\'; };
  if (text.empty() || text.size() > 255 || !std::all_of(text.begin(), text.end(), is_allowed)) {
    node.error(in_quotes(text) + " is not a host name");
  } else {
    out = text;
  }
}

/// "200" or "200-299".
void read_status(const Node& node, MonitorSpec& spec) {
  spec.status.clear();
  for (const Node& item : node.items()) {
    const std::string* text = item.text();
    if (text == nullptr) continue;
    const auto dash = text->find('-');
    const auto first = parse_count(text->substr(0, dash));
    const auto last = dash == std::string::npos ? first : parse_count(text->substr(dash + 1));
    if (!first || !last || *first < 100 || *last > 599 || *first > *last) {
      item.error(in_quotes(*text) + " is not a status code", "100 to 599, or a range such as 200-299");
    } else {
      spec.status.emplace_back(static_cast<std::uint16_t>(*first), static_cast<std::uint16_t>(*last));
    }
  }
  if (node.kind() == Node::Kind::sequence && node.items().empty()) node.error("accepts no status code");
}

void read_roots(const Node& node, MonitorSpec& spec) {
  if (!read_path(node, spec.ca_file)) return;
  std::error_code problem;
  if (!std::filesystem::is_regular_file(spec.ca_file, problem))
    node.error("there is no file " + in_quotes(spec.ca_file));
}

constexpr auto keys = std::to_array<Key<MonitorDraft>>({
    {"http", "path", "GET this over HTTP", [](const Node& n, MonitorDraft& d) { read_http(n, d, ProbeKind::http); }},
    {"https", "path", "GET this over HTTPS", [](const Node& n, MonitorDraft& d) { read_http(n, d, ProbeKind::https); }},
    {"tcp", "port", "only connect to this port", read_tcp_port},
    {"port", "port", "port of http (else 80) and https (else 443)",
     [](const Node& n, MonitorDraft& d) {
       d.http_only.push_back(n);
       std::uint16_t port = 0;
       if (read_number(n, port, 1, 65535) && d.spec.kind != ProbeKind::tcp) d.spec.port = port;
     }},
    {"host", "host name", "Host header; without it, the address",
     [](const Node& n, MonitorDraft& d) {
       d.http_only.push_back(n);
       read_host(n, d.spec.host);
     }},
    {"sni", "host name", "TLS server name; without it, `host`",
     [](const Node& n, MonitorDraft& d) {
       d.tls_only.push_back(n);
       read_host(n, d.spec.sni);
     }},
    {"status", "status code, range, or list of them", "what counts as healthy",
     [](const Node& n, MonitorDraft& d) {
       d.http_only.push_back(n);
       read_status(n, d.spec);
     }},
    {"body", "text", "the body must hold this",
     [](const Node& n, MonitorDraft& d) {
       d.http_only.push_back(n);
       if (read_text(n, d.spec.body_contains) && d.spec.body_contains.empty()) n.error("is found in every body");
     }},
    {"body_limit", "number of octets", "how much of the body is read to find `body`",
     [](const Node& n, MonitorDraft& d) {
       d.http_only.push_back(n);
       read_number(n, d.spec.body_limit, 1, 16'000'000);
     }},
    {"verify", "true or false", "check chain and name of the certificate",
     [](const Node& n, MonitorDraft& d) {
       d.tls_only.push_back(n);
       read_flag(n, d.spec.verify);
     }},
    {"ca", "PEM file", "accepted roots; without it, the system's",
     [](const Node& n, MonitorDraft& d) {
       d.tls_only.push_back(n);
       read_roots(n, d.spec);
     }},
    {"follow_redirects", "true or false", "follow at most 3, to the same address only",
     [](const Node& n, MonitorDraft& d) {
       d.http_only.push_back(n);
       read_flag(n, d.spec.follow_redirects);
     }},
    {"interval", "duration", "time from one probe to the next",
     [](const Node& n, MonitorDraft& d) { read_duration(n, d.spec.interval, 100ms, 1h); }},
    {"timeout", "duration", "of a whole probe; at most `interval`",
     [](const Node& n, MonitorDraft& d) {
       d.has_timeout = true;
       if (!read_duration(n, d.spec.timeout, 10ms, 1h)) d.spec.timeout = std::min(d.spec.timeout, d.spec.interval);
       if (d.spec.timeout > d.spec.interval)
         n.error(*n.text() + " is longer than the interval of " + duration_text(d.spec.interval),
                 "at most " + duration_text(d.spec.interval));
     }},
    {"fall", "number", "failures in a row that mark an endpoint down",
     [](const Node& n, MonitorDraft& d) { read_number(n, d.spec.fall, 1, 100); }},
    {"rise", "number", "successes in a row that mark it up again",
     [](const Node& n, MonitorDraft& d) { read_number(n, d.spec.rise, 1, 100); }},
    {"jitter", "share", "each interval is longer or shorter at random by up to this",
     [](const Node& n, MonitorDraft& d) { read_share(n, d.spec.jitter, 0.5); }},
    {"agree", "majority, all, any, or number", "how many of the vantages that are heard must say down",
     [](const Node& n, MonitorDraft& d) { read_agree(n, d.spec.judging.agree); }},
    {"alone_after", "duration, or never",
     "with too few vantages heard, all of them must say down for this long, and see another site up",
     [](const Node& n, MonitorDraft& d) { read_alone_after(n, d.spec.judging.alone_after); }},
    {"correlated_hold", "duration", "a vantage that was cut off is not believed for this long when it says down",
     [](const Node& n, MonitorDraft& d) { read_correlated_hold(n, d.spec.judging.correlated_hold); }},
});
constexpr auto later = std::to_array<std::string_view>({"grpc", "dns", "icmp", "script", "vantages", "quorum"});
constexpr KeyTable<MonitorDraft> table{"monitors.*", keys, later};

}  // namespace

MonitorSpec read_monitor(const Node& node, std::string name) {
  MonitorDraft draft;
  draft.spec.name = std::move(name);
  draft.spec.where = node.where_key();
  if (!read_mapping(node, table, draft)) return draft.spec;
  if (!draft.has_timeout) draft.spec.timeout = std::min(draft.spec.timeout, draft.spec.interval);
  if (draft.kinds.empty()) node.error_at_key("needs one of http, https and tcp", "such as https: /healthz");
  for (std::size_t i = 1; i < draft.kinds.size(); ++i)
    draft.kinds[i].error_at_key("a monitor is either http, https or tcp", "write a monitor for each");
  if (draft.kinds.size() != 1) return draft.spec;
  const std::string kind = draft.kinds[0].name();
  if (draft.spec.kind == ProbeKind::tcp) {
    for (const Node& key : draft.http_only) key.error_at_key("has no meaning for " + kind);
  }
  if (draft.spec.kind != ProbeKind::https) {
    for (const Node& key : draft.tls_only) key.error_at_key("has no meaning for " + kind);
  }
  return draft.spec;
}

void read_monitors(const Node& node, Draft& draft) {
  for (const Node& field : node.fields()) {
    if (check_own_name(field) && field.name() == "none")
      field.error_at_key("no monitor can be named \"none\"", "monitor: none means not probed");
    draft.config.monitors.push_back(read_monitor(field, field.name()));
  }
  draft.named_monitors = draft.config.monitors.size();
}

void describe_monitor(std::vector<MappingInfo>& out) { out.push_back(describe(table)); }

}  // namespace gslb::config
