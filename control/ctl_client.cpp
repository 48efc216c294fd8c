#include "control/ctl_client.hpp"

#include <cstdio>

#include "base/text.hpp"
#include "control/json.hpp"
#include "net/http_client.hpp"

namespace gslb::control {

namespace {

constexpr std::size_t answer_limit = std::size_t{256} << 20;

Failure no_answer(const Connection& connection, const net::HttpResponse& response) {
  const std::string& problem = response.problem;
  if (response.timed_out)
    return {Exit::timeout,
            "gslbd did not answer within " + base::human_duration(connection.timeout),
            "it may be busy; wait longer with --timeout SECONDS",
            {}};
  if (response.reached == net::Phase::connect) {
    if (problem == "no such file or directory" || problem == "connection refused")
      return {Exit::not_running,
              "gslbd is not running: " + connection.socket + ": " + problem,
              "start it with: systemctl start gslbd; if it uses another socket, name it with --socket PATH",
              {}};
    if (problem == "permission denied")
      return {Exit::refused,
              "you may not use " + connection.socket + ": " + problem,
              "be root or a member of the socket's group",
              {}};
  }
  return {Exit::failed, "gslbd cannot be asked over " + connection.socket + ": " + problem, {}, {}};
}

Exit exit_of(unsigned status) {
  switch (status) {
    case 401:
    case 403:
    case 409:
      return Exit::refused;
    case 422:
      return Exit::invalid;
    default:
      return Exit::failed;
  }
}

}  // namespace

std::variant<std::string, Failure> ask(const Connection& connection, const std::string& method,
                                       const std::string& target, std::string body) {
  net::HttpRequest request;
  request.unix_path = connection.socket;
  request.method = method;
  request.target = target;
  request.body = std::move(body);
  request.body_limit = answer_limit;
  request.deadline = base::steady_now() + connection.timeout;
  net::HttpResponse response = net::http_request_blocking(std::move(request));
  if (response.reached != net::Phase::done) return no_answer(connection, response);
  if (response.status == 200) return std::move(response.body);
  const ApiError error = error_from_json(response.body);
  return Failure{exit_of(response.status), error.error, error.hint, response.body};
}

std::string url_encoded(const std::string& text) {
  constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char c : text) {
    if (plain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      char escaped[4];
      std::snprintf(escaped, sizeof escaped, "%%%02X", static_cast<unsigned char>(c));
      out += escaped;
    }
  }
  return out;
}

}  // namespace gslb::control
