#include "control/ctl_push.hpp"

#include <iostream>

#include "control/push_json.hpp"
#include "control/views.hpp"

namespace gslb::control {

Exit push(const Connection& connection, const PushOptions& options, const Output& output) {
  const auto status = health::parse_push_status(options.status);
  if (!status)
    return report({Exit::usage, "\"" + options.status + "\" is no status", "pass, warn or fail", {}}, output);
  const std::string body = to_json(health::Push{*status, options.note});
  const std::string target = "/v1/push?target=" + url_encoded(options.target) +
                             (options.monitor.empty() ? "" : "&monitor=" + url_encoded(options.monitor));
  std::vector<std::string> sockets = options.sockets;
  if (sockets.empty()) sockets = {connection.socket};
  std::size_t told = 0;
  Exit failed = Exit::failed;
  for (const std::string& socket : sockets) {
    const auto answer = ask({socket, connection.timeout}, "PUT", target, body);
    if (const auto* failure = std::get_if<Failure>(&answer)) {
      failed = report(*failure, output);
      continue;
    }
    const auto& said = std::get<std::string>(answer);
    const auto targets = pushed_from_json(said);
    if (!targets) {
      failed = report({Exit::failed, targets.error().what, {}, {}}, output);
      continue;
    }
    ++told;
    if (output.json) std::cout << said << std::flush;
    if (output.json) continue;
    for (const std::string& one : *targets)
      std::cout << safe_lines(options.status + " is taken for " + one + "\n", 0) << std::flush;
  }
  if (told == sockets.size()) return Exit::ok;
  return told == 0 ? failed : Exit::partial;
}

}  // namespace gslb::control
