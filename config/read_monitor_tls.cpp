// monitors: certificates
#include <filesystem>

#include "config/monitor_draft.hpp"

namespace gslb::config {

namespace {

using health::ProbeKind;
using namespace std::chrono_literals;

constexpr Kinds tls_kinds{ProbeKind::https, ProbeKind::tls, ProbeKind::grpcs};

void read_existing_file(const Node& node, std::string& out) {
  if (!read_path(node, out)) return;
  std::error_code problem;
  if (!std::filesystem::is_regular_file(out, problem)) node.error("there is no file " + in_quotes(out));
}

void read_lifetime(const Node& node, std::optional<Seconds>& out) {
  Seconds value{};
  if (read_seconds(node, value, 1s, 24h * 3650)) out = value;
}

constexpr auto keys = std::to_array<MonitorKey>({
    {"verify", "true or false", "check chain and name of the certificate",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(n, tls_kinds);
       read_flag(n, d.spec.verify);
     }},
    {"ca", "PEM file", "accepted roots; without it, the system's",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(n, tls_kinds);
       read_existing_file(n, d.spec.ca_file);
     }},
    {"certificate", "PEM file", "what is shown to a server that asks for one",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(n, tls_kinds);
       read_existing_file(n, d.spec.certificate_file);
     }},
    {"key", "PEM file", "its private key, without passphrase",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(n, tls_kinds);
       read_existing_file(n, d.spec.key_file);
     }},
    {"certificate_warn", "duration", "a server's certificate that ends sooner is warned of",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(n, tls_kinds);
       read_lifetime(n, d.spec.certificate_warn);
     }},
    {"certificate_fail", "duration", "one that ends sooner fails the probe",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(n, tls_kinds);
       read_lifetime(n, d.spec.certificate_fail);
     }},
});

}  // namespace

std::span<const MonitorKey> tls_monitor_keys() { return keys; }

}  // namespace gslb::config
