// control/ctl_import.hpp: `gslbctl import`: configurations of other programs as one of ours.
//
// What could not be carried goes to standard error, and the exit code is then Exit::partial.
#pragma once

#include <string>

#include "config/octodns.hpp"
#include "control/ctl_verbs.hpp"

namespace gslb::control {

/// Prints the configuration.
[[nodiscard]] Exit import_octodns(const std::string& file, const config::OctodnsOptions& options, const Output& output);
/// Writes the configuration and its zone files.
/// @param to  a folder, made if need be; none of its files is written over. With --json it may be ""; nothing is
/// written then
[[nodiscard]] Exit import_gdnsd(const std::string& folder, const std::string& to, const Output& output);

}  // namespace gslb::control
