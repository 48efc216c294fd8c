// listen, control, tcp, log
#include "config/draft.hpp"
#include "config/values.hpp"

namespace gslb::config {

namespace {

constexpr std::size_t longest_socket_path = 107;  // sun_path without its final zero

void read_socket(const Node& node, ServerSpec& server) {
  std::string text;
  std::string path;
  if (!read_text(node, text) || (text != "none" && !read_path(node, path))) return;
  if (path.size() > longest_socket_path)
    node.error("is too long for a socket", "at most " + std::to_string(longest_socket_path) + " octets");
  server.control_socket = {path, node.where()};
}

constexpr auto control_keys = std::to_array<Key<ServerSpec>>({
    {"socket", "path", "local socket of the server; none for no socket", read_socket},
});
constexpr auto control_later = std::to_array<std::string_view>({"http", "tls", "token"});
constexpr KeyTable<ServerSpec> control_table{"control", control_keys, control_later};

constexpr auto tcp_keys = std::to_array<Key<ServerSpec>>({
    {"connections", "number", "most TCP connections at once",
     [](const Node& n, ServerSpec& s) { read_number(n, s.tcp_connections, 1, 1'000'000); }},
    {"idle", "duration", "a TCP connection without a query is closed after this",
     [](const Node& n, ServerSpec& s) { read_seconds(n, s.tcp_idle, Seconds{1}, std::chrono::minutes{10}); }},
});
constexpr KeyTable<ServerSpec> tcp_table{"tcp", tcp_keys};

constexpr auto log_keys = std::to_array<Key<ServerSpec>>({
    {"format", "text or json", "a line for people, or one JSON object a line",
     [](const Node& n, ServerSpec& s) {
       read_choice<base::LogFormat>(n, s.log_format,
                                    {{"text", base::LogFormat::text}, {"json", base::LogFormat::json}});
     }},
    {"level", "debug, info, warning or error", "the least that is logged",
     [](const Node& n, ServerSpec& s) {
       using base::LogLevel;
       read_choice<LogLevel>(n, s.log_level,
                             {{"debug", LogLevel::debug},
                              {"info", LogLevel::info},
                              {"warning", LogLevel::warning},
                              {"error", LogLevel::error}});
     }},
});
constexpr KeyTable<ServerSpec> log_table{"log", log_keys};

}  // namespace

void read_listen(const Node& node, Draft& draft) {
  auto& listen = draft.config.server.listen;
  listen.clear();
  const auto items = node.items();
  if (node.kind() == Node::Kind::sequence && items.empty()) node.error("needs at least one address with a port");
  for (const Node& item : items) {
    base::Sourced<base::SocketAddress> address{{}, item.where()};
    if (!read_socket_address(item, address.value)) continue;
    const auto first =
        std::find_if(listen.begin(), listen.end(), [&](const auto& other) { return other.value == address.value; });
    if (first == listen.end()) {
      listen.push_back(address);
    } else {
      item.error("is already in the list at " + to_string(first->where));
    }
  }
}

void read_control(const Node& node, Draft& draft) { read_mapping(node, control_table, draft.config.server); }
void read_tcp(const Node& node, Draft& draft) { read_mapping(node, tcp_table, draft.config.server); }
void read_log(const Node& node, Draft& draft) { read_mapping(node, log_table, draft.config.server); }

void describe_server(std::vector<MappingInfo>& out) {
  out.push_back(describe(control_table));
  out.push_back(describe(tcp_table));
  out.push_back(describe(log_table));
}

}  // namespace gslb::config
