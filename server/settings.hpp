// server/settings.hpp: the settings of a server as the system can take them, and what of them only a restart changes.
//
// Threads: control.
#pragma once

#include <string>
#include <vector>

#include "base/address.hpp"
#include "config/config.hpp"
#include "health/judge_spec.hpp"

namespace gslb::server {

std::vector<base::SocketAddress> values(const std::vector<base::Sourced<base::SocketAddress>>& addresses);
/// Without those that nobody wrote and this system does not have.
std::vector<base::SocketAddress> usable(const std::vector<base::Sourced<base::SocketAddress>>& addresses);

/// The keys whose values differ and take effect only at the next start: "listen".
std::vector<std::string> waiting_for_a_restart(const config::ServerSpec& running, const config::ServerSpec& next);

/// Whether two configurations agree on how this vantage takes part: the others and references may differ.
bool same_vantage(const health::SharingSpec& a, const health::SharingSpec& b);

/// Of whose reports the server makes its verdicts: its own vantage first.
std::vector<health::Vantage> vantages_of(const health::SharingSpec& spec, const std::string& own);
/// A report counts until three could have come.
base::Duration fresh_for(const health::SharingSpec& spec);

}  // namespace gslb::server
