// net/stream_outcome.hpp: how far an exchange over a stream got, and how long each phase took.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace gslb::net {

/// Where in an exchange something went wrong, in the order in which things happen. Protocols without a status line and
/// a body wait for their answer in `status`.
enum class Phase : std::uint8_t { connect, tls, send, status, body, done };
std::string_view to_string(Phase phase);

struct StreamOutcome {
  Phase reached = Phase::connect;  ///< done: all went well; otherwise the phase that failed
  bool timed_out = false;
  std::string problem;  ///< in words, for people: "connection refused"; "" if done
  std::array<base::Duration, static_cast<std::size_t>(Phase::done)> times{};  ///< spent in each phase
  base::Duration total_time{};
  std::optional<base::WallTime> certificate_end;  ///< of the server's own certificate, over TLS

  base::Duration time(Phase phase) const noexcept { return times[static_cast<std::size_t>(phase)]; }
};

}  // namespace gslb::net
