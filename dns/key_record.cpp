#include "dns/key_record.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

#include "dns/key_file.hpp"

namespace gslb::dns {

namespace {

struct Named {
  std::string_view name;
  std::optional<UnixTime> KeyTimes::*time;
};

constexpr std::array<Named, 8> all_times{{{"created", &KeyTimes::created},
                                          {"publish", &KeyTimes::publish},
                                          {"activate", &KeyTimes::activate},
                                          {"inactive", &KeyTimes::inactive},
                                          {"remove", &KeyTimes::remove},
                                          {"ds_seen", &KeyTimes::ds_seen},
                                          {"sync_publish", &KeyTimes::sync_publish},
                                          {"sync_delete", &KeyTimes::sync_delete}}};

bool is_blank(char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; }

/// A number without leading zeros or signs, for one way to write it.
template <class Number>
std::optional<Number> number(std::string_view text) {
  Number out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size() || std::to_string(out) != text) return std::nullopt;
  return out;
}

}  // namespace

std::string key_record_name(const KeyRecord& record) {
  return std::to_string(record.algorithm) + "+" + std::to_string(record.tag);
}

std::string to_text(const KeyRecord& record) {
  std::string out = "by=";
  std::ranges::copy_if(record.by, std::back_inserter(out), [](char c) { return !is_blank(c); });
  for (const Named& one : all_times) {
    if (const auto& time = record.times.*one.time)
      out.append(" ").append(one.name).append("=").append(key_time_text(*time));
  }
  return out;
}

std::optional<KeyRecord> parse_key_record(std::string_view name, std::string_view text) {
  const std::size_t plus = name.find('+');
  if (plus == std::string_view::npos || !text.starts_with("by=")) return std::nullopt;
  const auto algorithm = number<std::uint8_t>(name.substr(0, plus));
  const auto tag = number<std::uint16_t>(name.substr(plus + 1));
  if (!algorithm || !tag) return std::nullopt;
  KeyRecord out{*algorithm, *tag, {}, {}};
  std::string_view by = text.substr(3);
  by = by.substr(0, by.find(' '));
  if (std::ranges::any_of(by, is_blank)) return std::nullopt;
  out.by = by;
  text.remove_prefix(3 + by.size());
  for (const Named& one : all_times) {
    const std::string start = " " + std::string(one.name) + "=";
    if (!text.starts_with(start)) continue;
    text.remove_prefix(start.size());
    const std::string_view value = text.substr(0, text.find(' '));
    out.times.*one.time = parse_key_time(value);
    if (!(out.times.*one.time)) return std::nullopt;
    text.remove_prefix(value.size());
  }
  return text.empty() ? std::optional(out) : std::nullopt;
}

}  // namespace gslb::dns
