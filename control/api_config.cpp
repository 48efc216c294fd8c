// The control API's answers about the configuration that runs: which it is, another one, and back to the files.
#include <charconv>

#include "control/api_request.hpp"
#include "control/config_json.hpp"
#include "control/json.hpp"

namespace gslb::control {

namespace {

constexpr unsigned longest_soak = 24 * 3600;

unsigned status_of(const ConfigPushOutcome& outcome) { return outcome.ok ? 200 : outcome.refused ? 409 : 422; }

}  // namespace

void show_config(const Request& request) { request.reply(response(200, to_json(request.instance.config_view()))); }

void push_config(const Request& request) {
  ConfigPush push;
  push.bundle = request.body;
  push.author = request.peer.empty() ? "somebody" : request.peer.front();
  push.reason = parameter(request.query, "reason");
  push.force = parameter(request.query, "force") == "1";
  push.dry_run = parameter(request.query, "dry_run") == "1";
  push.share = parameter(request.query, "share") != "0";
  const std::string soak = parameter(request.query, "soak");
  unsigned seconds = 0;
  const auto read = std::from_chars(soak.data(), soak.data() + soak.size(), seconds);
  if (!push.dry_run && (read.ec != std::errc{} || read.ptr != soak.data() + soak.size() || seconds > longest_soak))
    return request.reply(
        refusal(400, "how long is it watched? \"" + soak + "\" is no number of seconds up to a day", "soak=300"));
  push.soak = std::chrono::seconds(seconds);
  if (const std::string most = parameter(request.query, "max_move"); !most.empty()) {
    const auto share = parse_share(most);
    if (!share) return request.reply(refusal(400, "max_move: " + share.error().what, {}));
    push.max_move = *share;
  }
  request.instance.push_config(std::move(push), [reply = request.reply](const ConfigPushOutcome& outcome) {
    reply(response(status_of(outcome), to_json(outcome)));
  });
}

void leave_config(const Request& request) {
  const std::string author = request.peer.empty() ? "somebody" : request.peer.front();
  request.instance.leave_config(author, parameter(request.query, "reason"),
                                [reply = request.reply](const ConfigPushOutcome& outcome) {
                                  reply(response(status_of(outcome), to_json(outcome)));
                                });
}

}  // namespace gslb::control
