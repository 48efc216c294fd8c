#include "health/host_state.hpp"

#include <algorithm>
#include <cstdio>

#include "base/hash.hpp"

namespace gslb::health {

namespace {

constexpr std::string_view magic = "gslbd hosts 1 ";

std::string checksum(std::string_view text) {
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(base::hash_bytes(text)));
  return digits;
}

/// What stands before the next such character, which goes too.
std::string_view take_until(std::string_view& text, char end) {
  const auto at = std::min(text.find(end), text.size());
  const std::string_view out = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return out;
}

}  // namespace

std::string write_host_state(const HostAddresses& hosts) {
  std::string lines;
  for (const auto& [name, addresses] : hosts) {
    if (addresses.empty()) continue;
    lines += name;
    for (const base::IpAddress& address : addresses) lines += " " + base::to_string(address);
    lines += "\n";
  }
  return std::string(magic) + checksum(lines) + "\n" + lines;
}

base::Result<HostAddresses> read_host_state(std::string_view text) {
  if (!text.starts_with(magic)) return base::Error{"not a file of host addresses of this version"};
  text.remove_prefix(magic.size());
  const std::string_view sum = take_until(text, '\n');
  if (sum != checksum(text)) return base::Error{"the file of host addresses is damaged"};
  HostAddresses out;
  while (!text.empty()) {
    std::string_view line = take_until(text, '\n');
    auto& addresses = out[std::string(take_until(line, ' '))];
    while (!line.empty()) {
      const auto address = base::parse_address(take_until(line, ' '));
      if (!address) return base::Error{"the file of host addresses is damaged"};
      addresses.push_back(*address);
    }
    std::ranges::sort(addresses);
  }
  return out;
}

}  // namespace gslb::health
