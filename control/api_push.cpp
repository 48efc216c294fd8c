// The control API's answer to a service that says how it is.
#include "control/api_request.hpp"
#include "control/push_json.hpp"

namespace gslb::control {

void push(const Request& request) {
  const std::string target = parameter(request.query, "target");
  if (target.empty()) return request.reply(refusal(400, "of what?", "push?target=192.0.2.10"));
  const auto push = push_from_json(request.body);
  if (!push)
    return request.reply(refusal(400, push.error().what, R"({"status": "pass", "note": "…"}, or an empty body)"));
  const auto taken = request.instance.push(target, parameter(request.query, "monitor"), *push);
  if (!taken) return request.reply(refusal(404, taken.error().what, "a monitor `push: 30s` waits for them"));
  request.reply(response(200, pushed_to_json(*taken)));
}

}  // namespace gslb::control
