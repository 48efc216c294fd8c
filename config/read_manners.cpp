// cookies, rate_limit, nsid, chaos
#include "config/draft.hpp"
#include "config/values.hpp"

namespace gslb::config {

namespace {

constexpr std::size_t longest_text = 64;
constexpr std::uint64_t highest_rate = 1'000'000'000;

bool is_none(const Node& node) {
  return node.kind() == Node::Kind::scalar && node.text() != nullptr && *node.text() == "none";
}

void read_short_text(const Node& node, std::string& out) {
  std::string text;
  if (!read_text(node, text)) return;
  if (text.empty() || text.size() > longest_text) {
    node.error("must have 1 to " + std::to_string(longest_text) + " octets");
  } else {
    out = std::move(text);
  }
}

constexpr auto cookies_keys = std::to_array<Key<ServerSpec>>({
    {"secrets", "file", "secrets that several name servers share, 32 hexadecimal digits a line",
     [](const Node& n, ServerSpec& s) {
       s.cookie_secrets.where = n.where();
       read_path(n, s.cookie_secrets.value);
     }},
});
constexpr KeyTable<ServerSpec> cookies_table{"cookies", cookies_keys};

void read_rate(const Node& node, std::uint32_t& out) {
  if (is_none(node)) {
    out = dns::unlimited;
  } else {
    read_number(node, out, 1, highest_rate);
  }
}

void read_networks(const Node& node, dns::RateLimits& limits) {
  std::vector<dns::RateLimits::Network> listed;
  for (const Node& field : node.fields()) {
    const auto prefix = base::parse_prefix(field.name());
    if (!prefix) {
      field.error_at_key(in_quotes(field.name()) + " is not a network", "such as 192.0.2.0/24 or 2001:db8::/56");
      continue;
    }
    listed.push_back({*prefix, dns::unlimited});
    read_rate(field, listed.back().rate);
  }
  // What a person writes about loopback replaces the default.
  for (const auto& network : limits.networks) {
    if (std::none_of(listed.begin(), listed.end(), [&](const auto& n) { return n.prefix == network.prefix; }))
      listed.push_back(network);
  }
  if (listed.size() > dns::RateLimits::most_networks)
    node.error("lists too many networks", "at most " + std::to_string(dns::RateLimits::most_networks));
  limits.networks = std::move(listed);
}

constexpr auto rate_limit_keys = std::to_array<Key<dns::RateLimits>>({
    {"replies", "number, or none", "most whole replies a second over UDP to each /24 or /56",
     [](const Node& n, dns::RateLimits& l) { read_rate(n, l.rate); }},
    {"networks", "mapping of network to number or none", "networks with a rate of their own", read_networks},
});
constexpr KeyTable<dns::RateLimits> rate_limit_table{"rate_limit", rate_limit_keys};

constexpr auto chaos_keys = std::to_array<Key<ServerSpec>>({
    {"version", "text", "the answer to version.bind and version.server",
     [](const Node& n, ServerSpec& s) { read_short_text(n, s.chaos_version); }},
    {"id", "text", "the answer to id.server and hostname.bind",
     [](const Node& n, ServerSpec& s) { read_short_text(n, s.chaos_id); }},
});
constexpr KeyTable<ServerSpec> chaos_table{"chaos", chaos_keys};

}  // namespace

void read_cookies(const Node& node, Draft& draft) {
  ServerSpec& server = draft.config.server;
  if (is_none(node)) {
    server.cookies = false;
  } else {
    read_mapping(node, cookies_table, server);
  }
}

void read_rate_limit(const Node& node, Draft& draft) {
  dns::RateLimits& limits = draft.config.server.rate_limits;
  if (is_none(node)) {
    limits.rate = dns::unlimited;
  } else {
    read_mapping(node, rate_limit_table, limits);
  }
}

void read_nsid(const Node& node, Draft& draft) { read_short_text(node, draft.config.server.nsid); }
void read_chaos(const Node& node, Draft& draft) { read_mapping(node, chaos_table, draft.config.server); }

void describe_manners(std::vector<MappingInfo>& out) {
  out.push_back(describe(cookies_table));
  out.push_back(describe(rate_limit_table));
  out.push_back(describe(chaos_table));
}

}  // namespace gslb::config
