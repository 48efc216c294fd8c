// control/ctl_verbs.hpp: what each verb of gslbctl does. Data goes to standard output, errors to standard error.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "control/check.hpp"
#include "control/ctl_client.hpp"

namespace gslb::control {

struct Output {
  bool json = false;
  bool color = false;
};

[[nodiscard]] Exit show_status(const Connection& connection, const Output& output);
/// Shows the status again and again until interrupted.
[[nodiscard]] Exit watch_status(const Connection& connection, const Output& output, std::chrono::milliseconds pause);
/// @param service  "" for all
[[nodiscard]] Exit show_states(const Connection& connection, const Output& output, const std::string& service);
[[nodiscard]] Exit show_feeds(const Connection& connection, const Output& output);
/// @param config  a configuration file to answer from, without a server; "" asks the server
[[nodiscard]] Exit show_geo(const Connection& connection, const Output& output, const std::string& address,
                            const std::string& config);
struct ReloadLimits {
  bool accept_geo = false;  ///< new databases are used however many clients they move
  std::string max_move;     ///< refuse if a larger part of a service's clients would move: "5%"; "" for no limit
};
[[nodiscard]] Exit reload(const Connection& connection, const Output& output, const ReloadLimits& limits);
[[nodiscard]] Exit accept_store(const Connection& connection, const Output& output);
[[nodiscard]] Exit check_file(const std::string& file, const Output& output);
/// @param zone  "": the one that the file's SOA stands for
[[nodiscard]] Exit check_zone_file(const std::string& file, const std::string& zone, const Output& output);
/// A zone as a master file on standard output.
/// @param config  a configuration file instead of the server; "" for the server
/// @param client  as whom; "" for every endpoint that some client gets
[[nodiscard]] Exit export_zone(const Connection& connection, const Output& output, const std::string& zone,
                               const std::string& config, const std::string& client);
/// Errors and warnings of a configuration or zone file.
[[nodiscard]] Exit show_check(const std::string& file, const CheckResult& result, const Output& output);

/// From now on SIGINT and SIGTERM end pause_for() instead of the program.
void stop_on_interrupt();
/// @return whether it was interrupted, now or before
bool pause_for(std::chrono::milliseconds time);

/// Tells why on standard error (with --json, on standard output in the server's own words).
Exit report(const Failure& failure, const Output& output);

}  // namespace gslb::control
