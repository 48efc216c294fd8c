// monitors: what http and https ask, and what is expected of an answer
#include <algorithm>
#include <array>
#include <cctype>

#include "config/monitor_draft.hpp"
#include "health/pattern.hpp"

namespace gslb::config {

namespace {

using health::MonitorSpec;
using health::ProbeKind;

constexpr Kinds http_kinds{ProbeKind::http, ProbeKind::https};
constexpr Kinds dialogue_kinds{ProbeKind::tcp, ProbeKind::tls};

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

/// RFC 9110 section 5.6.2.
bool is_token(std::string_view text) {
  static constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || marks.find(c) != std::string_view::npos;
  });
}

void read_headers(const Node& node, MonitorSpec& spec) {
  constexpr std::array<std::string_view, 4> ours{"host", "connection", "content-length", "transfer-encoding"};
  constexpr std::size_t longest = 4096;
  for (const Node& field : node.fields()) {
    std::string lower = field.name();
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (!is_token(field.name())) {
      field.error_at_key(in_quotes(field.name()) + " is not the name of a header");
    } else if (std::ranges::find(ours, lower) != ours.end()) {
      field.error_at_key("is set by the probe itself", lower == "host" ? "host: www.example.org" : "");
    }
    const std::string* value = field.text();
    if (value == nullptr) continue;
    const bool fits = value->size() <= longest && std::all_of(value->begin(), value->end(), [](char c) {
                        const auto octet = static_cast<unsigned char>(c);
                        return octet >= ' ' ? octet != 0x7f : octet == '\t';
                      });
    if (!fits) {
      field.error(in_quotes(*value) + " is not the value of a header");
    } else {
      spec.headers.emplace_back(field.name(), *value);
    }
  }
}

void read_expected(const Node& node, MonitorSpec& spec, std::string_view what) {
  if (read_text(node, spec.expect) && spec.expect.empty()) node.error("is found in every " + std::string(what));
}

void read_pattern(const Node& node, MonitorSpec& spec) {
  constexpr std::size_t longest = 1000;
  const std::string* text = node.text();
  if (text == nullptr) return;
  if (text->size() > longest) return node.error("is longer than 1000 octets");
  auto compiled = health::Pattern::compile(*text);
  if (!compiled) return node.error(in_quotes(*text) + " is not a regular expression: " + compiled.error().what);
  if ((*compiled)->found_in("")) return node.error(in_quotes(*text) + " matches even nothing at all");
  spec.expect_pattern = std::move(*compiled);
}

constexpr auto keys = std::to_array<MonitorKey>({
    {"port", "port", "port of http (else 80), https (else 443), grpc and dns (else 53); for a command, {port}",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(n, {ProbeKind::http, ProbeKind::https, ProbeKind::grpc, ProbeKind::grpcs, ProbeKind::dns,
                      ProbeKind::command});
       std::uint16_t port = 0;
       if (read_number(n, port, 1, 65535) && !dialogue_kinds.has(d.spec.kind)) d.spec.port = port;
     }},
    {"version", "1 or 2", "of HTTP; 2 without TLS begins as HTTP/2 at once",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(n, http_kinds);
       read_number(n, d.spec.version, 1, 2);
     }},
    {"method", "HTTP method", "how `http` and `https` ask",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(n, http_kinds);
       read_choice<std::string>(n, d.spec.method,
                                {{"GET", "GET"}, {"HEAD", "HEAD"}, {"OPTIONS", "OPTIONS"}, {"POST", "POST"}});
     }},
    {"host", "host name", "Host header; without it, the address",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(n, {ProbeKind::http, ProbeKind::https, ProbeKind::grpc, ProbeKind::grpcs});
       read_host(n, d.spec.host);
     }},
    {"headers", "mapping of name to value", "sent besides `host`",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(n, http_kinds);
       read_headers(n, d.spec);
     }},
    {"status", "status code, range, or list of them", "what counts as healthy",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(n, http_kinds);
       read_status(n, d.spec);
     }},
    {"body", "text", "the body must hold this",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(n, http_kinds);
       read_expected(n, d.spec, "body");
     }},
    {"body_regex", "regular expression", "this must be found in the body; RE2's syntax",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(n, http_kinds);
       read_pattern(n, d.spec);
     }},
    {"body_limit", "number of octets", "how much of the body is read to find them",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(n, http_kinds);
       read_number(n, d.spec.expect_limit, 1, 16'000'000);
     }},
    {"follow_redirects", "true or false", "follow at most 3, to the same address only",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(n, http_kinds);
       read_flag(n, d.spec.follow_redirects);
     }},
    {"reuse", "number", "probes that share a connection before a fresh one is made",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(n, http_kinds);
       read_number(n, d.spec.reuse, 1, 1000);
     }},
    {"send", "text", "sent once the connection stands",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(n, dialogue_kinds);
       if (read_text(n, d.spec.send) && d.spec.send.empty()) n.error("sends nothing");
     }},
    {"expect", "text", "what comes back must hold this",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(n, dialogue_kinds);
       read_expected(n, d.spec, "answer");
     }},
    {"expect_regex", "regular expression", "this must be found in what comes back; RE2's syntax",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(n, dialogue_kinds);
       read_pattern(n, d.spec);
     }},
    {"expect_limit", "number of octets", "how much is read to find them",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(n, dialogue_kinds);
       read_number(n, d.spec.expect_limit, 1, 16'000'000);
     }},
    {"sni", "host name", "TLS server name; without it, `host`",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(n, {ProbeKind::https, ProbeKind::tls, ProbeKind::grpcs});
       read_host(n, d.spec.sni);
     }},
});

}  // namespace

std::span<const MonitorKey> http_monitor_keys() { return keys; }

}  // namespace gslb::config
