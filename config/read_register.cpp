// register
#include "config/draft.hpp"
#include "config/values.hpp"

namespace gslb::config {

namespace {

using health::RegistrationSpec;

/// "http://127.0.0.1:8500"
void read_agent_url(const Node& node, RegistrationSpec& spec) {
  const std::string* text = node.text();
  if (text == nullptr) return;
  std::string_view rest = *text;
  spec.tls = rest.starts_with("https://");
  const std::string_view scheme = spec.tls ? "https://" : "http://";
  if (!rest.starts_with(scheme)) return node.error(in_quotes(*text) + " is no URL", "http://127.0.0.1:8500");
  rest.remove_prefix(scheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  const auto address = base::parse_socket_address(rest);
  if (!address || address->port == 0)
    return node.error(in_quotes(*text) + " has no address with a port",
                      "http://127.0.0.1:8500; a name goes into `host`");
  spec.to = *address;
}

constexpr auto keys = std::to_array<Key<RegistrationSpec>>({
    {"consul", "URL", "the machine's Consul agent", read_agent_url, true},
    {"name", "text", "of the service", [](const Node& n, RegistrationSpec& r) { read_text(n, r.name); }},
    {"id", "text", "of this instance; without it, its name and the machine's",
     [](const Node& n, RegistrationSpec& r) { read_text(n, r.id); }},
    {"address", "address", "where others find it; without it, the agent's",
     [](const Node& n, RegistrationSpec& r) {
       base::IpAddress address;
       if (read_address(n, address)) r.address = base::to_string(address);
     }},
    {"port", "number", "where others find it",
     [](const Node& n, RegistrationSpec& r) { read_number(n, r.port, 1, 65535); }},
    {"tags", "text, or list of them", "of the service",
     [](const Node& n, RegistrationSpec& r) {
       for (const Node& item : n.items()) read_text(item, r.tags.emplace_back());
     }},
    {"ttl", "duration",
     "how soon Consul finds it critical once it says nothing; it says something three times as often",
     [](const Node& n, RegistrationSpec& r) { read_seconds(n, r.ttl, Seconds{3}, Seconds{3600}); }},
    {"host", "host name", "Host header, and whom the agent's certificate is for; without it, the address",
     [](const Node& n, RegistrationSpec& r) { read_text(n, r.host); }},
    {"ca", "file", "who signs the agent's certificate, PEM; without it, the system's store",
     [](const Node& n, RegistrationSpec& r) { read_path(n, r.ca); }},
    {"token_file", "file", "its first line is the token that is shown; read each time",
     [](const Node& n, RegistrationSpec& r) { read_path(n, r.token_file); }},
});
constexpr KeyTable<RegistrationSpec> table{"register", keys};

}  // namespace

void read_register(const Node& node, Draft& draft) {
  RegistrationSpec spec;
  if (read_mapping(node, table, spec)) draft.config.registration = std::move(spec);
}

void describe_register(std::vector<MappingInfo>& out) { out.push_back(describe(table)); }

}  // namespace gslb::config
