// control/ctl_keys.hpp: `gslbctl key`: the keys of signed zones, what they wait for, and orders about them.
#pragma once

#include <string>
#include <vector>

#include "control/ctl_verbs.hpp"
#include "control/key_views.hpp"

namespace gslb::control {

/// @param zone  "" for all
[[nodiscard]] Exit key_status(const Connection& connection, const Output& output, const std::string& zone);
/// Prints the DS records that the parent should have now, ready to paste.
/// @param digest  "sha256" or "sha384"
[[nodiscard]] Exit key_ds(const Connection& connection, const Output& output, const std::string& zone,
                          const std::string& digest);
[[nodiscard]] Exit key_order(const Connection& connection, const Output& output, const KeyOrder& order);

/// For each zone a line and a table of its keys.
std::string render_keys(const std::vector<ZoneKeysView>& zones, base::WallTime now, bool color);

}  // namespace gslb::control
