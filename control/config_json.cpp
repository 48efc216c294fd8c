#include "control/config_json.hpp"

#include "control/json_parts.hpp"

namespace gslb::control {

std::string to_json(const ConfigPushOutcome& outcome) {
  return line({{"ok", outcome.ok},
               {"refused", outcome.refused},
               {"id", utf8(outcome.id)},
               {"configuration", outcome.configuration},
               {"most_moved", finite(outcome.most_moved)},
               {"difference", utf8(outcome.difference)},
               {"proof", utf8(outcome.proof)},
               {"error", utf8(outcome.errors)}});
}

base::Result<ConfigPushOutcome> push_outcome_from_json(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return object.error();
  ConfigPushOutcome out;
  const Reader in(*object);
  in.read("ok", out.ok);
  in.read("refused", out.refused);
  in.read("id", out.id);
  in.read("configuration", out.configuration);
  in.read("most_moved", out.most_moved);
  in.read("difference", out.difference);
  in.read("proof", out.proof);
  in.read("error", out.errors);
  return out;
}

std::string to_json(const ConfigView& view) {
  json::value left = nullptr;  // at 0 it is still on trial, until it was kept
  if (view.soak_left) left = finite(std::chrono::duration<double>(*view.soak_left).count());
  return line({{"ok", true},
               {"file", utf8(view.file)},
               {"hash", utf8(view.hash)},
               {"configuration", view.configuration},
               {"pushed", utf8(view.pushed)},
               {"author", utf8(view.author)},
               {"reason", utf8(view.reason)},
               {"when", time(view.when)},
               {"soak_left", std::move(left)},
               {"last_trial", utf8(view.last_trial)},
               {"last_id", utf8(view.last_id)},
               {"shared", view.shared}});
}

base::Result<ConfigView> config_view_from_json(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return object.error();
  ConfigView out;
  const Reader in(*object);
  in.read("file", out.file);
  in.read("hash", out.hash);
  in.read("configuration", out.configuration);
  in.read("pushed", out.pushed);
  in.read("author", out.author);
  in.read("reason", out.reason);
  in.read("when", out.when);
  std::optional<double> left;
  in.read("soak_left", left);
  if (left) out.soak_left = std::chrono::duration_cast<base::Duration>(std::chrono::duration<double>(*left));
  in.read("last_trial", out.last_trial);
  in.read("last_id", out.last_id);
  in.read("shared", out.shared);
  return out;
}

}  // namespace gslb::control
