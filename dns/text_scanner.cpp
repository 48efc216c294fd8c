#include "dns/text_scanner.hpp"

#include <charconv>
#include <optional>

#include "base/text.hpp"

namespace gslb::dns {
namespace {

bool is_blank(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

std::string in_quotes(std::string_view text) { return '"' + base::printable(text) + '"'; }

void put(std::vector<std::uint8_t>& out, std::uint64_t value, unsigned octets) {
  while (octets-- > 0) out.push_back(static_cast<std::uint8_t>(value >> (8 * octets)));
}

std::uint64_t seconds_in(char unit) noexcept {
  switch (unit | 0x20) {
    case 's':
      return 1;
    case 'm':
      return 60;
    case 'h':
      return 3600;
    case 'd':
      return 86400;
    case 'w':
      return 604800;
    default:
      return 0;
  }
}

/// "3600" or "1h30m"; nothing if it is neither or exceeds 32 bits.
std::optional<std::uint32_t> parse_period(std::string_view text) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
  std::uint64_t total = 0;
  const char* at = text.data();
  const char* const end = at + text.size();
  do {
    std::uint32_t count = 0;
    const auto [stop, error] = std::from_chars(at, end, count);
    if (error != std::errc()) return std::nullopt;
    const bool plain = at == text.data() && stop == end;
    const std::uint64_t unit = plain ? 1 : stop == end ? 0 : seconds_in(*stop);
    if (unit == 0) return std::nullopt;
    total += count * unit;
    if (total > most) return std::nullopt;
    at = plain ? end : stop + 1;
  } while (at != end);
  return static_cast<std::uint32_t>(total);
}

}  // namespace

void TextScanner::skip_blanks() noexcept {
  while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
}

void TextScanner::fail(std::string what) {
  if (!failed()) error_ = std::move(what);
  rest_ = {};
}

std::string_view TextScanner::field(const char* what) {
  if (rest_.empty()) {
    fail(std::string("the ") + what + " is missing");
    return {};
  }
  const bool starts_quoted = rest_.front() == '"';
  bool quoted = false;
  std::size_t end = 0;
  while (end < rest_.size() && (quoted || !is_blank(rest_[end]))) {
    const char c = rest_[end];
    if (!quoted && (c == ';' || c == '(' || c == ')')) {
      fail(std::string("\"") + c + "\" must stand in quotes or behind a backslash");
      return {};
    }
    end += c == '\\' ? 2 : 1;
    if (c == '"') quoted = !quoted;
    if (c == '"' && !quoted && starts_quoted) break;  // "a""b" are two strings, key="a b" is one field
  }
  if (quoted || end > rest_.size()) {
    fail(quoted ? "a quote is not closed" : "a backslash at the end escapes nothing");
    return {};
  }
  const std::string_view found = rest_.substr(0, end);
  rest_.remove_prefix(end);
  skip_blanks();
  return found;
}

bool TextScanner::skip_field(std::string_view text) {
  if (!rest_.starts_with(text) || (rest_.size() > text.size() && !is_blank(rest_[text.size()]))) return false;
  rest_.remove_prefix(text.size());
  skip_blanks();
  return true;
}

void TextScanner::name(std::vector<std::uint8_t>& out, const char* what) {
  const std::string_view text = field(what);
  if (failed()) return;
  const auto parsed = Name::parse(text, origin_);
  if (!parsed) return fail(std::string("the ") + what + ' ' + in_quotes(text) + " is not a domain name");
  out.insert(out.end(), parsed->wire().begin(), parsed->wire().end());
}

void TextScanner::address(base::Family family, std::vector<std::uint8_t>& out) {
  const std::string_view text = field("address");
  if (failed()) return;
  const auto parsed = base::parse_address(text);
  if (!parsed || parsed->family != family)
    return fail(in_quotes(text) + (family == base::Family::v4 ? " is not an IPv4 address" : " is not an IPv6 address"));
  out.insert(out.end(), parsed->bytes().begin(), parsed->bytes().end());
}

std::uint64_t TextScanner::number(const char* what, std::uint64_t most) {
  const std::string_view text = field(what);
  if (failed()) return 0;
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || value > most) {
    fail(std::string("the ") + what + " must be 0 to " + std::to_string(most) + ", is " + in_quotes(text));
    return 0;
  }
  return value;
}

void TextScanner::u16(std::vector<std::uint8_t>& out, const char* what) {
  put(out, number(what, std::numeric_limits<std::uint16_t>::max()), 2);
}

void TextScanner::u32(std::vector<std::uint8_t>& out, const char* what) {
  put(out, number(what, std::numeric_limits<std::uint32_t>::max()), 4);
}

void TextScanner::period(std::vector<std::uint8_t>& out, const char* what) {
  const std::string_view text = field(what);
  if (failed()) return;
  const auto seconds = parse_period(text);
  if (!seconds)
    return fail(std::string("the ") + what + ' ' + in_quotes(text) + " is neither seconds nor a time like 1h30m");
  put(out, *seconds, 4);
}

void TextScanner::character_string(std::vector<std::uint8_t>& out) {
  std::string_view text = field("text");
  if (failed()) return;
  if (text.front() == '"') text = text.substr(1, text.size() - 2);
  const std::size_t length_at = out.size();
  out.push_back(0);
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"') return fail("a quote inside a string must be written as \\\"");
    if (text[at] != '\\') {
      out.push_back(static_cast<std::uint8_t>(text[at]));
      continue;
    }
    ++at;  // field() made sure that an octet follows
    if (!is_digit(text[at])) {
      out.push_back(static_cast<std::uint8_t>(text[at]));
      continue;
    }
    const std::string_view digits = text.substr(at, 3);
    unsigned value = 0;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), value).ptr != digits.data() + 3 || value > 255)
      return fail("the escape \\" + base::printable(digits) + " is not \\000 to \\255");
    out.push_back(static_cast<std::uint8_t>(value));
    at += 2;
  }
  const std::size_t length = out.size() - length_at - 1;
  if (length > 255) return fail("a string has " + std::to_string(length) + " octets; 255 is the most, split it");
  out[length_at] = static_cast<std::uint8_t>(length);
}

base::Result<void> TextScanner::finish() {
  if (!rest_.empty()) fail("nothing may follow, but " + in_quotes(rest_) + " does");
  if (failed()) return base::Error{error_};
  return {};
}

}  // namespace gslb::dns
