#include "control/json.hpp"

#include "control/json_parts.hpp"
#include "control/sharing_json.hpp"

namespace gslb::control {

namespace {

json::object site_object(const SiteView& site) {
  return {{"name", utf8(site.name)},   {"endpoints", site.endpoints}, {"up", site.up},
          {"since", time(site.since)}, {"checks", utf8(site.checks)}, {"latency", seconds(site.latency)},
          {"answers", site.answers}};
}

json::object endpoint_object(const EndpointView& endpoint) {
  const health::TargetState& state = endpoint.state;
  return {{"address", utf8(endpoint.address)},
          {"site", utf8(endpoint.site)},
          {"verdict", json::string(health::to_string(state.verdict))},
          {"probed", endpoint.probed},
          {"restored", state.restored},
          {"in_motion", state.in_motion},
          {"until_change", seconds(state.until_change)},
          {"streak", state.streak},
          {"since", time(state.since)},
          {"latency", seconds(state.latency)},
          {"reason", utf8(state.reason)},
          {"probes", state.probes},
          {"failures", state.failures},
          {"weight", finite(endpoint.weight)},
          {"configured", finite(endpoint.configured)},
          {"ordered", utf8(endpoint.ordered)},
          {"why", utf8(endpoint.why)}};
}

void read_endpoint(const Reader& in, EndpointView& out) {
  in.read("address", out.address);
  in.read("site", out.site);
  in.read("probed", out.probed);
  in.read("restored", out.state.restored);
  in.read("in_motion", out.state.in_motion);
  in.read("until_change", out.state.until_change);
  in.read("streak", out.state.streak);
  in.read("since", out.state.since);
  in.read("latency", out.state.latency);
  in.read("reason", out.state.reason);
  in.read("probes", out.state.probes);
  in.read("failures", out.state.failures);
  in.read("weight", out.weight);
  in.read("configured", out.configured);
  in.read("ordered", out.ordered);
  in.read("why", out.why);
  std::string verdict;
  in.read("verdict", verdict);
  for (const auto known : {health::Verdict::up, health::Verdict::down}) {
    if (verdict == health::to_string(known)) out.state.verdict = known;
  }
}

}  // namespace

std::string to_json(const StatusView& s) {
  json::array sites;
  for (const SiteView& site : s.sites) sites.emplace_back(site_object(site));
  return line({{"program", utf8(s.program)},
               {"version", utf8(s.version)},
               {"pid", s.pid},
               {"started", time(s.started)},
               {"ready", s.ready},
               {"not_ready_reason", utf8(s.not_ready_reason)},
               {"listen", strings(s.listen)},
               {"configuration", s.configuration},
               {"plan", s.plan},
               {"loaded", time(s.loaded)},
               {"last_reload_error", utf8(s.last_reload_error)},
               {"zones", s.zones},
               {"services", s.services},
               {"targets", s.targets},
               {"targets_up", s.targets_up},
               {"queries", s.queries},
               {"answers", s.answers},
               {"dropped", s.dropped},
               {"limited", s.limited},
               {"signed_zones", s.signed_zones},
               {"signatures_made", s.signatures_made},
               {"signatures_end", time(s.signatures_end)},
               {"sites", std::move(sites)},
               {"sharing", s.sharing.name.empty() ? json::value() : json::value(sharing_object(s.sharing))},
               {"store", s.store.endpoints.empty() ? json::value() : json::value(store_object(s.store))},
               {"nodes", nodes_array(s.nodes)},
               {"warnings", strings(s.warnings)}});
}

std::string to_json(const std::vector<ServiceView>& services) {
  json::array list;
  for (const ServiceView& service : services) {
    json::array endpoints;
    for (const EndpointView& endpoint : service.endpoints) endpoints.emplace_back(endpoint_object(endpoint));
    list.emplace_back(json::object{{"name", utf8(service.name)},
                                   {"policy", utf8(service.policy)},
                                   {"mode", utf8(service.mode)},
                                   {"held", utf8(service.held)},
                                   {"endpoints", std::move(endpoints)}});
  }
  return line({{"services", std::move(list)}});
}

std::string to_json(const ReloadResult& result) {
  json::object out{{"ok", result.ok}, {"configuration", result.configuration}, {"took", seconds(result.took)}};
  if (!result.ok) {
    out["error"] = utf8(result.errors);
    if (!result.difference.empty()) out["difference"] = json::parse(result.difference);
    out["hint"] =
        "nothing was loaded; configuration " + std::to_string(result.configuration) + " goes on" +
        (result.refused && result.difference.empty() ? "; if the databases are right: gslbctl reload --accept-geo"
                                                     : "");
  }
  return line(out);
}

std::string to_json(const ApiError& error) {
  json::object out{{"error", utf8(error.error)}};
  if (!error.hint.empty()) out["hint"] = utf8(error.hint);
  return line(out);
}

namespace {

json::array list_of(const std::string& file, const std::vector<base::ConfigError>& found) {
  json::array list;
  for (const base::ConfigError& error : found)
    list.emplace_back(json::object{{"file", utf8(error.where.file ? error.where.file->path : file)},
                                   {"line", error.where.line},
                                   {"column", error.where.column},
                                   {"path", utf8(error.path)},
                                   {"what", utf8(error.what)},
                                   {"hint", utf8(error.hint)}});
  return list;
}

}  // namespace

std::string to_json(const std::string& file, const std::vector<base::ConfigError>& errors,
                    const std::vector<base::ConfigError>& warnings) {
  return line({{"file", utf8(file)},
               {"ok", errors.empty()},
               {"errors", list_of(file, errors)},
               {"warnings", list_of(file, warnings)}});
}

std::string render_to_json(const std::string& file, bool changed) {
  return line({{"output", utf8(file)}, {"changed", changed}});
}

std::string import_json(const std::string& yaml, const std::string& file, const std::vector<base::ConfigError>& lost) {
  return line({{"yaml", utf8(yaml)}, {"lost", list_of(file, lost)}});
}

std::string import_json(const std::map<std::string, std::string>& files, const std::string& from,
                        const std::vector<base::ConfigError>& lost) {
  json::object texts;
  for (const auto& [path, text] : files) texts[utf8(path)] = utf8(text);
  return line({{"files", std::move(texts)}, {"lost", list_of(from, lost)}});
}

base::Result<StatusView> status_from_json(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return object.error();
  const Reader in(*object);
  StatusView out;
  in.read("program", out.program);
  in.read("version", out.version);
  in.read("pid", out.pid);
  in.read("started", out.started);
  in.read("ready", out.ready);
  in.read("not_ready_reason", out.not_ready_reason);
  in.read("listen", out.listen);
  in.read("configuration", out.configuration);
  in.read("plan", out.plan);
  in.read("loaded", out.loaded);
  in.read("last_reload_error", out.last_reload_error);
  in.read("zones", out.zones);
  in.read("services", out.services);
  in.read("targets", out.targets);
  in.read("targets_up", out.targets_up);
  in.read("queries", out.queries);
  in.read("answers", out.answers);
  in.read("dropped", out.dropped);
  in.read("limited", out.limited);
  in.read("signed_zones", out.signed_zones);
  in.read("signatures_made", out.signatures_made);
  in.read("signatures_end", out.signatures_end);
  in.read("warnings", out.warnings);
  in.each("sites", [&out](const Reader& site) {
    SiteView& view = out.sites.emplace_back();
    site.read("name", view.name);
    site.read("endpoints", view.endpoints);
    site.read("up", view.up);
    site.read("since", view.since);
    site.read("checks", view.checks);
    site.read("latency", view.latency);
    site.read("answers", view.answers);
  });
  if (const json::value* sharing = object->if_contains("sharing"); sharing != nullptr && sharing->is_object())
    read_sharing(Reader(sharing->get_object()), out.sharing);
  if (const json::value* store = object->if_contains("store"); store != nullptr && store->is_object())
    read_store(Reader(store->get_object()), out.store);
  read_nodes(Reader(*object), out.nodes);
  return out;
}

base::Result<std::vector<ServiceView>> services_from_json(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return object.error();
  std::vector<ServiceView> out;
  Reader(*object).each("services", [&out](const Reader& service) {
    ServiceView& view = out.emplace_back();
    service.read("name", view.name);
    service.read("policy", view.policy);
    service.read("mode", view.mode);
    service.read("held", view.held);
    service.each("endpoints",
                 [&view](const Reader& endpoint) { read_endpoint(endpoint, view.endpoints.emplace_back()); });
  });
  return out;
}

base::Result<ReloadResult> reload_from_json(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return object.error();
  const Reader in(*object);
  ReloadResult out;
  in.read("ok", out.ok);
  in.read("configuration", out.configuration);
  in.read("took", out.took);
  in.read("error", out.errors);
  return out;
}

ApiError error_from_json(std::string_view text) {
  ApiError out;
  if (const auto object = parse_object(text)) {
    const Reader in(*object);
    in.read("error", out.error);
    in.read("hint", out.hint);
  }
  if (out.error.empty()) out.error = text;
  while (!out.error.empty() && out.error.back() == '\n') out.error.pop_back();
  return out;
}

}  // namespace gslb::control
