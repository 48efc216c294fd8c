// config/report.hpp: all errors of a configuration as one text for a terminal.
#pragma once

#include <string>

#include "base/source.hpp"

namespace gslb::config {

inline constexpr std::size_t most_reported = 100;

/// The errors one after another, each with its line and a caret; of more than `most_reported` only their number; then
/// "2 errors, nothing was loaded." Every line ends with a line feed. No errors give no text.
std::string report(const base::ErrorList& errors);

}  // namespace gslb::config
