// control/ctl_push.hpp: gslbctl push: what a service says of itself, to one or several servers.
#pragma once

#include <string>
#include <vector>

#include "control/ctl_verbs.hpp"
#include "health/push.hpp"

namespace gslb::control {

struct PushOptions {
  std::vector<std::string> sockets;  ///< of all servers that are told; empty: that of the connection
  std::string target;
  std::string monitor;  ///< "": each of kind push
  std::string status;
  std::string note;
};

/// @return ok if all took it, partial if some did, else why none did
[[nodiscard]] Exit push(const Connection& connection, const PushOptions& options, const Output& output);

}  // namespace gslb::control
