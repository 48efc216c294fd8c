#include "control/ctl_keys.hpp"

#include <iostream>

#include "base/text.hpp"
#include "control/json.hpp"
#include "control/key_json.hpp"
#include "control/table.hpp"
#include "control/views.hpp"

namespace gslb::control {

namespace {

std::string keys_target(const std::string& zone) {
  return "/v1/keys" + (zone.empty() ? "" : "?zone=" + url_encoded(zone));
}

/// "2026-11-25T23:59:00Z (in 58 min)"
std::string when(base::WallTime time, base::WallTime now) {
  if (time == base::WallTime{}) return "-";
  const std::string text = rfc3339(time);
  const auto left = std::chrono::floor<std::chrono::seconds>(time - now);
  const std::string seconds = text.substr(0, text.find('.')) + "Z";
  return left.count() <= 0 ? seconds : seconds + " (in " + base::human_duration(left) + ")";
}

Exit no_gslbd(const base::Error& error, const Output& output) {
  return report({Exit::failed, error.what, "is it a gslbd that listens there?", {}}, output);
}

std::string order_target(const KeyOrder& order) {
  const std::string zone = "?zone=" + url_encoded(order.zone);
  switch (order.verb) {
    case KeyOrder::Verb::generate:
      return "/v1/keys/generate" + zone + (order.zsk ? "&role=zsk" : "");
    case KeyOrder::Verb::import: {
      std::string target = "/v1/keys/import" + zone;
      for (const std::string& path : order.paths) target += "&path=" + url_encoded(path);
      return target;
    }
    case KeyOrder::Verb::ds_seen:
      return "/v1/keys/ds-seen" + zone + (order.tag == 0 ? "" : "&tag=" + std::to_string(order.tag));
    case KeyOrder::Verb::ds_gone:
      return "/v1/keys/ds-gone" + zone;
    case KeyOrder::Verb::retire:
      return "/v1/keys/retire" + zone + "&tag=" + std::to_string(order.tag);
  }
  return {};
}

/// Why no DS can be handed over yet.
Failure no_ds(const ZoneKeysView& zone) {
  for (const KeyView& key : zone.keys) {
    if (key.ds.empty() || key.waits.empty()) continue;
    return {Exit::failed,
            "no DS of " + zone.zone + " should be at the parent yet: key " + std::to_string(key.tag) + " " + key.waits +
                (key.until == base::WallTime{} ? "" : ", until " + when(key.until, base::wall_now())),
            "ask again then; gslbctl key status shows how far it is",
            {}};
  }
  return {Exit::failed, "no DS of " + zone.zone + " should be at the parent", "gslbctl key status shows its keys", {}};
}

}  // namespace

std::string render_keys(const std::vector<ZoneKeysView>& zones, base::WallTime now, bool color) {
  if (zones.empty()) return "no zone is to be signed; to sign one: dnssec: on\n";
  std::string out;
  for (const ZoneKeysView& zone : zones) {
    if (!out.empty()) out += "\n";
    const char* unsigned_how = zone.awaits_keys ? "not answered: has no key yet" : "not signed";
    out += base::printable(zone.zone) + "   " +
           (zone.is_signed ? colored("signed", Tone::good, color) : colored(unsigned_how, Tone::warning, color)) +
           "   " + (zone.maker ? "this node makes its keys" : "another node makes its keys") + "\n";
    for (const std::string& warning : zone.warnings)
      out += " " + colored("warning: " + base::printable(warning), Tone::warning, color) + "\n";
    if (zone.keys.empty()) continue;
    Table table({{"key", true}, {"role"}, {"algorithm"}, {"does"}, {"until"}, {"next"}});
    for (const KeyView& key : zone.keys)
      table.add({{std::to_string(key.tag)},
                 {key.role},
                 {key.algorithm},
                 {key.does},
                 {when(key.until, now)},
                 {key.waits.empty() ? "-" : key.waits}});
    out += table.render(color);
  }
  return out;
}

Exit key_status(const Connection& connection, const Output& output, const std::string& zone) {
  const auto answer = ask(connection, "GET", keys_target(zone));
  if (const auto* failure = std::get_if<Failure>(&answer)) return report(*failure, output);
  const auto& body = std::get<std::string>(answer);
  const auto zones = zone_keys_from_json(body);
  if (!zones) return no_gslbd(zones.error(), output);
  std::cout << (output.json ? body : render_keys(*zones, base::wall_now(), output.color)) << std::flush;
  return Exit::ok;
}

Exit key_ds(const Connection& connection, const Output& output, const std::string& zone, const std::string& digest) {
  const auto answer = ask(connection, "GET", keys_target(zone));
  if (const auto* failure = std::get_if<Failure>(&answer)) return report(*failure, output);
  const auto& body = std::get<std::string>(answer);
  auto zones = zone_keys_from_json(body);
  if (!zones) return no_gslbd(zones.error(), output);
  const std::size_t index = digest == "sha384" ? 1 : 0;
  std::string records;
  for (ZoneKeysView& view : *zones) {
    std::erase_if(view.keys, [&](const KeyView& key) { return !key.ds_wanted || key.ds.size() <= index; });
    for (KeyView& key : view.keys) {
      key.ds = {key.ds[index]};
      records += base::printable(key.ds[0]) + "\n";
    }
  }
  if (records.empty()) {
    const auto all = zone_keys_from_json(body);
    if (all && all->size() == 1) return report(no_ds(all->front()), output);
    return report({Exit::failed, "no DS should be at a parent yet", "gslbctl key status shows all keys", {}}, output);
  }
  std::cout << (output.json ? to_json(*zones) : records) << std::flush;
  return Exit::ok;
}

Exit key_order(const Connection& connection, const Output& output, const KeyOrder& order) {
  const auto answer = ask(connection, "POST", order_target(order));
  if (const auto* failure = std::get_if<Failure>(&answer)) return report(*failure, output);
  const auto& body = std::get<std::string>(answer);
  const auto outcome = key_outcome_from_json(body);
  if (!outcome) return no_gslbd(outcome.error(), output);
  std::cout << (output.json ? body : safe_lines(outcome->what, 0)) << std::flush;
  return Exit::ok;
}

}  // namespace gslb::control
