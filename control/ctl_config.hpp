// control/ctl_config.hpp: gslbctl config: another configuration for one or all name servers, tried at one first.
#pragma once

#include <string>
#include <vector>

#include "control/ctl_verbs.hpp"

namespace gslb::control {

struct PushConfigOptions {
  std::string file;                  ///< main file
  std::vector<std::string> sockets;  ///< of all servers, the first is the canary; empty: that of the connection
  std::string soak = "5m";
  std::string max_move;  ///< "5%"; "" for no limit
  std::string reason;
  bool force = false;
  bool dry_run = false;
  bool yes = false;  ///< do not ask
};

/// @return ok if all run it, partial if some do, refused if the canary would not or took it back
[[nodiscard]] Exit push_config(const Connection& connection, const PushConfigOptions& options, const Output& output);
[[nodiscard]] Exit show_config(const Connection& connection, const Output& output);
/// Back to each machine's own files. @param sockets  empty: that of the connection
[[nodiscard]] Exit leave_config(const Connection& connection, const std::vector<std::string>& sockets,
                                const std::string& reason, const Output& output);

}  // namespace gslb::control
