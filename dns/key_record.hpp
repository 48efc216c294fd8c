// dns/key_record.hpp: a key's times as name servers tell each other of them, without the key. Pure.
//
//   by=fra-1 created=20261124041907 publish=20261124041907 activate=20261124041907
//
// Threads: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dns/key_times.hpp"
#include "dns/name.hpp"

namespace gslb::dns {

struct KeyRecord {
  std::uint8_t algorithm = 0;  ///< with the tag, which key of the zone it is
  std::uint16_t tag = 0;
  std::string by;  ///< the name server that makes the zone's keys
  KeyTimes times;
  bool operator==(const KeyRecord&) const = default;
};

/// What it is called beside others of its zone: "13+57470".
std::string key_record_name(const KeyRecord& record);
/// "by" is written without blanks and control characters.
std::string to_text(const KeyRecord& record);
/// Nothing if either is damaged.
std::optional<KeyRecord> parse_key_record(std::string_view name, std::string_view text);

}  // namespace gslb::dns
