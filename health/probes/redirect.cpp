#include "health/probes/redirect.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/text.hpp"

namespace gslb::health {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_text(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

/// Takes "http:" or any other scheme with its colon off the front (RFC 3986 section 3.1).
std::optional<std::string_view> take_scheme(std::string_view& rest) {
  const std::size_t colon = rest.find_first_of(":/?");
  if (colon == std::string_view::npos || colon == 0 || rest[colon] != ':') return std::nullopt;
  const std::string_view scheme = rest.substr(0, colon);
  rest.remove_prefix(colon + 1);
  return scheme;
}

struct HostPort {
  std::string_view host;  ///< without the brackets of an IPv6 address
  std::string_view port;  ///< "" if there is none
};

HostPort split(std::string_view authority) {
  const bool bracketed = authority.starts_with('[');
  const std::size_t end = bracketed ? authority.find(']') : authority.find(':');
  if (end == std::string_view::npos) return {authority, {}};
  const std::string_view after = authority.substr(bracketed ? end + 1 : end);
  return {authority.substr(bracketed, end - bracketed), after.starts_with(':') ? after.substr(1) : after};
}

base::Error cannot(std::string_view what, std::string_view location) {
  return {std::string(what) + base::printable(location.substr(0, 200))};
}

/// The path of a reference that names no host, which may be relative to the path it came from.
std::string merged(std::string_view reference, std::string_view base_path) {
  base_path = base_path.substr(0, base_path.find('?'));
  if (reference.empty() || reference.starts_with('?')) return std::string(base_path).append(reference);
  if (reference.starts_with('/')) return std::string(reference);
  return std::string(base_path.substr(0, base_path.rfind('/') + 1)).append(reference);
}

}  // namespace

base::Result<Place> follow_location(std::string_view location, const Place& from, std::string_view host,
                                    const base::IpAddress& address) {
  const bool plain = std::all_of(location.begin(), location.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (!plain || location.size() > 4096) return cannot("leads to no address: ", location);
  std::string_view rest = location.substr(0, location.find('#'));
  Place to = from;
  if (const auto scheme = take_scheme(rest)) {
    to.tls = same_text(*scheme, "https");
    if (!(to.tls || same_text(*scheme, "http")) || !rest.starts_with("//")) return cannot("leads to ", location);
    to.port = to.tls ? 443 : 80;
  }
  if (!rest.starts_with("//")) {
    to.path = merged(rest, from.path);
    return to;
  }
  rest.remove_prefix(2);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  rest.remove_prefix(authority.size());
  const auto [named, port] = split(authority);
  if (!same_text(named, split(host).host) && base::parse_address(named) != address)
    return cannot("leads to ", authority);
  to.port = to.tls ? 443 : 80;
  if (!port.empty()) {
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), to.port);
    if (error != std::errc() || end != port.data() + port.size() || to.port == 0) return cannot("leads to ", authority);
  }
  to.path = rest.starts_with('/') ? std::string(rest) : "/" + std::string(rest);
  return to;
}

}  // namespace gslb::health
