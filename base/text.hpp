// base/text.hpp: small things with text that every folder needs.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace gslb::base {

/// The text with control octets and invalid UTF-8 written as \xNN: safe for a log line or a terminal.
std::string printable(std::string_view text);

/// Octets of the well-formed UTF-8 sequence (RFC 3629) at the front of `text`, which is not empty; 0 if there is none.
std::size_t utf8_length(std::string_view text) noexcept;

/// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// For people: "0.4 ms", "18 s", "2 min 5 s", "4d 02h".
std::string human_duration(std::chrono::nanoseconds duration);

/// For people: "1,402,311".
std::string with_thousands(std::uint64_t number);

}  // namespace gslb::base
