// control/ctl_orders.hpp: what people order with gslbctl, on one or several servers: drain, undrain, force, automation,
// orders; and what they ask beside it: events, probe.
#pragma once

#include <string>
#include <vector>

#include "control/ctl_verbs.hpp"
#include "health/order_kind.hpp"

namespace gslb::control {

struct OrderOptions {
  std::vector<std::string> sockets;  ///< of all servers that are told
  std::string scope;
  std::string lasts;  ///< "2h"
  bool forever = false;
  std::string reason;
  bool force = false;
  bool dry_run = false;
  bool wait = false;  ///< until it is safe: only of a drain
};

/// Gives an order to each server. @return ok if it took effect on all, partial if on some, else why on none
[[nodiscard]] Exit give_orders(const Connection& connection, const OrderOptions& options, health::OrderKind kind,
                               const Output& output);
/// Ends the orders of these kinds that were given for exactly this scope, or, if that is a number, the one of this id.
[[nodiscard]] Exit end_orders(const Connection& connection, const OrderOptions& options,
                              const std::vector<health::OrderKind>& kinds, const Output& output);
/// @param ended  also those that ended within a day
[[nodiscard]] Exit list_orders(const Connection& connection, const Output& output, bool ended);

struct EventOptions {
  std::string since;    ///< "1h"; "" for all that is kept
  std::string service;  ///< name, first labels or pattern; "" for all
  std::string site;
  bool follow = false;  ///< until interrupted
};
[[nodiscard]] Exit show_events(const Connection& connection, const EventOptions& options, const Output& output);

[[nodiscard]] Exit probe_target(const Connection& connection, const std::string& target, const std::string& from,
                                const Output& output);

}  // namespace gslb::control
