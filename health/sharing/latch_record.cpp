#include "health/sharing/latch_record.hpp"

#include <charconv>
#include <cstdio>

#include "health/shared_keys.hpp"

namespace gslb::health {

namespace {

/// Takes "NAME=NUMBER " off the front.
std::optional<std::uint64_t> take(std::string_view& text, std::string_view name) {
  if (!text.starts_with(name) || text.substr(name.size(), 1) != "=") return std::nullopt;
  text.remove_prefix(name.size() + 1);
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end == text.data() + text.size() || *end != ' ') return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return out;
}

}  // namespace

std::string key_of(const LatchRecord& record) {
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(record.number));
  return std::string(latches_prefix) + digits;
}

std::string to_text(const LatchRecord& record) {
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(record.since.time_since_epoch()).count();
  return "floor=" + std::to_string(record.floor) + " since=" + std::to_string(since) + " of=" + record.of;
}

std::optional<LatchRecord> parse_latch(const StoredValue& value) {
  if (!value.key.starts_with(latches_prefix)) return std::nullopt;
  constexpr std::uint64_t latest = 9'000'000'000'000;  // milliseconds: a clock counts nanoseconds in 63 bits
  std::string_view text = value.value;
  const auto floor = take(text, "floor");
  const auto since = floor ? take(text, "since") : std::nullopt;
  if (!since || *floor == 0 || *floor > UINT16_MAX || *since > latest || !text.starts_with("of=")) return std::nullopt;
  LatchRecord out;
  out.floor = static_cast<std::uint16_t>(*floor);
  out.since = base::WallTime(std::chrono::milliseconds(*since));
  out.of = text.substr(3);
  out.number = latch_key(out.of);
  return key_of(out) == value.key ? std::optional(out) : std::nullopt;
}

}  // namespace gslb::health
