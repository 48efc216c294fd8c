#include "health/sharing/config_record.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>

namespace gslb::health {

namespace {

constexpr std::string_view head = "gslb-config 1\n";
constexpr std::size_t longest_words = 256;
constexpr std::int64_t latest = 9'000'000'000'000;  // milliseconds: a clock counts nanoseconds in 63 bits

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::string words(std::string text) {
  text.resize(std::min(text.size(), longest_words));
  std::ranges::replace_if(text, is_control, ' ');
  return text;
}

/// The value of the line "NAME=VALUE" that `text` begins with, which is taken off.
std::optional<std::string_view> take(std::string_view& text, std::string_view name) {
  const std::string_view line = text.substr(0, text.find('\n'));
  if (line.size() == text.size() || !line.starts_with(name) || line.substr(name.size(), 1) != "=") return std::nullopt;
  text.remove_prefix(line.size() + 1);
  return line.substr(name.size() + 1);
}

bool is_id(std::string_view text) {
  return text.empty() || (text.size() == 16 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos);
}

bool are_words(std::string_view text) { return text.size() <= longest_words && std::ranges::none_of(text, is_control); }

}  // namespace

std::string to_text(const ConfigRecord& record) {
  const auto when = std::chrono::duration_cast<std::chrono::milliseconds>(record.when.time_since_epoch()).count();
  return std::string(head) + "id=" + record.id + "\nwhen=" + std::to_string(when) + "\nauthor=" + words(record.author) +
         "\nreason=" + words(record.reason) + "\n";
}

std::optional<ConfigRecord> parse_config_record(std::string_view text) {
  if (!text.starts_with(head)) return std::nullopt;
  text.remove_prefix(head.size());
  const auto id = take(text, "id");
  const auto when_text = id && is_id(*id) ? take(text, "when") : std::nullopt;
  const auto author = when_text ? take(text, "author") : std::nullopt;
  const auto reason = author && are_words(*author) ? take(text, "reason") : std::nullopt;
  if (!reason || !are_words(*reason) || !text.empty()) return std::nullopt;
  std::int64_t when = 0;
  const auto [end, error] = std::from_chars(when_text->data(), when_text->data() + when_text->size(), when);
  if (error != std::errc() || end != when_text->data() + when_text->size() || when < 0 || when > latest)
    return std::nullopt;
  return ConfigRecord{std::string(*id), base::WallTime(std::chrono::milliseconds(when)), std::string(*author),
                      std::string(*reason)};
}

}  // namespace gslb::health
