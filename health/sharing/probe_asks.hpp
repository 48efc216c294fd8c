// health/sharing/probe_asks.hpp: probes that a person wants now from other vantages, as JSON between two of them. Pure.
//
//   vantage ─report─► node, which answers with ProbeAsks ─► the vantage probes ─ProbeAnswer─► node
//
// A vantage that only sends is reached so too: it is asked when it comes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace gslb::health {

inline constexpr std::size_t most_asks = 8;             ///< at once, of one node to one vantage
inline constexpr std::size_t most_asked_targets = 256;  ///< of one of them
inline constexpr std::size_t longest_asks = std::size_t{64} * 1024;
inline constexpr std::size_t longest_probe_answer = std::size_t{256} * 1024;

struct ProbeAsk {
  std::uint64_t id = 0;                ///< the node's own number of the question
  std::vector<std::uint64_t> targets;  ///< Target::id() of what is to be probed
  friend bool operator==(const ProbeAsk&, const ProbeAsk&) = default;
};

struct ProbeOutcome {
  std::uint64_t target = 0;
  bool ok = false;
  bool voided = false;  ///< it says nothing about the target
  std::string phase;    ///< where it ended
  std::string detail;
  base::Duration latency{};  ///< whole microseconds
  friend bool operator==(const ProbeOutcome&, const ProbeOutcome&) = default;
};

struct ProbeAnswer {
  std::uint64_t id = 0;                ///< of the question
  std::vector<ProbeOutcome> outcomes;  ///< what the vantage does not probe is not among them
  friend bool operator==(const ProbeAnswer&, const ProbeAnswer&) = default;
};

std::string to_text(const std::vector<ProbeAsk>& asks);
/// Fails if it is of another form, too long, or asks for more than is allowed; unknown members are left alone.
[[nodiscard]] base::Result<std::vector<ProbeAsk>> parse_probe_asks(std::string_view text);

std::string to_text(const ProbeAnswer& answer);
[[nodiscard]] base::Result<ProbeAnswer> parse_probe_answer(std::string_view text);

}  // namespace gslb::health
