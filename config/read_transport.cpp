// listen, agent, tcp, tls, proxy
#include "config/draft.hpp"
#include "config/values.hpp"

namespace gslb::config {

namespace {

using Addresses = std::vector<base::Sourced<base::SocketAddress>>;

const base::Sourced<base::SocketAddress>* find(const Addresses& list, const base::SocketAddress& address) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const auto& other) { return other.value == address; });
  return found == list.end() ? nullptr : &*found;
}

void read_addresses(const Node& node, Addresses& out) {
  out.clear();
  const auto items = node.items();
  if (node.kind() == Node::Kind::sequence && items.empty()) node.error("needs at least one address with a port");
  for (const Node& item : items) {
    base::Sourced<base::SocketAddress> address{{}, item.where()};
    if (!read_socket_address(item, address.value)) continue;
    if (const auto* first = find(out, address.value)) {
      item.error("is already in the list at " + to_string(first->where));
    } else {
      out.push_back(address);
    }
  }
}

constexpr auto prefix_keys = std::to_array<Key<ServerSpec>>({
    {"v4", "number", "length of a client network of IPv4",
     [](const Node& n, ServerSpec& s) { read_number(n, s.tcp_prefix_v4, 1, 32); }},
    {"v6", "number", "length of a client network of IPv6",
     [](const Node& n, ServerSpec& s) { read_number(n, s.tcp_prefix_v6, 1, 128); }},
});
constexpr KeyTable<ServerSpec> prefix_table{"tcp.prefix", prefix_keys};

constexpr auto tcp_keys = std::to_array<Key<ServerSpec>>({
    {"connections", "number", "most TCP and TLS connections at once",
     [](const Node& n, ServerSpec& s) { read_number(n, s.tcp_connections, 1, 1'000'000); }},
    {"per_prefix", "number", "most of them from one client network",
     [](const Node& n, ServerSpec& s) { read_number(n, s.tcp_per_prefix, 1, 1'000'000); }},
    {"prefix", "mapping", "how large a client network is",
     [](const Node& n, ServerSpec& s) { read_mapping(n, prefix_table, s); }},
    {"idle", "duration", "a connection without a query is closed after this",
     [](const Node& n, ServerSpec& s) { read_seconds(n, s.tcp_idle, Seconds{1}, std::chrono::minutes{10}); }},
});
constexpr KeyTable<ServerSpec> tcp_table{"tcp", tcp_keys};

void read_file_name(const Node& node, base::Sourced<std::string>& out) {
  out.where = node.where();
  read_path(node, out.value);
}

constexpr auto tls_keys = std::to_array<Key<TlsSpec>>({
    {"listen", "address with port, or list of them", "where queries are answered over TLS (RFC 7858)",
     [](const Node& n, TlsSpec& t) { read_addresses(n, t.listen); }},
    {"certificate", "file", "certificate with its chain, PEM; read again at a reload",
     [](const Node& n, TlsSpec& t) { read_file_name(n, t.certificate); }, true},
    {"key", "file", "its private key, PEM; read again at a reload",
     [](const Node& n, TlsSpec& t) { read_file_name(n, t.key); }, true},
    {"handshake", "duration", "a connection without a finished handshake is closed after this",
     [](const Node& n, TlsSpec& t) {
       read_duration(n, t.handshake, std::chrono::milliseconds{100}, std::chrono::minutes{1});
     }},
});
constexpr KeyTable<TlsSpec> tls_table{"tls", tls_keys};

/// Stands below `listen` and `tls` in the table of the top level, so these have been read.
void read_proxy_listen(const Node& node, ServerSpec& server) {
  read_addresses(node, server.proxy.listen);
  for (const auto& address : server.proxy.listen) {
    if (find(server.listen, address.value) != nullptr) continue;
    if (server.tls && find(server.tls->listen, address.value) != nullptr) continue;
    node.error(base::to_string(address.value) + " is neither in listen nor in tls.listen");
  }
}

void read_proxy_from(const Node& node, ServerSpec& server) {
  for (const Node& item : node.items()) {
    base::Prefix prefix;
    if (read_prefix(item, prefix)) server.proxy.from.push_back(prefix);
  }
}

constexpr auto proxy_keys = std::to_array<Key<ServerSpec>>({
    {"listen", "address with port, or list of them", "listeners whose clients all come through such a proxy",
     read_proxy_listen, true},
    {"from", "network, or list of them", "where the proxies are; nobody else is served there", read_proxy_from, true},
});
constexpr KeyTable<ServerSpec> proxy_table{"proxy", proxy_keys};

base::Sourced<base::SocketAddress> any_address(base::Family family) { return {{{family, {}}, 853}, {}}; }

}  // namespace

void read_listen(const Node& node, Draft& draft) { read_addresses(node, draft.config.server.listen); }
void read_agent(const Node& node, Draft& draft) { read_addresses(node, draft.config.server.agent); }
void read_tcp(const Node& node, Draft& draft) { read_mapping(node, tcp_table, draft.config.server); }
void read_proxy(const Node& node, Draft& draft) { read_mapping(node, proxy_table, draft.config.server); }

void read_tls(const Node& node, Draft& draft) {
  TlsSpec tls;
  tls.listen = {any_address(base::Family::v4), any_address(base::Family::v6)};
  read_mapping(node, tls_table, tls);
  const auto& listen = draft.config.server.listen;
  for (const auto& address : tls.listen) {
    if (find(listen, address.value) != nullptr)
      node.error(base::to_string(address.value) + " cannot speak TLS: it is in listen");
  }
  draft.config.server.tls = std::move(tls);
}

void describe_transport(std::vector<MappingInfo>& out) {
  out.push_back(describe(tcp_table));
  out.push_back(describe(prefix_table));
  out.push_back(describe(tls_table));
  out.push_back(describe(proxy_table));
}

}  // namespace gslb::config
