// dns/name.hpp: domain names in wire form (RFC 1035 section 3.1), lower case unless said otherwise.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gslb::dns {

inline constexpr std::size_t max_name = 255;    ///< octets, root label included
inline constexpr std::size_t max_label = 63;    ///< octets
inline constexpr std::size_t max_labels = 127;  ///< without the root

using NameView = std::span<const std::uint8_t>;  ///< wire form, uncompressed, valid

/// An owned name in wire form and lower case. For configuration and tests; the query path uses NameView.
class Name {
 public:
  Name() : wire_(1, 0) {}  ///< the root
  /// From presentation form; RFC 1035 section 5.1 escapes. Names without a final dot are completed with `origin`; "@"
  /// alone is `origin`.
  /// @return nothing if a label is empty, a label or the name is too long, an escape is bad, or a blank, quote,
  /// parenthesis, semicolon, control or non-ASCII octet stands there unescaped.
  static std::optional<Name> parse(std::string_view text, const Name& origin);
  static std::optional<Name> parse(std::string_view text) { return parse(text, Name()); }
  /// From a valid wire name; lowers the case.
  static Name from_wire(NameView wire);

  NameView wire() const noexcept { return wire_; }
  std::size_t labels() const noexcept;  ///< without the root: "www.example.org." has 3
  bool is_root() const noexcept { return wire_.size() == 1; }
  bool is_wildcard() const noexcept { return wire_.size() > 2 && wire_[0] == 1 && wire_[1] == '*'; }
  bool is_below_or_equal(const Name& ancestor) const noexcept;
  /// The name without its first label; the root's parent is the root.
  Name parent() const;
  std::string to_string() const;  ///< absolute, with final dot, escaped

  auto operator<=>(const Name&) const = default;  ///< any order; canonical order is canonical_less
  bool operator==(const Name&) const = default;

 private:
  std::vector<std::uint8_t> wire_;
};

/// Presentation form of any wire name, absolute, escaped.
std::string to_string(NameView name);

/// RFC 4034 section 6.1.
bool canonical_less(NameView a, NameView b) noexcept;

constexpr std::uint8_t lower(std::uint8_t c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<std::uint8_t>(c | 0x20) : c;
}

/// `lower` of eight octets at once. On a whole wire name it leaves length octets alone: none reaches 'A'.
constexpr std::uint64_t lower8(std::uint64_t word) noexcept {
  constexpr std::uint64_t each = 0x0101010101010101ULL;
  const std::uint64_t low7 = word & 0x7f * each;
  const std::uint64_t from_a = low7 + (0x80 - 'A') * each;   // top bit: 'A' or above
  const std::uint64_t above_z = low7 + (0x7f - 'Z') * each;  // top bit: above 'Z'
  return word | ((from_a & ~above_z & ~word & 0x80 * each) >> 2);
}

}  // namespace gslb::dns
