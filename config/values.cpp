#include "config/values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>

namespace gslb::config {

namespace {

constexpr double half_way_round = 20038;  // km, along the equator

template <class Number>
std::optional<std::pair<Number, std::string_view>> number_and_rest(std::string_view text) {
  Number number{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{}) return std::nullopt;
  return std::pair{number, text.substr(static_cast<std::size_t>(end - text.data()))};
}

std::optional<double> parse_decimal(std::string_view text) {
  const auto parts = number_and_rest<double>(text);
  if (!parts || !parts->second.empty() || !std::isfinite(parts->first)) return std::nullopt;
  return parts->first;
}

/// Without a unit it is ambiguous; say what to write.
std::string unit_hint(std::string_view text, std::string_view unit, std::string_view examples) {
  const bool bare = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  return bare ? "did you mean " + std::string(text) + std::string(unit) + "?" : "such as " + std::string(examples);
}

std::string address_hint(const Node& node) {
  return node.kind() == Node::Kind::scalar ? "such as 192.0.2.10 or \"2001:db8::10\"" : "put IPv6 addresses in quotes";
}

/// The text of a scalar that holds an address; a bare IPv6 address inside brackets is no scalar.
const std::string* address_text(const Node& node) {
  if (node.kind() != Node::Kind::mapping && node.kind() != Node::Kind::sequence) return node.text();
  node.error("must be an address", address_hint(node));
  return nullptr;
}

}  // namespace

std::optional<Milliseconds> parse_duration(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> units{
      {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
  const auto parts = number_and_rest<std::uint32_t>(text);
  if (!parts) return std::nullopt;
  if (parts->first == 0 && parts->second.empty()) return Milliseconds{0};
  for (const auto& [unit, factor] : units) {
    if (parts->second == unit) return Milliseconds{parts->first * factor};
  }
  return std::nullopt;
}

std::string duration_text(Milliseconds duration) {
  static constexpr std::array<std::pair<std::int64_t, const char*>, 4> units{
      {{86'400'000, "d"}, {3'600'000, "h"}, {60'000, "m"}, {1000, "s"}}};
  for (const auto& [factor, unit] : units) {
    if (duration.count() != 0 && duration.count() % factor == 0)
      return std::to_string(duration.count() / factor) + unit;
  }
  return duration.count() == 0 ? "0s" : std::to_string(duration.count()) + "ms";
}

std::optional<std::uint64_t> parse_count(std::string_view text) {
  const auto parts = number_and_rest<std::uint64_t>(text);
  if (!parts || parts->first > 1'000'000'000'000) return std::nullopt;
  if (parts->second.empty()) return parts->first;
  if (parts->second == "k") return parts->first * 1000;
  if (parts->second == "M") return parts->first * 1'000'000;
  return std::nullopt;
}

std::optional<double> parse_distance(std::string_view text) {
  if (!text.ends_with("km")) return std::nullopt;
  const auto number = parse_decimal(text.substr(0, text.size() - 2));
  if (!number || *number < 0 || *number > half_way_round) return std::nullopt;
  return number;
}

std::optional<double> parse_share(std::string_view text) {
  const bool percent = text.ends_with('%');
  const auto number = parse_decimal(percent ? text.substr(0, text.size() - 1) : text);
  const double share = number ? (percent ? *number / 100 : *number) : -1;
  if (share < 0 || share > 1) return std::nullopt;
  return share;
}

bool read_text(const Node& node, std::string& out) {
  const std::string* text = node.text();
  if (text != nullptr) out = *text;
  return text != nullptr;
}

bool read_flag(const Node& node, bool& out) { return read_choice<bool>(node, out, {{"true", true}, {"false", false}}); }

bool read_duration(const Node& node, Milliseconds& out, Milliseconds lowest, Milliseconds highest) {
  const std::string* text = node.text();
  if (text == nullptr) return false;
  const auto duration = parse_duration(*text);
  if (!duration) {
    node.error(in_quotes(*text) + " is not a duration", unit_hint(*text, "s", "500ms, 2s, 10m, 1h or 1d"));
  } else if (*duration < lowest) {
    node.error(*text + " is too short", "at least " + duration_text(lowest));
  } else if (*duration > highest) {
    node.error(*text + " is too long", "at most " + duration_text(highest));
  } else {
    out = *duration;
    return true;
  }
  return false;
}

bool read_seconds(const Node& node, Seconds& out, Seconds lowest, Seconds highest) {
  Milliseconds duration{};
  if (!read_duration(node, duration, lowest, highest)) return false;
  if (duration.count() % 1000 != 0) {
    node.error(*node.text() + " is not a whole number of seconds");
    return false;
  }
  out = std::chrono::duration_cast<Seconds>(duration);
  return true;
}

bool read_ttl(const Node& node, std::uint32_t& out) {
  Seconds seconds{};
  if (!read_seconds(node, seconds, Seconds{0}, Seconds{max_ttl})) return false;
  out = static_cast<std::uint32_t>(seconds.count());
  return true;
}

bool read_share(const Node& node, double& out, double highest) {
  const std::string* text = node.text();
  if (text == nullptr) return false;
  const auto share = parse_share(*text);
  if (!share) {
    node.error(in_quotes(*text) + " is not a share", unit_hint(*text, "%", "50% or 0.5"));
  } else if (*share > highest) {
    node.error(*text + " is too much", "at most " + std::to_string(std::lround(highest * 100)) + "%");
  } else {
    out = *share;
    return true;
  }
  return false;
}

bool read_distance(const Node& node, double& out) {
  const std::string* text = node.text();
  if (text == nullptr) return false;
  const auto distance = parse_distance(*text);
  if (distance) {
    out = *distance;
  } else {
    node.error(in_quotes(*text) + " is not a distance", unit_hint(*text, "km", "300km, at most 20038km"));
  }
  return distance.has_value();
}

bool read_coordinates(const Node& node, geo::Coordinates& out) {
  const auto items = node.kind() == Node::Kind::sequence ? node.items() : std::vector<Node>{};
  if (items.size() != 2) {
    node.error("must be [latitude, longitude] in degrees", "such as [50.11, 8.68]");
    return false;
  }
  std::array<double, 2> degrees{};
  static constexpr std::array<double, 2> limits{90, 180};
  bool good = true;
  for (std::size_t i = 0; i < 2; ++i) {
    const std::string* text = items[i].text();
    const auto number = text != nullptr ? parse_decimal(*text) : std::nullopt;
    if (number && std::abs(*number) <= limits[i]) {
      degrees[i] = *number;
      continue;
    }
    good = false;
    if (text == nullptr) continue;
    const std::string range = i == 0 ? "latitude must be -90 to 90" : "longitude must be -180 to 180";
    items[i].error(range + ", is " + in_quotes(*text), i == 0 && number ? "the latitude comes first" : "");
  }
  if (good) out = {degrees[0], degrees[1]};
  return good;
}

bool read_address(const Node& node, base::IpAddress& out) {
  const std::string* text = address_text(node);
  if (text == nullptr) return false;
  const auto address = base::parse_address(*text);
  if (!address) {
    node.error(in_quotes(*text) + " is not an IP address", address_hint(node));
  } else if (base::unmapped(*address) != *address) {
    node.error(*text + " is an IPv4 address in an IPv6 one", "write " + base::to_string(base::unmapped(*address)));
  } else {
    out = *address;
    return true;
  }
  return false;
}

bool read_prefix(const Node& node, base::Prefix& out) {
  const std::string* text = address_text(node);
  if (text == nullptr) return false;
  if (const auto prefix = base::parse_prefix(*text)) {
    out = *prefix;
    return true;
  }
  std::string hint = "such as 192.0.2.0/24";
  const auto slash = text->find('/');
  const auto address = base::parse_address(text->substr(0, slash));
  const auto length = slash == std::string::npos ? std::nullopt : parse_count(text->substr(slash + 1));
  if (address && length && *length <= base::bits(address->family))
    hint = "did you mean " + base::to_string(base::make_prefix(*address, static_cast<unsigned>(*length))) + "?";
  node.error(in_quotes(*text) + " is not a network", hint);
  return false;
}

bool read_socket_address(const Node& node, base::SocketAddress& out) {
  const std::string* text = address_text(node);
  if (text == nullptr) return false;
  const auto address = base::parse_socket_address(*text);
  if (address && address->port != 0) {
    out = *address;
    return true;
  }
  std::string hint = "such as 0.0.0.0:53 or \"[::]:53\"";
  if (const auto bare = base::parse_address(*text))
    hint = "did you mean \"" + base::to_string(base::SocketAddress{*bare, 53}) + "\"?";
  node.error(in_quotes(*text) + " is not an address with a port", hint);
  return false;
}

bool read_name(const Node& node, const dns::Name& origin, dns::Name& out) {
  const std::string* text = node.text();
  if (text == nullptr) return false;
  const auto name = text->empty() ? std::nullopt : dns::Name::parse(*text, origin);
  if (name) {
    out = *name;
  } else {
    node.error(in_quotes(*text) + " is not a domain name", "labels have 1 to 63 octets, a name at most 255");
  }
  return name.has_value();
}

bool read_path(const Node& node, std::string& out) {
  const std::string* text = node.text();
  if (text == nullptr) return false;
  if (text->empty() || text->find('\0') != std::string::npos) {
    node.error(in_quotes(*text) + " is not a file name");
    return false;
  }
  const bool absolute = text->front() == '/';
  out = std::filesystem::path(absolute ? *text : folder_of(node.where()) + *text).lexically_normal().string();
  return true;
}

bool read_paths(const Node& node, std::vector<base::Sourced<std::string>>& out) {
  const auto before = out.size();
  for (const Node& item : node.items()) {
    base::Sourced<std::string> path{{}, item.where()};
    if (read_path(item, path.value)) out.push_back(std::move(path));
  }
  return out.size() > before;
}

bool read_count(const Node& node, std::uint64_t& out, std::uint64_t lowest, std::uint64_t highest) {
  const std::string* text = node.text();
  if (text == nullptr) return false;
  const auto count = parse_count(*text);
  if (!count) {
    node.error(in_quotes(*text) + " is not a whole number", std::to_string(lowest) + " to " + std::to_string(highest));
  } else if (*count < lowest || *count > highest) {
    node.error("must be " + std::to_string(lowest) + " to " + std::to_string(highest) + ", is " + *text);
  } else {
    out = *count;
    return true;
  }
  return false;
}

bool check_own_name(const Node& node) {
  const std::string& name = node.name();
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  };
  if (!name.empty() && name.size() <= 63 && std::all_of(name.begin(), name.end(), is_allowed)) return true;
  node.error_at_key(in_quotes(name) + " is not a name", "1 to 63 letters, digits, \"-\", \"_\" and \".\"");
  return false;
}

std::string folder_of(const base::SourcePosition& where) {
  const std::string& path = where.file->path;
  return path.substr(0, path.rfind('/') + 1);
}

}  // namespace gslb::config
