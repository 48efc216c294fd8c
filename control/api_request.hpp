// control/api_request.hpp: what the handlers of the control API share: one request, its parameters, and its replies.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "control/instance.hpp"
#include "net/http_server.hpp"

namespace gslb::control {

struct Request {
  Instance& instance;
  std::string_view query;  ///< what stands behind the "?"
  const std::string& body;
  const std::vector<std::string>& peer;  ///< who asks, see net::ServerRequest
  const net::HttpServer::Reply& reply;
};

net::ServerResponse response(unsigned status, std::string body);
net::ServerResponse refusal(unsigned status, std::string error, std::string hint);

/// The values of `name` in "a=1&b=2&a=3".
std::vector<std::string> parameters(std::string_view query, std::string_view name);
/// The first of them; "" if there is none.
std::string parameter(std::string_view query, std::string_view name);
/// All, by name; of several of one name the first.
Parameters parameters(std::string_view query);

/// Answers a question about what runs now, in the background; an error is the asker's.
template <class Tell>
void tell(const Request& request, Tell tell) {
  const auto told = std::make_shared<base::Result<std::string>>(std::string());
  request.instance.in_background(
      [told, tell, present = request.instance.present(), asked = parameters(request.query)] {
        *told = tell(present, asked);
      },
      [told, reply = request.reply] {
        reply(*told ? response(200, **told) : refusal(400, told->error().what, "see docs/control-api.md"));
      });
}

// control/api_orders.cpp
void list_orders(const Request& request);
void give_order(const Request& request);
void end_order(const Request& request);
void preview_order(const Request& request);
void events(const Request& request);
void probe_now(const Request& request);

// control/api_config.cpp
void show_config(const Request& request);
void push_config(const Request& request);
void leave_config(const Request& request);

// control/api_push.cpp
void push(const Request& request);

}  // namespace gslb::control
