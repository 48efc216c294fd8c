// Names: octets as text parse to a name that prints and parses to itself; two names are ordered one way only.
#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "dns/name.hpp"

using namespace gslb::dns;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const Name& name) {
  const NameView wire = name.wire();
  require(!wire.empty() && wire.size() <= max_name && wire.back() == 0 && name.labels() <= max_labels);
  require(Name::parse(name.to_string()) == name);
  require(Name::from_wire(wire) == name);
  require(std::ranges::none_of(name.to_string(), [](char c) { return c <= 0x20 || c >= 0x7f; }));
  require(name.is_below_or_equal(name.parent()) && name.is_below_or_equal(Name()));
}

/// RFC 4034 section 6.1 in the slow and obvious way: label by label from the root.
std::vector<std::string> reversed_labels(const Name& name) {
  std::vector<std::string> out;
  for (std::size_t at = 0; name.wire()[at] != 0; at += name.wire()[at] + 1U)
    out.emplace(out.begin(), reinterpret_cast<const char*>(&name.wire()[at + 1]), name.wire()[at]);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = text.find('\n');
  static const Name origin = *Name::parse("example.org.");
  const auto first = Name::parse(text.substr(0, line), origin);
  if (first) check(*first);
  if (!first || line == std::string_view::npos) return 0;
  const auto second = Name::parse(text.substr(line + 1), origin);
  if (!second) return 0;
  check(*second);
  const bool less = std::ranges::lexicographical_compare(
      reversed_labels(*first), reversed_labels(*second), [](const std::string& a, const std::string& b) {
        return std::ranges::lexicographical_compare(
            a, b, [](char x, char y) { return static_cast<unsigned char>(x) < static_cast<unsigned char>(y); });
      });
  require(canonical_less(first->wire(), second->wire()) == less);
  return 0;
}
