// control, log
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

void read_control(const Node& node, Draft& draft) { read_mapping(node, control_table, draft.config.server); }
void read_log(const Node& node, Draft& draft) { read_mapping(node, log_table, draft.config.server); }

void describe_server(std::vector<MappingInfo>& out) {
  out.push_back(describe(control_table));
  out.push_back(describe(log_table));
}

}  // namespace gslb::config
