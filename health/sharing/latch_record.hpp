// health/sharing/latch_record.hpp: a latch of `failback` as it is in the shared store. Pure.
//
//   /gslb/latches/00c5f0...   floor=1 since=1764216000123 of=www.example.org v4 812
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "health/sharing/shared_store.hpp"

namespace gslb::health {

struct LatchRecord {
  std::uint64_t number = 0;  ///< health::latch_key of `of`
  std::uint16_t floor = 0;   ///< 1 or more: clients are kept from the tiers before this one
  base::WallTime since{};    ///< whole milliseconds
  std::string of;            ///< service, family and tiers, for people
  friend bool operator==(const LatchRecord&, const LatchRecord&) = default;
};

inline constexpr std::string_view latches_prefix = "/gslb/latches/";

std::string key_of(const LatchRecord& record);
std::string to_text(const LatchRecord& record);
/// Nothing if it is no latch, or of another form.
std::optional<LatchRecord> parse_latch(const StoredValue& value);

}  // namespace gslb::health
