#include "health/target.hpp"

#include <array>

#include "base/hash.hpp"
#include "health/observation.hpp"

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
  }
  return "";
}

constexpr std::array verdict_names{std::string_view("unknown"), std::string_view("up"), std::string_view("down")};

}  // namespace

std::uint16_t effective_port(const MonitorSpec& monitor) noexcept {
  if (monitor.port != 0 || monitor.kind == ProbeKind::tcp) return monitor.port;
  return monitor.kind == ProbeKind::https ? 443 : 80;
}

std::string Target::key() const {
  const bool tls = monitor.kind == ProbeKind::https || (monitor.kind == ProbeKind::http && monitor.follow_redirects);
  std::string key = base::to_string(address);
  ((key += ' ') += to_string(monitor.kind)) += ' ';
  key += std::to_string(effective_port(monitor));
  if (monitor.kind == ProbeKind::tcp) return key;
  append_word(key += ' ', monitor.path);
  append_setting(key, "host", monitor.host);
  append_setting(key, "status", status_text(monitor));
  if (!monitor.body_contains.empty()) {
    append_setting(key, "body", monitor.body_contains);
    append_setting(key, "limit", std::to_string(monitor.body_limit));
  }
  if (tls) {
    append_setting(key, "sni", monitor.sni);
    append_setting(key, "ca", monitor.ca_file);
    if (!monitor.verify) append_setting(key, "verify", "no");
  }
  if (monitor.follow_redirects) append_setting(key, "redirects", "yes");
  return key;
}

std::uint64_t Target::id() const { return base::hash_bytes(key()); }

std::string Target::probe_key() const {
  std::string text = key();
  append_setting(text, "interval", std::to_string(monitor.interval.count()));
  append_setting(text, "timeout", std::to_string(monitor.timeout.count()));
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
