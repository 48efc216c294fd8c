// control/ctl_client.hpp: how gslbctl asks the server, and what its exit codes mean.
#pragma once

#include <chrono>
#include <string>
#include <variant>

namespace gslb::control {

/// Exit codes of gslbctl; scripts rely on them.
enum class Exit : int {
  ok = 0,
  failed = 1,
  usage = 2,
  not_running = 3,
  invalid = 4,
  refused = 5,
  timeout = 6,
  partial = 7,
  differs = 10
};

/// Why a verb did not do what was asked, in words for standard error.
struct Failure {
  Exit code = Exit::failed;
  std::string what;
  std::string hint;  ///< what to do about it; may be empty
  std::string json;  ///< the same as the server said it; empty if it said nothing
};

struct Connection {
  std::string socket;
  std::chrono::milliseconds timeout{10'000};
};

/// Sends one request over the control socket. @return the body of a 200, or why there is none
[[nodiscard]] std::variant<std::string, Failure> ask(const Connection& connection, const std::string& method,
                                                     const std::string& target, std::string body = {});

/// `text` as the value of a query's parameter.
std::string url_encoded(const std::string& text);

}  // namespace gslb::control
