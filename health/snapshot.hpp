// health/snapshot.hpp: verdicts as text for the state file, and back. No I/O.
//
//   {"version":1,"checksum":"<16 hex
//   digits>","state":{"saved":<ms>,"targets":[{"key":…,"verdict":…,"since":<ms>,…},…],"latches":[…],"judged":[…]}}
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "health/judged_view.hpp"
#include "health/target.hpp"

namespace gslb::health {

struct SavedTarget {
  std::string key;  ///< Target::key()
  Verdict verdict = Verdict::up;
  base::WallTime since{};                             ///< in milliseconds
  std::optional<std::chrono::milliseconds> returned;  ///< how long before `saved` it came back; not negative
  friend bool operator==(const SavedTarget&, const SavedTarget&) = default;
};

/// Which tiers of a service clients were kept from (`failback`).
struct SavedLatch {
  std::string key;
  std::uint16_t floor = 0;
  std::chrono::milliseconds since{};              ///< how long before `saved` it fell; not negative
  std::optional<std::chrono::milliseconds> back;  ///< how long before `saved` a better tier came back; not negative
  friend bool operator==(const SavedLatch&, const SavedLatch&) = default;
};

struct Snapshot {
  base::WallTime saved{};  ///< in milliseconds
  std::vector<SavedTarget> targets;
  std::vector<SavedLatch> latches = {};
  std::vector<KeptVerdict> judged = {};  ///< of several vantages, or behind guards; times in milliseconds
  friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

std::string to_text(const Snapshot& snapshot);
/// Fails if the text is damaged in any way, or of a version that this release does not know.
[[nodiscard]] base::Result<Snapshot> parse_snapshot(std::string_view text);

}  // namespace gslb::health
