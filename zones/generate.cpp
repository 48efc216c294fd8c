#include "zones/generate.hpp"

#include <charconv>
#include <limits>

namespace gslb::zones {

namespace {

constexpr std::uint32_t most = std::numeric_limits<std::int32_t>::max();
constexpr unsigned widest = 255;  // digits: longer than any label or character-string can be

/// A number at the front of `text`, which is then behind it.
template <class Number>
bool take_number(std::string_view& text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

struct Modifier {
  std::int32_t offset = 0;
  unsigned width = 0;
  char base = 'd';
};

/// What stands in the braces, and the brace behind it.
std::optional<Modifier> take_modifier(std::string_view& text) {
  Modifier out;
  if (!take_number(text, out.offset)) return std::nullopt;
  if (take(text, ',') && (!take_number(text, out.width) || out.width > widest)) return std::nullopt;
  if (take(text, ',')) {
    if (text.empty() || std::string_view("doxXnN").find(text[0]) == std::string_view::npos) return std::nullopt;
    out.base = text[0];
    text.remove_prefix(1);
  }
  if (!take(text, '}')) return std::nullopt;
  return out;
}

/// Hexadecimal digits as labels, the lowest first; the width counts the dots between them too.
void append_nibbles(std::uint64_t value, const Modifier& modifier, std::string& out) {
  const char* digits = modifier.base == 'n' ? "0123456789abcdef" : "0123456789ABCDEF";
  unsigned width = modifier.width;
  do {
    out += digits[value & 0xf];
    value >>= 4;
    if (width > 0) --width;
    if (width == 0 && value == 0) return;
    out += '.';
    if (width > 0) --width;
  } while (value != 0 || width > 0);
}

void append_number(std::uint64_t value, const Modifier& modifier, std::string& out) {
  if (modifier.base == 'n' || modifier.base == 'N') return append_nibbles(value, modifier, out);
  const unsigned radix = modifier.base == 'd' ? 10 : modifier.base == 'o' ? 8 : 16;
  const char* digits = modifier.base == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string text;
  for (; value != 0 || text.empty(); value /= radix) text.insert(text.begin(), digits[value % radix]);
  if (text.size() < modifier.width) out.append(modifier.width - text.size(), '0');
  out += text;
}

}  // namespace

std::optional<GenerateRange> parse_range(std::string_view text) {
  GenerateRange range;
  if (!take_number(text, range.start) || !take(text, '-') || !take_number(text, range.stop)) return std::nullopt;
  if (take(text, '/') && !take_number(text, range.step)) return std::nullopt;
  if (!text.empty() || range.start > range.stop || range.stop > most || range.step == 0) return std::nullopt;
  return range;
}

base::Result<void> expand_template(std::string_view text, std::uint32_t number, std::string& out) {
  while (!text.empty()) {
    const char c = text[0];
    text.remove_prefix(1);
    if (c == '\\') {
      out += c;
      if (!text.empty()) {
        out += text[0];
        text.remove_prefix(1);
      }
      continue;
    }
    if (c != '$') {
      out += c;
      continue;
    }
    if (take(text, '$')) {
      out += "\\$";
      continue;
    }
    Modifier modifier;
    if (take(text, '{')) {
      const auto read = take_modifier(text);
      if (!read) return base::Error{"after ${ must come offset,width,base}, such as ${1,3,d}"};
      modifier = *read;
    }
    const std::int64_t value = std::int64_t{number} + modifier.offset;
    if (value < 0) return base::Error{"with this offset the number is below zero"};
    append_number(static_cast<std::uint64_t>(value), modifier, out);
  }
  return {};
}

}  // namespace gslb::zones
