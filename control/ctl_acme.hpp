// control/ctl_acme.hpp: `gslbctl acme`: challenges on one or several servers, and whether the world sees them.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "control/ctl_verbs.hpp"

namespace gslb::control {

struct AcmeOptions {
  std::vector<std::string> sockets;  ///< of all servers that are told; the first also asks the name servers
  std::string name;
  std::string value;                      ///< "" clears all
  std::string lasts = "1h";               ///< of what is set
  std::vector<std::string> name_servers;  ///< addresses to ask instead of those of the zone's NS
  std::chrono::milliseconds timeout{60'000};
};

/// Sets or clears, then waits until every name server of the zone shows it. @return refused or failed where a server
/// would not, timeout where a name server does not show it: both say which
[[nodiscard]] Exit acme_set(const AcmeOptions& options, const Output& output);
[[nodiscard]] Exit acme_clear(const AcmeOptions& options, const Output& output);
/// What is set on one server.
[[nodiscard]] Exit acme_list(const Connection& connection, const Output& output);

}  // namespace gslb::control
