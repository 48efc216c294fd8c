// monitors: their kinds, and what all kinds have
#include <algorithm>

#include "config/monitor_draft.hpp"

namespace gslb::config {

namespace {

using health::MonitorSpec;
using health::ProbeKind;
using namespace std::chrono_literals;

bool is_visible(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

void begin(const Node& node, MonitorDraft& draft, ProbeKind kind) {
  draft.kinds.push_back(node);
  draft.spec.kind = kind;
}

void read_http(const Node& node, MonitorDraft& draft, ProbeKind kind) {
  begin(node, draft, kind);
  const std::string* path = node.text();
  if (path == nullptr) return;
  if (!path->starts_with('/') || !is_visible(*path)) {
    node.error(in_quotes(*path) + " is not a path", "starts with / and has no spaces, such as /healthz");
  } else {
    draft.spec.path = *path;
  }
}

void read_grpc(const Node& node, MonitorDraft& draft, ProbeKind kind) {
  constexpr std::size_t longest = 200;
  begin(node, draft, kind);
  const std::string* service = node.text();
  if (service == nullptr) return;
  if (service->size() > longest || (!service->empty() && !is_visible(*service))) {
    node.error(in_quotes(*service) + " is not the name of a service",
               "such as example.v1.Shop, or \"\" for the server");
  } else {
    draft.spec.grpc_service = *service;
  }
}

void read_port_of(const Node& node, MonitorDraft& draft, ProbeKind kind) {
  begin(node, draft, kind);
  read_number(node, draft.spec.port, 1, 65535);
}

void read_icmp(const Node& node, MonitorDraft& draft) {
  begin(node, draft, ProbeKind::icmp);
  bool echo = false;
  read_choice<bool>(node, echo, {{"echo", true}});
}

void read_dns(const Node& node, MonitorDraft& draft) {
  begin(node, draft, ProbeKind::dns);
  dns::Name name;
  if (read_name(node, dns::Name(), name)) draft.spec.question.name = name.to_string();
}

void read_command(const Node& node, MonitorDraft& draft) {
  begin(node, draft, ProbeKind::command);
  for (const Node& item : node.items()) {
    if (const std::string* word = item.text()) draft.spec.command.words.push_back(*word);
  }
  if (draft.spec.command.words.empty()) {
    if (node.kind() == Node::Kind::sequence) node.error("needs a program");
  } else if (!draft.spec.command.words[0].starts_with('/')) {
    node.error(in_quotes(draft.spec.command.words[0]) + " is not an absolute path",
               "there is no shell; write the program and its arguments as a list");
  }
}

/// Each push decides by itself, and the next one is not asked for: the deadline is all its timing.
void read_push(const Node& node, MonitorDraft& draft) {
  begin(node, draft, ProbeKind::push);
  draft.spec.fall = draft.spec.rise = 1;
  draft.spec.jitter = 0;
  read_duration(node, draft.spec.interval, 1s, 24h);
}

constexpr Kinds all_but_push{ProbeKind::http, ProbeKind::https, ProbeKind::tcp,     ProbeKind::tls,  ProbeKind::icmp,
                             ProbeKind::dns,  ProbeKind::grpc,  ProbeKind::command, ProbeKind::grpcs};

/// A duration of its own in the place of `interval`.
void read_other_interval(const Node& node, MonitorDraft& draft, std::optional<Milliseconds>& out) {
  draft.only_for(node, all_but_push);
  Milliseconds value{};
  if (read_duration(node, value, 100ms, 1h)) out = value;
}

void read_at_most(const Node& node, Milliseconds& out, Milliseconds lowest, std::string_view what,
                  Milliseconds highest) {
  if (!read_duration(node, out, lowest, 1h)) {
    out = std::min(out, highest);
  } else if (out > highest) {
    node.error(*node.text() + " is longer than the " + std::string(what) + " of " + duration_text(highest),
               "at most " + duration_text(highest));
  }
}

constexpr auto kinds = std::to_array<MonitorKey>({
    {"http", "path", "ask for this over HTTP",
     [](const Node& n, MonitorDraft& d) { read_http(n, d, ProbeKind::http); }},
    {"https", "path", "ask for this over HTTPS",
     [](const Node& n, MonitorDraft& d) { read_http(n, d, ProbeKind::https); }},
    {"grpc", "name of a service, or \"\"", "ask grpc.health.v1.Health of it",
     [](const Node& n, MonitorDraft& d) { read_grpc(n, d, ProbeKind::grpc); }},
    {"grpcs", "name of a service, or \"\"", "the same over TLS",
     [](const Node& n, MonitorDraft& d) { read_grpc(n, d, ProbeKind::grpcs); }},
    {"tcp", "port", "connect to this port", [](const Node& n, MonitorDraft& d) { read_port_of(n, d, ProbeKind::tcp); }},
    {"tls", "port", "connect to this port and shake hands",
     [](const Node& n, MonitorDraft& d) { read_port_of(n, d, ProbeKind::tls); }},
    {"icmp", "echo", "await an echo", read_icmp},
    {"dns", "domain name", "ask for this over DNS", read_dns},
    {"command", "list of program and arguments", "run this; its exit code says how it is", read_command},
    {"push", "duration", "the service says how it is by `gslbctl push` or the control API, at least so often",
     read_push},
});

constexpr auto timing = std::to_array<MonitorKey>({
    {"interval", "duration", "time from one probe to the next",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(n, all_but_push);
       read_duration(n, d.spec.interval, 100ms, 1h);
     }},
    {"fastinter", "duration", "the same while a count towards another verdict is under way",
     [](const Node& n, MonitorDraft& d) { read_other_interval(n, d, d.spec.fastinter); }},
    {"downinter", "duration", "the same while down",
     [](const Node& n, MonitorDraft& d) { read_other_interval(n, d, d.spec.downinter); }},
    {"timeout", "duration", "of a whole probe; at most `interval`",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(n, all_but_push);
       d.has_timeout = true;
       read_at_most(n, d.spec.timeout, 10ms, "interval", d.spec.interval);
     }},
    {"connect_timeout", "duration", "of its connection alone; at most `timeout`",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(
           n, {ProbeKind::http, ProbeKind::https, ProbeKind::grpc, ProbeKind::grpcs, ProbeKind::tcp, ProbeKind::tls});
       d.spec.connect_timeout = 10ms;
       const Milliseconds longest = d.has_timeout ? d.spec.timeout : std::min(d.spec.timeout, d.spec.interval);
       read_at_most(n, *d.spec.connect_timeout, 10ms, "timeout", longest);
     }},
    {"fall", "number", "failures in a row that mark an endpoint down",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(n, all_but_push);
       read_number(n, d.spec.fall, 1, 100);
     }},
    {"rise", "number", "successes in a row that mark it up again",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(n, all_but_push);
       read_number(n, d.spec.rise, 1, 100);
     }},
    {"jitter", "share", "each interval is longer or shorter at random by up to this",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(n, all_but_push);
       read_share(n, d.spec.jitter, 0.5);
     }},
    {"agree", "majority, all, any, or number", "how many of the vantages that are heard must say down",
     [](const Node& n, MonitorDraft& d) { read_agree(n, d.spec.judging.agree); }},
    {"alone_after", "duration, or never",
     "with too few vantages heard, all of them must say down for this long, and see another site up",
     [](const Node& n, MonitorDraft& d) { read_alone_after(n, d.spec.judging.alone_after); }},
    {"correlated_hold", "duration", "a vantage that was cut off is not believed for this long when it says down",
     [](const Node& n, MonitorDraft& d) { read_correlated_hold(n, d.spec.judging.correlated_hold); }},
});
constexpr auto later = std::to_array<std::string_view>({"vantages", "quorum"});

const KeyTable<MonitorDraft>& table() {
  static const auto keys = [] {
    std::vector<MonitorKey> out;
    for (const auto part : {std::span<const MonitorKey>(kinds), http_monitor_keys(), tls_monitor_keys(),
                            other_monitor_keys(), std::span<const MonitorKey>(timing)})
      out.insert(out.end(), part.begin(), part.end());
    return out;
  }();
  static const KeyTable<MonitorDraft> all{"monitors.*", keys, later};
  return all;
}

/// What no key can see by itself.
void check_whole(const Node& node, const MonitorSpec& spec) {
  if (spec.kind == ProbeKind::dns && spec.question.name.empty()) return;
  if ((spec.kind == ProbeKind::grpc || spec.kind == ProbeKind::grpcs) && spec.port == 0)
    node.error_at_key("needs a port", "port: 50051");
  if (spec.version == 2 && spec.reuse > 1)
    node.error_at_key("reuses connections of HTTP/1.1 only", "version: 2 without reuse");
  if (spec.certificate_file.empty() != spec.key_file.empty())
    node.error_at_key("needs both \"certificate\" and \"key\", or neither");
  if (spec.certificate_warn && spec.certificate_fail && *spec.certificate_warn <= *spec.certificate_fail)
    node.error_at_key("warns of a certificate no sooner than it fails", "certificate_warn: 21d, certificate_fail: 3d");
}

}  // namespace

MonitorSpec read_monitor(const Node& node, std::string name) {
  MonitorDraft draft;
  draft.spec.name = std::move(name);
  draft.spec.where = node.where_key();
  if (!read_mapping(node, table(), draft)) return draft.spec;
  if (!draft.has_timeout) draft.spec.timeout = std::min(draft.spec.timeout, draft.spec.interval);
  if (draft.kinds.empty())
    node.error_at_key("needs one of http, https, grpc, grpcs, tcp, tls, icmp, dns, command and push",
                      "such as https: /healthz");
  for (std::size_t i = 1; i < draft.kinds.size(); ++i)
    draft.kinds[i].error_at_key("a monitor has one kind, and this is already " + draft.kinds[0].name(),
                                "write a monitor for each");
  if (draft.kinds.size() != 1) return draft.spec;
  for (const auto& [key, meant_for] : draft.limited) {
    if (!meant_for.has(draft.spec.kind)) key.error_at_key("has no meaning for " + draft.kinds[0].name());
  }
  check_whole(node, draft.spec);
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

void describe_monitor(std::vector<MappingInfo>& out) { out.push_back(describe(table())); }

}  // namespace gslb::config
