#include "health/target.hpp"

#include <array>
#include <chrono>
#include <cstdio>

#include "base/hash.hpp"
#include "health/observation.hpp"
#include "health/pattern.hpp"

namespace gslb::health {
namespace {

/// Writes a value as one word, so that no value can look like two: what is not plain is written as %NN.
void append_word(std::string& key, std::string_view value) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const char c : value) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet > 0x20 && octet < 0x7f && c != '%') {
      key += c;
    } else {
      key += {'%', digits[octet >> 4], digits[octet & 15]};
    }
  }
}

void append_setting(std::string& key, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  ((key += ' ') += name) += '=';
  append_word(key, value);
}

std::string status_text(const MonitorSpec& monitor) {
  std::string text;
  for (const auto& [first, last] : monitor.status) {
    if (!text.empty()) text += ',';
    text += std::to_string(first);
    if (last != first) (text += '-') += std::to_string(last);
  }
  return text;
}

std::string_view to_string(ProbeKind kind) {
  switch (kind) {
    case ProbeKind::http:
      return "http";
    case ProbeKind::https:
      return "https";
    case ProbeKind::tcp:
      return "tcp";
    case ProbeKind::tls:
      return "tls";
    case ProbeKind::icmp:
      return "icmp";
    case ProbeKind::dns:
      return "dns";
    case ProbeKind::command:
      return "command";
    case ProbeKind::push:
      return "push";
    case ProbeKind::grpc:
      return "grpc";
    case ProbeKind::grpcs:
      return "grpcs";
  }
  return "";
}

constexpr std::array verdict_names{std::string_view("unknown"), std::string_view("up"), std::string_view("down")};

}  // namespace

std::uint16_t effective_port(const MonitorSpec& monitor) noexcept {
  constexpr std::uint16_t http_port = 80, https_port = 443, dns_port = 53;
  if (monitor.port != 0) return monitor.port;
  switch (monitor.kind) {
    case ProbeKind::http:
      return http_port;
    case ProbeKind::https:
      return https_port;
    case ProbeKind::dns:
      return dns_port;
    default:
      return 0;
  }
}

namespace {

void append_http(std::string& key, const MonitorSpec& monitor) {
  append_word(key += ' ', monitor.path);
  if (monitor.version != 1) append_setting(key, "version", std::to_string(monitor.version));
  if (monitor.method != "GET") append_setting(key, "method", monitor.method);
  append_setting(key, "host", monitor.host);
  for (const auto& [name, value] : monitor.headers) {
    append_setting(key, "header", name);
    append_word(key += '=', value);
  }
  append_setting(key, "status", status_text(monitor));
  if (monitor.follow_redirects) append_setting(key, "redirects", "yes");
  if (monitor.reuse > 1) append_setting(key, "reuse", std::to_string(monitor.reuse));
}

void append_expected(std::string& key, const MonitorSpec& monitor) {
  append_setting(key, "body", monitor.expect);
  if (monitor.expect_pattern) append_setting(key, "match", monitor.expect_pattern->text());
  if (!monitor.expect.empty() || monitor.expect_pattern)
    append_setting(key, "limit", std::to_string(monitor.expect_limit));
}

void append_tls(std::string& key, const MonitorSpec& monitor) {
  append_setting(key, "sni", monitor.sni);
  append_setting(key, "ca", monitor.ca_file);
  append_setting(key, "certificate", monitor.certificate_file);
  append_setting(key, "key", monitor.key_file);
  if (!monitor.verify) append_setting(key, "verify", "no");
  if (monitor.certificate_fail)
    append_setting(key, "days",
                   std::to_string(std::chrono::floor<std::chrono::days>(*monitor.certificate_fail).count()));
}

void append_dns(std::string& key, const DnsQuestion& question) {
  append_word(key += ' ', question.name);
  (key += ' ') += std::to_string(question.type);
  for (const std::uint16_t rcode : question.rcodes) append_setting(key, "rcode", std::to_string(rcode));
  for (const std::string& answer : question.answers) append_setting(key, "answer", answer);
  if (question.recursion_desired) append_setting(key, "recursion", "yes");
}

void append_command(std::string& key, const CommandSpec& command) {
  for (const std::string& word : command.words) append_setting(key, "word", word.empty() ? "%" : word);
  append_setting(key, "user", command.user);
}

}  // namespace

std::string Target::key() const {
  std::string key = base::to_string(address);
  (key += ' ') += to_string(monitor.kind);
  if (waits_for_pushes(monitor)) {  // nothing else tells two of them apart
    append_word(key += ' ', monitor.name);
    return key;
  }
  if (monitor.kind != ProbeKind::icmp) (key += ' ') += std::to_string(effective_port(monitor));
  switch (monitor.kind) {
    case ProbeKind::http:
    case ProbeKind::https:
      append_http(key, monitor);
      break;
    case ProbeKind::tcp:
    case ProbeKind::tls:
      append_setting(key, "send", monitor.send);
      break;
    case ProbeKind::icmp:
      break;
    case ProbeKind::dns:
      append_dns(key, monitor.question);
      break;
    case ProbeKind::command:
      append_command(key, monitor.command);
      break;
    case ProbeKind::push:
      break;
    case ProbeKind::grpc:
    case ProbeKind::grpcs:
      append_setting(key, "service", monitor.grpc_service);
      append_setting(key, "host", monitor.host);
      break;
  }
  append_expected(key, monitor);
  const bool may_be_led_to_tls = monitor.kind == ProbeKind::http && monitor.follow_redirects;
  if (speaks_tls(monitor) || may_be_led_to_tls) append_tls(key, monitor);
  return key;
}

std::uint64_t Target::id() const { return base::hash_bytes(key()); }

std::string Target::probe_key() const {
  std::string text = key();
  append_setting(text, "interval", std::to_string(monitor.interval.count()));
  const auto append_duration = [&text](std::string_view name, const auto& duration) {
    if (duration) append_setting(text, name, std::to_string(duration->count()));
  };
  append_duration("fastinter", monitor.fastinter);
  append_duration("downinter", monitor.downinter);
  append_setting(text, "timeout", std::to_string(monitor.timeout.count()));
  append_duration("connect_timeout", monitor.connect_timeout);
  append_duration("certificate_warn", monitor.certificate_warn);
  append_setting(text, "jitter", std::to_string(monitor.jitter));
  append_setting(text, "fall", std::to_string(monitor.fall));
  append_setting(text, "rise", std::to_string(monitor.rise));
  return text;
}

std::string_view to_string(Verdict verdict) { return verdict_names[static_cast<std::size_t>(verdict)]; }

std::optional<Verdict> parse_verdict(std::string_view text) {
  for (std::size_t i = 0; i < verdict_names.size(); ++i) {
    if (verdict_names[i] == text) return static_cast<Verdict>(i);
  }
  return std::nullopt;
}

std::string to_string(const PhaseTimes& times) {
  std::string out;
  for (const auto& [name, phase] : timed_phases) {
    const base::Duration took = times.*phase;
    if (took.count() == 0) continue;
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), " %.1fms", std::chrono::duration<double, std::milli>(took).count());
    if (!out.empty()) out += ", ";
    (out += name) += text.data();
  }
  return out;
}

std::string_view to_string(Phase phase) {
  switch (phase) {
    case Phase::connect:
      return "connect";
    case Phase::tls:
      return "tls";
    case Phase::send:
      return "send";
    case Phase::status:
      return "status";
    case Phase::body:
      return "body";
    case Phase::timeout:
      return "timeout";
    case Phase::passed:
      return "passed";
  }
  return "";
}

}  // namespace gslb::health
