#include "health/rcode.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace gslb::health {
namespace {

constexpr std::array<std::string_view, 11> rcodes{"NOERROR",  "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED",
                                                  "YXDOMAIN", "YXRRSET", "NXRRSET",  "NOTAUTH",  "NOTZONE"};

}  // namespace

std::string rcode_text(std::uint16_t rcode) {
  return rcode < rcodes.size() ? std::string(rcodes[rcode]) : "RCODE" + std::to_string(rcode);
}

std::optional<std::uint16_t> parse_rcode(std::string_view text) {
  std::string upper(text);
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  const auto found = std::ranges::find(rcodes, upper);
  if (found == rcodes.end()) return std::nullopt;
  return static_cast<std::uint16_t>(found - rcodes.begin());
}

}  // namespace gslb::health
