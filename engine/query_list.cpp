#include "engine/query_list.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <string>

namespace gslb::engine {

namespace {

std::string_view take_word(std::string_view& line) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!line.empty() && blank(line.front())) line.remove_prefix(1);
  const auto end = std::find_if(line.begin(), line.end(), blank);
  const std::string_view word = line.substr(0, static_cast<std::size_t>(end - line.begin()));
  line.remove_prefix(word.size());
  return word;
}

}  // namespace

std::optional<base::Prefix> parse_client(std::string_view text) {
  const auto slash = text.find('/');
  const auto parsed = base::parse_address(text.substr(0, slash));
  if (!parsed) return std::nullopt;
  if (slash == std::string_view::npos) {
    const base::IpAddress address = base::unmapped(*parsed);
    return base::make_prefix(address, address.family == base::Family::v4 ? 24 : 56);
  }
  unsigned length = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + slash + 1, end, length);
  if (read.ec != std::errc() || read.ptr != end || length > base::bits(parsed->family)) return std::nullopt;
  return base::make_prefix(*parsed, length);
}

base::Result<std::vector<ListedQuery>> parse_queries(std::string_view text) {
  std::vector<ListedQuery> out;
  for (std::size_t number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const std::string_view name = take_word(line);
    if (name.empty() || name.front() == '#') continue;
    const std::string_view type = take_word(line);
    const std::string_view client = take_word(line);
    const std::string where = "line " + std::to_string(number) + ": ";
    const auto parsed = dns::Name::parse(name);
    if (!parsed) return base::Error{where + "\"" + std::string(name) + "\" is no domain name"};
    ListedQuery query{*parsed, dns::Rtype::A, std::nullopt};
    if (!type.empty()) {
      const auto known = dns::parse_rtype(type);
      if (!known) return base::Error{where + "\"" + std::string(type) + "\" is no record type"};
      query.type = *known;
    }
    if (!client.empty()) {
      query.client = parse_client(client);
      if (!query.client) return base::Error{where + "\"" + std::string(client) + "\" is no address and no network"};
    }
    if (!take_word(line).empty()) return base::Error{where + "more than a name, a type and a client"};
    out.push_back(std::move(query));
  }
  return out;
}

std::vector<Traffic> traffic_of(const Snapshot& snapshot, const std::vector<ListedQuery>& queries) {
  std::set<std::string> services;
  for (const zones::SteeredName& name : snapshot.services) {
    if (name.service.reflect == policy::Reflect::nothing) services.insert(name.service.name);
  }
  std::vector<Traffic> traffic;
  for (const ListedQuery& query : queries) {
    std::string name = query.name.to_string();
    name.pop_back();
    if (query.client && services.contains(name)) traffic.push_back({*query.client, 1, std::move(name)});
  }
  return traffic;
}

Measure demand_of(const Snapshot& snapshot, const std::vector<ListedQuery>& queries) {
  auto measure = demand_of(snapshot, traffic_of(snapshot, queries));
  Measure out = measure ? std::move(*measure) : Measure{};
  out.unit = "queries";
  return out;
}

}  // namespace gslb::engine
