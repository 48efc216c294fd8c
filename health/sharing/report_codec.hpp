// health/sharing/report_codec.hpp: a report as octets, and back. Pure.
//
//   "gslR" version | vantage | numbers | opinions, bit-packed | shared states | checksum
//
// An opinion costs the same whatever it says, so a report of the worst day is as long as one of the best: at most
// 256 KiB for 20,000 targets. One report has one spelling: what parses is written again as the same octets.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "health/report.hpp"

namespace gslb::health {

/// Octets of a report. Longer ones are neither written nor read.
inline constexpr std::size_t longest_report = std::size_t{256} * 1024;
/// Octets of a vantage's name: letters, digits, '-', '_' and '.'.
inline constexpr std::size_t longest_vantage = 63;

/// Shared states of a report: so many fit beside `most_opinions`, however the targets' numbers lie.
inline constexpr std::size_t most_shared = 350;

/// Whether a vantage may be called so.
bool is_vantage_name(std::string_view name) noexcept;

/// As it arrives: times rounded down to what the octets hold (milliseconds, for latency 10 microseconds, each to within
/// 0.4 %), and capped where they end (2 hours until a change; 83 s of latency; 17 years).
Report rounded(Report report);

/// Fails if the report holds what it must not: see parse_report. Never longer than `longest_report`.
[[nodiscard]] base::Result<std::string> write_report(const Report& report);

/// Fails, saying what is wrong, if the octets are not of this version, damaged, cut short or too long, or hold what no
/// vantage would say: a name of other characters, more than `most_opinions` or `most_shared`, opinions out of order or
/// twice on a target, a verdict there is none of, a share above 1, more references that answer than there are.
[[nodiscard]] base::Result<Report> parse_report(std::string_view octets);

}  // namespace gslb::health
