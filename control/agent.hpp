// control/agent.hpp: what HAProxy's agent-check is told (configuration manual, 5.2 "agent-check"). No I/O.
//
//   www/iad           another site, as a server of a balancer: ready, drain, up or down, and its weight in percent
//   local www/fra     the servers of the own site: drain, once clients have stopped coming, else ready
//
// Threads: any.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "control/instance.hpp"

namespace gslb::control {

/// How long after the TTL of the answers that named a site its clients may still come: resolvers keep answers longer.
inline constexpr std::chrono::seconds resolver_tail{30};

/// @param line  "[local ]SERVICE[/SITE[/ADDRESS]]"
/// @return a line with its end. What is not known is only a remark ("# …"), which changes nothing at the balancer
std::string agent_answer(std::string_view line, const std::vector<ServiceView>& services,
                         const std::vector<OrderView>& orders, base::WallTime now);

}  // namespace gslb::control
