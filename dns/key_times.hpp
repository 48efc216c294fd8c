// dns/key_times.hpp: when a key does what, as key files write it. The words are BIND's (dnssec-settime(8)).
#pragma once

#include <chrono>
#include <compare>
#include <optional>

namespace gslb::dns {

/// Wall-clock time in seconds, as in key files and RRSIGs: nodes must agree on it.
using UnixTime = std::chrono::sys_seconds;
using std::chrono::seconds;

/// A key is in the DNSKEY RRset from `publish` until `remove`. One with the SEP flag signs that RRset all this while.
/// The key whose `activate` came last signs everything else, or did until `inactive`.
struct KeyTimes {
  std::optional<UnixTime> created;
  std::optional<UnixTime> publish;
  std::optional<UnixTime> activate;
  std::optional<UnixTime> inactive;
  std::optional<UnixTime> remove;        ///< "Delete"
  std::optional<UnixTime> ds_seen;       ///< "DSPublish": every server of the parent showed its DS
  std::optional<UnixTime> sync_publish;  ///< CDS and CDNSKEY from here on
  std::optional<UnixTime> sync_delete;   ///< and until here

  auto operator<=>(const KeyTimes&) const = default;
};

/// Whether a time was set and has come.
constexpr bool reached(const std::optional<UnixTime>& time, UnixTime now) noexcept { return time && *time <= now; }

}  // namespace gslb::dns
