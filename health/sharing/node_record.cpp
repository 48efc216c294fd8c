#include "health/sharing/node_record.hpp"

#include <charconv>
#include <cstdio>

#include "health/sharing/report_codec.hpp"

namespace gslb::health {

namespace {

std::optional<std::uint64_t> number(std::string_view text, int base) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

}  // namespace

std::string to_text(const NodeRecord& record) {
  char out[128];
  std::snprintf(out, sizeof out, "configuration=%016llx weights=%016llx generation=%llu",
                static_cast<unsigned long long>(record.configuration), static_cast<unsigned long long>(record.weights),
                static_cast<unsigned long long>(record.generation));
  return out;
}

base::Result<NodeRecord> parse_node_record(std::string_view text) {
  NodeRecord out;
  unsigned found = 0;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) return base::Error{"not what a node says of itself"};
    const std::string_view name = word.substr(0, equals);
    const std::string_view value = word.substr(equals + 1);
    const auto read = [&](const char* known, int base, std::uint64_t& field) {
      if (name != known) return true;
      const auto read_number = number(value, base);
      if (read_number) field = *read_number;
      ++found;
      return read_number.has_value();
    };
    if (!read("configuration", 16, out.configuration) || !read("weights", 16, out.weights) ||
        !read("generation", 10, out.generation))
      return base::Error{"not what a node says of itself"};
  }
  if (found != 3) return base::Error{"not what a node says of itself"};
  return out;
}

void NodeWatch::look(const Listing& listing, const std::string& self, const NodeRecord& own, base::SteadyTime now) {
  decltype(seen_) next;
  nodes_.clear();
  for (const StoredValue& value : listing.values) {
    if (!std::string_view(value.key).starts_with(prefix)) continue;
    const std::string name = value.key.substr(prefix.size());
    const auto record = parse_node_record(value.value);
    if (name == self || !is_vantage_name(name) || !record) continue;
    Seen seen{0, now, std::nullopt};
    if (const auto before = seen_.find(name); before != seen_.end()) seen = before->second;
    if (seen.revision != value.revision) {
      seen.revision = value.revision;
      seen.written = now;
    }
    Node node{name, *record, now - seen.written > silent_after, record->configuration == own.configuration, {}};
    const bool differs = !node.silent && record->weights != own.weights && record->weights != 0 && own.weights != 0;
    if (!differs) seen.differs_since.reset();
    if (differs && !seen.differs_since) seen.differs_since = now;
    if (seen.differs_since) node.weights_differ = now - *seen.differs_since;
    next[name] = seen;
    nodes_.push_back(std::move(node));
  }
  seen_ = std::move(next);
}

std::vector<std::string> NodeWatch::alarms() const {
  std::vector<std::string> out;
  for (const Node& node : nodes_) {
    if (!node.weights_differ || *node.weights_differ <= tolerated) continue;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*node.weights_differ).count();
    out.push_back(node.name + " has answered by other weights than this server for " + std::to_string(seconds) +
                  " s: " + (node.same_configuration ? "by the same files" : "its configuration is another"));
  }
  return out;
}

}  // namespace gslb::health
