// health/push.hpp: what a service says of itself, to a monitor of kind push. Pure: no clock, no I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "health/observation.hpp"

namespace gslb::health {

enum class PushStatus : std::uint8_t { pass, warn, fail };
std::string_view to_string(PushStatus status);
std::optional<PushStatus> parse_push_status(std::string_view text);

struct Push {
  PushStatus status = PushStatus::pass;
  std::string note;  ///< for people; one line
  friend bool operator==(const Push&, const Push&) = default;
};

/// What was said, as if a probe had seen it.
Observation observation_of(const Push& push, base::SteadyTime now);
/// Nothing was said for as long as the monitor waits.
Observation silence(base::Duration deadline, base::SteadyTime now);

}  // namespace gslb::health
