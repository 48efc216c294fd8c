// endpoints of a service
#include <algorithm>
#include <cctype>
#include <map>

#include "config/draft.hpp"
#include "config/values.hpp"

namespace gslb::config {

namespace {

using policy::EndpointSpec;

constexpr std::uint64_t most_weight = 1'000'000'000;

struct EndpointDraft {
  EndpointSpec spec;
  const Draft& draft;
};

/// Addresses that no client can connect to.
const char* unusable(const base::IpAddress& address) {
  const bool v4 = address.family == base::Family::v4;
  if (address == base::IpAddress{address.family, {}}) return "is the unspecified address";
  if (v4 ? (address.octets[0] & 0xf0) == 0xe0 : address.octets[0] == 0xff) return "is a multicast address";
  if (v4 && address.as_v4() == 0xffffffff) return "is the broadcast address";
  return nullptr;
}

void read_addresses(const Node& node, EndpointSpec& endpoint) {
  if (node.kind() == Node::Kind::sequence && node.items().empty()) node.error("needs at least one address");
  for (const Node& item : node.items()) {
    base::Sourced<base::IpAddress> address{{}, item.where()};
    if (!read_address(item, address.value)) continue;
    if (const char* problem = unusable(address.value)) {
      item.error(base::to_string(address.value) + " " + problem);
      continue;
    }
    const bool v4 = address.value.family == base::Family::v4;
    auto& place = v4 ? endpoint.v4 : endpoint.v6;
    if (place) {
      item.error(std::string("a second ") + (v4 ? "IPv4" : "IPv6") + " address for one endpoint",
                 "write two endpoints: - { site: …, address: … }");
    } else {
      place = std::move(address);
    }
  }
}

/// A name with the letters, digits and hyphens of hosts (RFC 1123 section 2.1), whole: it is never relative to the
/// zone.
void read_host(const Node& node, EndpointSpec& endpoint) {
  const std::string* text = node.text();
  if (text == nullptr) return;
  std::string host = *text;
  std::transform(host.begin(), host.end(), host.begin(), [](unsigned char c) { return std::tolower(c); });
  if (host.ends_with('.')) host.pop_back();
  const bool plain = std::all_of(host.begin(), host.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_';
  });
  if (base::parse_address(host)) {
    node.error(in_quotes(*text) + " is an address", "write address: " + host);
  } else if (!plain || host.find('.') == std::string::npos || !dns::Name::parse(host + ".")) {
    node.error(in_quotes(*text) + " is not a host name", "whole, such as lb-1.example.net.");
  } else {
    endpoint.host = {std::move(host), node.where()};
  }
}

void read_weight(const Node& node, EndpointDraft& endpoint) {
  std::uint32_t weight = 0;
  if (read_number(node, weight, 0, most_weight)) endpoint.spec.weight = weight;
}
void read_serves_of(const Node& node, EndpointDraft& endpoint) { read_serves(node, endpoint.spec.serves); }

constexpr auto keys = std::to_array<Key<EndpointDraft>>({
    {"site", "name of a site", "where it is",
     [](const Node& n, EndpointDraft& e) {
       e.spec.site.where = n.where();
       if (check_site(n, e.draft)) e.spec.site.value = *n.text();
     },
     true},
    {"address", "address, or list of one IPv4 and one IPv6", "what clients connect to",
     [](const Node& n, EndpointDraft& e) { read_addresses(n, e.spec); }},
    {"host", "host name", "instead of `address`: what resolvers say this name's addresses are",
     [](const Node& n, EndpointDraft& e) { read_host(n, e.spec); }},
    {"weight", "number", "its part of the clients; without it, the capacity of its site, else 1", read_weight},
    {"serves", "mapping", "which clients it is for; needs a policy with `fence`", read_serves_of},
});
constexpr auto later = std::to_array<std::string_view>({"monitor", "name"});
constexpr KeyTable<EndpointDraft> table{"zones.*.services.*.endpoints[]", keys, later};

constexpr auto inner_keys = std::to_array<Key<EndpointDraft>>({
    {"service", "name of a service of the zone", "stands here with its endpoints and its policy",
     [](const Node& n, EndpointDraft& e) {
       const std::string* name = n.text();
       e.spec.service = {name != nullptr ? *name : "", n.where()};
     },
     true},
    {"weight", "number", "its part of the clients; without it, as much as its members together", read_weight},
    {"serves", "mapping", "which clients it is for; needs a policy with `fence`", read_serves_of},
});
constexpr KeyTable<EndpointDraft> inner_table{"zones.*.services.*.endpoints[], another service", inner_keys};

/// `fra: 192.0.2.10`
EndpointSpec read_short(const Node& field, const Draft& draft) {
  EndpointSpec endpoint;
  endpoint.where = field.where_key();
  endpoint.site = {field.name(), field.where_key()};
  const auto names = names_of_specs(draft.config.sites);
  if (std::find(names.begin(), names.end(), field.name()) == names.end())
    field.error_at_key("no site is named " + in_quotes(field.name()), suggestion(field.name(), "sites", names));
  read_addresses(field, endpoint);
  return endpoint;
}

/// `- { site: fra, address: 192.0.2.10 }`
EndpointSpec read_long(const Node& item, const Draft& draft) {
  EndpointDraft endpoint{{}, draft};
  endpoint.spec.where = item.where();
  if (item.has_field("service")) {
    read_mapping(item, inner_table, endpoint);
    return std::move(endpoint.spec);
  }
  if (!read_mapping(item, table, endpoint)) return std::move(endpoint.spec);
  if (item.has_field("host") && item.has_field("address")) {
    item.error_at_key("has both \"address\" and \"host\"", "one endpoint for each");
  } else if (!item.has_field("host") && !item.has_field("address")) {
    item.error_at_key("needs \"address\", or \"host\"", "what clients connect to");
  }
  return std::move(endpoint.spec);
}

void check_repetitions(const Node& node, const std::vector<EndpointSpec>& endpoints) {
  std::map<std::string, base::SourcePosition> seen;
  const auto check = [&](const std::string& target, const base::SourcePosition& where) {
    const auto [first, is_new] = seen.try_emplace(target, where);
    if (!is_new)
      node.errors().add(where, node.path(), target + " is already an endpoint at " + to_string(first->second));
  };
  for (const EndpointSpec& endpoint : endpoints) {
    for (const auto& address : {endpoint.v4, endpoint.v6})
      if (address) check(base::to_string(address->value), address->where);
    if (endpoint.host) check(endpoint.host->value, endpoint.host->where);
  }
}

}  // namespace

void read_endpoints(const Node& node, std::vector<EndpointSpec>& endpoints, const Draft& draft) {
  constexpr std::size_t most = 10'000;
  if (node.kind() == Node::Kind::mapping) {
    for (const Node& field : node.fields()) endpoints.push_back(read_short(field, draft));
  } else if (node.kind() == Node::Kind::sequence) {
    for (const Node& item : node.items()) endpoints.push_back(read_long(item, draft));
  } else {
    node.error("must be a list of endpoints, or a mapping of sites to addresses", "such as { fra: 192.0.2.10 }");
    return;
  }
  if (endpoints.empty()) node.error("needs at least one endpoint");
  if (endpoints.size() > most)
    node.error_at_key("has " + std::to_string(endpoints.size()) + " endpoints, more than " + std::to_string(most),
                      "put some into services of their own");
  check_repetitions(node, endpoints);
}

void describe_endpoint(std::vector<MappingInfo>& out) {
  out.push_back(describe(table));
  out.push_back(describe(inner_table));
}

}  // namespace gslb::config
