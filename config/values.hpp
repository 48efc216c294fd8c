// config/values.hpp: single values as people write them. parse_* are pure; read_* report a value that is none, keep
// `out` as it was, and return whether they set it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/address.hpp"
#include "base/source.hpp"
#include "config/node.hpp"
#include "dns/name.hpp"
#include "geo/geo_spec.hpp"

namespace gslb::config {

using Milliseconds = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;

inline constexpr std::uint32_t max_ttl = 0x7fffffff;  ///< seconds (RFC 2181 section 8)

/// "500ms", "2s", "10m", "1h", "1d", "0"; a whole number and a unit.
std::optional<Milliseconds> parse_duration(std::string_view text);
/// In the largest unit that is exact: "1500ms", "2s".
std::string duration_text(Milliseconds duration);
/// "40k", "2M", "150": a whole number.
std::optional<std::uint64_t> parse_count(std::string_view text);
/// "300km", "12.5km": kilometres.
std::optional<double> parse_distance(std::string_view text);
/// "50%" or "0.5": 0 to 1.
std::optional<double> parse_share(std::string_view text);

bool read_text(const Node& node, std::string& out);
bool read_flag(const Node& node, bool& out);
bool read_duration(const Node& node, Milliseconds& out, Milliseconds lowest, Milliseconds highest);
/// Whole seconds.
bool read_seconds(const Node& node, Seconds& out, Seconds lowest, Seconds highest);
/// A TTL or an SOA timer.
bool read_ttl(const Node& node, std::uint32_t& out);
bool read_share(const Node& node, double& out, double highest = 1);
bool read_distance(const Node& node, double& out);
bool read_coordinates(const Node& node, geo::Coordinates& out);
bool read_address(const Node& node, base::IpAddress& out);
bool read_prefix(const Node& node, base::Prefix& out);
bool read_socket_address(const Node& node, base::SocketAddress& out);
bool read_name(const Node& node, const dns::Name& origin, dns::Name& out);
/// A path, relative ones from the folder of the YAML file; what it names need not exist.
bool read_path(const Node& node, std::string& out);
bool read_paths(const Node& node, std::vector<base::Sourced<std::string>>& out);

/// A whole number within bounds, k and M allowed.
bool read_count(const Node& node, std::uint64_t& out, std::uint64_t lowest, std::uint64_t highest);
template <class Number>
bool read_number(const Node& node, Number& out, std::uint64_t lowest, std::uint64_t highest) {
  std::uint64_t value = 0;
  if (!read_count(node, value, lowest, highest)) return false;
  out = static_cast<Number>(value);
  return true;
}

/// One of a few words.
template <class T>
bool read_choice(const Node& node, T& out, const std::vector<std::pair<std::string, T>>& choices) {
  const std::string* text = node.text();
  if (text == nullptr) return false;
  std::vector<std::string> words;
  for (const auto& [word, value] : choices) {
    if (word == *text) {
      out = value;
      return true;
    }
    words.push_back(word);
  }
  node.error(in_quotes(*text) + " is not one of the words known here", suggestion(*text, "words", words));
  return false;
}

/// Whether `name` may name a site, monitor or policy: letters, digits, "-", "_" and ".", at most 63; else an error.
bool check_own_name(const Node& node);

/// The folder of the file in which something is written, with a final slash, or "".
std::string folder_of(const base::SourcePosition& where);

}  // namespace gslb::config
