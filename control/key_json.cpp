#include "control/key_json.hpp"

#include "control/json_parts.hpp"

namespace gslb::control {

namespace {

json::object key_object(const KeyView& key) {
  return {{"tag", key.tag},
          {"algorithm", utf8(key.algorithm)},
          {"role", utf8(key.role)},
          {"does", utf8(key.does)},
          {"waits", utf8(key.waits)},
          {"until", time(key.until)},
          {"created", time(key.created)},
          {"file", utf8(key.file)},
          {"ds_wanted", key.ds_wanted},
          {"ds", strings(key.ds)}};
}

KeyView key_view(const Reader& in) {
  KeyView out;
  in.read("tag", out.tag);
  in.read("algorithm", out.algorithm);
  in.read("role", out.role);
  in.read("does", out.does);
  in.read("waits", out.waits);
  in.read("until", out.until);
  in.read("created", out.created);
  in.read("file", out.file);
  in.read("ds_wanted", out.ds_wanted);
  in.read("ds", out.ds);
  return out;
}

}  // namespace

std::string to_json(const std::vector<ZoneKeysView>& zones) {
  json::array list;
  for (const ZoneKeysView& zone : zones) {
    json::array keys;
    for (const KeyView& key : zone.keys) keys.emplace_back(key_object(key));
    list.emplace_back(json::object{{"zone", utf8(zone.zone)},
                                   {"role", zone.maker ? "maker" : "follower"},
                                   {"signed", zone.is_signed},
                                   {"awaits_keys", zone.awaits_keys},
                                   {"keys", std::move(keys)},
                                   {"warnings", strings(zone.warnings)}});
  }
  return line({{"zones", std::move(list)}});
}

std::string to_json(const KeyOutcome& outcome) { return line({{"ok", outcome.ok}, {"what", utf8(outcome.what)}}); }

base::Result<std::vector<ZoneKeysView>> zone_keys_from_json(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return object.error();
  std::vector<ZoneKeysView> out;
  Reader(*object).each("zones", [&out](const Reader& in) {
    ZoneKeysView& zone = out.emplace_back();
    std::string role;
    in.read("zone", zone.zone);
    in.read("role", role);
    in.read("signed", zone.is_signed);
    in.read("awaits_keys", zone.awaits_keys);
    in.read("warnings", zone.warnings);
    zone.maker = role == "maker";
    in.each("keys", [&zone](const Reader& key) { zone.keys.push_back(key_view(key)); });
  });
  return out;
}

base::Result<KeyOutcome> key_outcome_from_json(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return object.error();
  KeyOutcome out;
  Reader(*object).read("ok", out.ok);
  Reader(*object).read("what", out.what);
  return out;
}

}  // namespace gslb::control
