// etcd
#include "config/draft.hpp"
#include "config/values.hpp"

namespace gslb::config {

namespace {

using health::EtcdSpec;

constexpr auto tls_keys = std::to_array<Key<EtcdSpec>>({
    {"name", "text", "whom the endpoints' certificates are for; without it, their addresses",
     [](const Node& n, EtcdSpec& e) { read_text(n, e.name); }},
    {"ca", "file", "who signs the endpoints' certificates, PEM",
     [](const Node& n, EtcdSpec& e) { read_path(n, e.ca); }},
    {"certificate", "file", "what is shown to endpoints that ask for a certificate, PEM",
     [](const Node& n, EtcdSpec& e) { read_path(n, e.certificate); }},
    {"key", "file", "its private key, PEM", [](const Node& n, EtcdSpec& e) { read_path(n, e.key); }},
});
constexpr KeyTable<EtcdSpec> tls_table{"etcd.tls", tls_keys};

void read_endpoints(const Node& node, EtcdSpec& etcd) {
  for (const Node& item : node.items()) {
    base::SocketAddress address;
    if (!read_socket_address(item, address)) continue;
    if (std::ranges::find(etcd.endpoints, address) != etcd.endpoints.end()) {
      item.error("is already in the list");
    } else {
      etcd.endpoints.push_back(address);
    }
  }
}

constexpr auto keys = std::to_array<Key<EtcdSpec>>({
    {"endpoints", "address with port, or list of them", "the members' client ports", read_endpoints, true},
    {"tls", "mapping, or true", "speak TLS to them",
     [](const Node& n, EtcdSpec& e) {
       e.tls = true;
       if (n.kind() == Node::Kind::mapping) {
         read_mapping(n, tls_table, e);
         if (e.certificate.empty() != e.key.empty()) n.error("needs `certificate` and `key`, or neither");
       } else {
         read_flag(n, e.tls);
       }
     }},
    {"user", "text", "whom to log in as", [](const Node& n, EtcdSpec& e) { read_text(n, e.user); }},
    {"password_file", "file", "its first line is the password; read at each log-in",
     [](const Node& n, EtcdSpec& e) { read_path(n, e.password_file); }},
});
constexpr KeyTable<EtcdSpec> table{"etcd", keys};

}  // namespace

void read_etcd(const Node& node, Draft& draft) {
  EtcdSpec etcd;
  if (!read_mapping(node, table, etcd)) return;
  if (etcd.user.empty() != etcd.password_file.empty())
    node.error_at_key("needs `user` and `password_file`, or neither");
  etcd.where = node.where();
  draft.config.etcd = std::move(etcd);
}

void describe_etcd(std::vector<MappingInfo>& out) {
  out.push_back(describe(table));
  out.push_back(describe(tls_table));
}

}  // namespace gslb::config
