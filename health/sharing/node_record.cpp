#include "health/sharing/node_record.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <limits>
#include <optional>

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
  char out[160];
  std::snprintf(out, sizeof out, "configuration=%016llx weights=%08x generation=%llu orders=%08x",
                static_cast<unsigned long long>(record.configuration), record.weights,
                static_cast<unsigned long long>(record.generation), record.orders);
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
    std::uint64_t weights = out.weights;
    std::uint64_t orders = out.orders;
    if (!read("configuration", 16, out.configuration) || !read("weights", 16, weights) ||
        !read("generation", 10, out.generation) || !read("orders", 16, orders) ||
        std::max(weights, orders) > std::numeric_limits<std::uint32_t>::max())
      return base::Error{"not what a node says of itself"};
    out.weights = static_cast<std::uint32_t>(weights);
    out.orders = static_cast<std::uint32_t>(orders);
  }
  if (found != 4) return base::Error{"not what a node says of itself"};
  return out;
}

}  // namespace gslb::health
