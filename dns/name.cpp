#include "dns/name.hpp"

#include <algorithm>
#include <array>

#include "dns/name_hash.hpp"

namespace gslb::dns {
namespace {

/// Where the labels of a wire name start; at[count] is the root's.
struct LabelStarts {
  std::array<std::uint8_t, max_labels + 1> at;
  unsigned count = 0;

  explicit LabelStarts(NameView name) noexcept {
    std::size_t position = 0;
    while (name[position] != 0) {
      at[count++] = static_cast<std::uint8_t>(position);
      position += 1U + name[position];
    }
    at[count] = static_cast<std::uint8_t>(position);
  }
};

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// What a master file gives a meaning of its own, and what no terminal shows.
bool needs_escape(std::uint8_t c) noexcept {
  return c <= ' ' || c >= 0x7f || c == '"' || c == '(' || c == ')' || c == ';';
}

/// Takes the octet that starts at text[at], escaped or plain, and moves `at` behind it.
std::optional<std::uint8_t> take_octet(std::string_view text, std::size_t& at) {
  const char c = text[at++];
  if (c != '\\') {
    const auto octet = static_cast<std::uint8_t>(c);
    return needs_escape(octet) ? std::nullopt : std::optional(octet);
  }
  if (at == text.size()) return std::nullopt;
  if (!is_digit(text[at])) return static_cast<std::uint8_t>(text[at++]);
  if (text.size() - at < 3 || !is_digit(text[at + 1]) || !is_digit(text[at + 2])) return std::nullopt;
  const int value = (text[at] - '0') * 100 + (text[at + 1] - '0') * 10 + (text[at + 2] - '0');
  at += 3;
  return value <= 255 ? std::optional(static_cast<std::uint8_t>(value)) : std::nullopt;
}

}  // namespace

std::optional<Name> Name::parse(std::string_view text, const Name& origin) {
  if (text == "@") return origin;
  if (text == ".") return Name();
  if (text.empty()) return std::nullopt;
  Name name;
  auto& wire = name.wire_;
  wire.clear();
  wire.reserve(text.size() + 1 + origin.wire_.size());
  std::size_t at = 0;
  bool absolute = false;
  while (at < text.size()) {
    const std::size_t length_at = wire.size();
    wire.push_back(0);
    while (at < text.size() && text[at] != '.') {
      const auto octet = take_octet(text, at);
      if (!octet) return std::nullopt;
      wire.push_back(lower(*octet));
    }
    const std::size_t length = wire.size() - length_at - 1;
    if (length == 0 || length > max_label) return std::nullopt;
    wire[length_at] = static_cast<std::uint8_t>(length);
    absolute = at < text.size();  // a dot ended this label
    at += absolute ? 1 : 0;
  }
  if (absolute)
    wire.push_back(0);
  else
    wire.insert(wire.end(), origin.wire_.begin(), origin.wire_.end());
  if (wire.size() > max_name) return std::nullopt;
  return name;
}

Name Name::from_wire(NameView wire) {
  Name name;
  name.wire_.assign(wire.begin(), wire.end());
  for (auto& octet : name.wire_) octet = lower(octet);
  return name;
}

std::size_t Name::labels() const noexcept { return LabelStarts(wire_).count; }

bool Name::is_below_or_equal(const Name& ancestor) const noexcept {
  if (wire_.size() < ancestor.wire_.size()) return false;
  const std::size_t cut = wire_.size() - ancestor.wire_.size();
  std::size_t at = 0;
  while (at < cut) at += 1U + wire_[at];
  return at == cut && std::equal(wire_.begin() + static_cast<std::ptrdiff_t>(cut), wire_.end(), ancestor.wire_.begin());
}

Name Name::parent() const {
  if (is_root()) return *this;
  Name name;
  name.wire_.assign(wire_.begin() + 1 + wire_[0], wire_.end());
  return name;
}

std::string Name::to_string() const { return dns::to_string(wire_); }

std::string to_string(NameView name) {
  if (name[0] == 0) return ".";
  std::string text;
  text.reserve(name.size());
  for (std::size_t at = 0; name[at] != 0;) {
    const std::size_t end = at + 1 + name[at];
    while (++at < end) {
      const std::uint8_t c = name[at];
      if (c <= ' ' || c >= 0x7f) {
        text += '\\';
        text += static_cast<char>('0' + c / 100);
        text += static_cast<char>('0' + c / 10 % 10);
        text += static_cast<char>('0' + c % 10);
      } else {
        if (needs_escape(c) || c == '.' || c == '\\' || c == '@' || c == '$') text += '\\';
        text += static_cast<char>(c);
      }
    }
    text += '.';
  }
  return text;
}

bool canonical_less(NameView a, NameView b) noexcept {
  const LabelStarts in_a(a);
  const LabelStarts in_b(b);
  for (unsigned up = 1; up <= std::min(in_a.count, in_b.count); ++up) {
    const std::uint8_t* x = &a[in_a.at[in_a.count - up]];
    const std::uint8_t* y = &b[in_b.at[in_b.count - up]];
    for (unsigned i = 1; i <= std::min(*x, *y); ++i) {
      if (lower(x[i]) != lower(y[i])) return lower(x[i]) < lower(y[i]);
    }
    if (*x != *y) return *x < *y;
  }
  return in_a.count < in_b.count;
}

std::uint64_t hash_name(NameView name) noexcept {
  const LabelStarts starts(name);
  std::uint64_t hash = root_hash;
  for (unsigned label = starts.count; label-- > 0;) {
    const std::uint8_t* at = &name[starts.at[label]];
    hash = child_hash(hash, at + 1, *at);
  }
  return hash;
}

}  // namespace gslb::dns
