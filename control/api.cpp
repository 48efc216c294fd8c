#include "control/api.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "base/source.hpp"
#include "control/acme_json.hpp"
#include "control/api_request.hpp"
#include "control/json.hpp"
#include "control/key_json.hpp"
#include "control/service_names.hpp"

namespace gslb::control {

namespace {

void status(const Request& request) { request.reply(response(200, to_json(request.instance.status()))); }

void states(const Request& request) {
  const std::string wanted = canonical(parameter(request.query, "service"));
  const std::vector<ServiceView> services = request.instance.services();
  if (wanted.empty()) return request.reply(response(200, to_json(services)));
  const std::vector<ServiceView> found = meant(services, wanted);
  if (found.empty())
    return request.reply(refusal(404, "no service is named \"" + wanted + "\"", hint_for(services, wanted)));
  request.reply(response(200, to_json(found)));
}

void feeds(const Request& request) { request.reply(response(200, to_json(request.instance.feeds()))); }

void geo(const Request& request) {
  const std::string text = parameter(request.query, "address");
  const auto address = base::parse_address(text);
  if (!address)
    return request.reply(refusal(400, "\"" + text + "\" is not an IP address", "such as 192.0.2.1 or 2001:db8::1"));
  request.instance.geo(*address, [reply = request.reply](const base::Result<GeoView>& found) {
    reply(found ? response(200, to_json(*found)) : refusal(409, found.error().what, "gslbctl reload"));
  });
}

void explain(const Request& request) {
  tell(request, [](const Present& now, const Parameters& asked) { return tell_why(now, asked); });
}

void prove(const Request& request) {
  tell(request, [](const Present& now, const Parameters& asked) { return tell_proof(now, asked); });
}

void simulate(const Request& request) {
  tell(request, [traffic = request.body](const Present& now, const Parameters& asked) {
    return tell_simulation(now, asked, traffic);
  });
}

void reload(const Request& request) {
  const std::string accept = parameter(request.query, "accept_geo");
  if (!accept.empty() && accept != "true" && accept != "false")
    return request.reply(refusal(400, "accept_geo is \"" + accept + "\"", "true or false"));
  ReloadOptions options;
  options.accept_geo = accept == "true";
  if (const std::string most = parameter(request.query, "max_move"); !most.empty()) {
    const auto share = parse_share(most);
    if (!share) return request.reply(refusal(400, "max_move: " + share.error().what, {}));
    options.max_move = *share;
  }
  request.instance.reload(options, [reply = request.reply](const ReloadResult& result) {
    reply(response(result.ok ? 200 : result.refused ? 409 : 422, to_json(result)));
  });
}

/// The zones meant by `wanted`: all if it is "", else that of this name.
std::vector<ZoneKeysView> meant(const std::vector<ZoneKeysView>& zones, const std::string& wanted) {
  std::vector<ZoneKeysView> out;
  for (const ZoneKeysView& zone : zones) {
    if (wanted.empty() || canonical(zone.zone) == wanted) out.push_back(zone);
  }
  return out;
}

std::string hint_for(const std::vector<ZoneKeysView>& zones, const std::string& wanted) {
  std::vector<std::string> candidates;
  candidates.reserve(zones.size());
  for (const ZoneKeysView& zone : zones) candidates.push_back(canonical(zone.zone));
  const std::string near = base::nearest_word(wanted, candidates);
  if (!near.empty()) return "did you mean \"" + near + "\"?";
  return zones.empty() ? "to sign a zone: dnssec: on" : "without a name, all signed zones are listed";
}

void keys(const Request& request) {
  const std::string wanted = canonical(parameter(request.query, "zone"));
  request.instance.keys_view([wanted, reply = request.reply](const std::vector<ZoneKeysView>& zones) {
    const std::vector<ZoneKeysView> found = meant(zones, wanted);
    if (found.empty() && !wanted.empty())
      return reply(refusal(404, "no zone that is to be signed is named \"" + wanted + "\"", hint_for(zones, wanted)));
    reply(response(200, to_json(found)));
  });
}

void order_keys(const Request& request, KeyOrder order) {
  order.zone = parameter(request.query, "zone");
  if (order.zone.empty()) return request.reply(refusal(400, "of which zone?", "zone=example.org"));
  request.instance.order_keys(std::move(order), [reply = request.reply](const KeyOutcome& outcome) {
    reply(outcome.ok ? response(200, to_json(outcome)) : refusal(409, outcome.what, outcome.hint));
  });
}

void generate_key(const Request& request) {
  const std::string role = parameter(request.query, "role");
  if (!role.empty() && role != "zsk")
    return request.reply(refusal(400, "no key has the role \"" + role + "\"", "role=zsk, or none for a KSK or CSK"));
  order_keys(request, {.verb = KeyOrder::Verb::generate, .zone = {}, .zsk = role == "zsk", .tag = 0, .paths = {}});
}

void import_key(const Request& request) {
  std::vector<std::string> paths = parameters(request.query, "path");
  if (paths.empty() || std::ranges::count(paths, "") != 0)
    return request.reply(refusal(400, "which key?", "path=/srv/keys/Kexample.org.+013+57470"));
  order_keys(request, {.verb = KeyOrder::Verb::import, .zone = {}, .zsk = false, .tag = 0, .paths = std::move(paths)});
}

/// @param needed  whether a tag must be there
void order_key(const Request& request, KeyOrder::Verb verb, bool needed) {
  const std::string text = parameter(request.query, "tag");
  std::uint16_t tag = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), tag);
  if ((needed || !text.empty()) && (read.ec != std::errc{} || read.ptr != text.data() + text.size()))
    return request.reply(refusal(400, "\"" + text + "\" is no key tag", "tag=57470"));
  order_keys(request, {.verb = verb, .zone = {}, .zsk = false, .tag = tag, .paths = {}});
}

void ds_seen(const Request& request) { order_key(request, KeyOrder::Verb::ds_seen, false); }
void ds_gone(const Request& request) { order_key(request, KeyOrder::Verb::ds_gone, false); }
void retire_key(const Request& request) { order_key(request, KeyOrder::Verb::retire, true); }

void zone(const Request& request) {
  const std::string name = parameter(request.query, "name");
  const std::string client_text = parameter(request.query, "client");
  const auto client = client_text.empty() ? std::nullopt : base::parse_address(client_text);
  if (name.empty()) return request.reply(refusal(400, "which zone?", "/v1/zone?name=example.org"));
  if (!client_text.empty() && !client)
    return request.reply(refusal(400, "\"" + client_text + "\" is no address", "such as 192.0.2.1 or 2001:db8::1"));
  request.instance.export_zone(name, client, [reply = request.reply](const base::Result<std::string>& text) {
    if (!text) return reply(refusal(404, text.error().what, {}));
    auto found = response(200, *text);
    found.content_type = "text/dns";  // RFC 4027
    reply(std::move(found));
  });
}

void challenges(const Request& request) {
  request.instance.list_challenges(
      [reply = request.reply](const std::vector<ChallengeView>& set) { reply(response(200, to_json(set))); });
}

void order_challenge(const Request& request, ChallengeOrder order) {
  if (order.name.empty()) return request.reply(refusal(400, "for which name?", "name=www.example.org"));
  request.instance.order_challenge(std::move(order), [reply = request.reply](const ChallengeOutcome& outcome) {
    if (outcome.error.empty()) return reply(response(200, to_json(outcome)));
    reply(refusal(409, outcome.error, outcome.hint));
  });
}

void set_challenge(const Request& request) {
  const std::string text = parameter(request.query, "for");
  unsigned seconds = text.empty() ? 3600 : 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (seconds == 0) return request.reply(refusal(400, "\"" + text + "\" is no number of seconds", "for=3600"));
  order_challenge(request,
                  {parameter(request.query, "name"), parameter(request.query, "value"), std::chrono::seconds(seconds)});
}

void clear_challenge(const Request& request) {
  order_challenge(request, {parameter(request.query, "name"), parameter(request.query, "value"), {}});
}

void challenge_servers(const Request& request) {
  ChallengeQuestion question{parameter(request.query, "name"),
                             parameter(request.query, "value"),
                             parameter(request.query, "gone").empty(),
                             {}};
  const std::string servers = parameter(request.query, "servers");
  for (std::string_view rest = servers; !rest.empty();) {
    const std::string_view text = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), text.size() + 1));
    const auto address = base::parse_socket_address(text);
    if (!address) return request.reply(refusal(400, "\"" + std::string(text) + "\" is no address with a port", {}));
    question.servers.push_back(*address);
  }
  request.instance.ask_name_servers(std::move(question),
                                    [reply = request.reply](const base::Result<std::vector<NameServerView>>& found) {
                                      if (!found) return reply(refusal(404, found.error().what, {}));
                                      reply(response(200, to_json(*found)));
                                    });
}

void accept_store(const Request& request) {
  if (!request.instance.accept_store())
    return request.reply(refusal(404, "there is no shared store", "`etcd` in the configuration names one"));
  request.reply(response(200, "{\"accepted\":true}\n"));
}

struct Route {
  std::string_view path;
  std::string_view method;
  void (*answer)(const Request&);
};

// clang-format off
constexpr Route routes[] = {
    {"/v1/status", "GET", status},
    {"/v1/states", "GET", states},
    {"/v1/feeds", "GET", feeds},
    {"/v1/geo", "GET", geo},
    {"/v1/explain", "GET", explain},
    {"/v1/prove", "GET", prove},
    {"/v1/simulate", "POST", simulate},
    {"/v1/reload", "POST", reload},
    {"/v1/config", "GET", show_config},
    {"/v1/config/push", "POST", push_config},
    {"/v1/config/leave", "POST", leave_config},
    {"/v1/keys", "GET", keys},
    {"/v1/keys/generate", "POST", generate_key},
    {"/v1/keys/import", "POST", import_key},
    {"/v1/keys/ds-seen", "POST", ds_seen},
    {"/v1/keys/ds-gone", "POST", ds_gone},
    {"/v1/keys/retire", "POST", retire_key},
    {"/v1/zone", "GET", zone},
    {"/v1/acme", "GET", challenges},
    {"/v1/acme/set", "POST", set_challenge},
    {"/v1/acme/clear", "POST", clear_challenge},
    {"/v1/acme/servers", "GET", challenge_servers},
    {"/v1/store/accept", "POST", accept_store},
    {"/v1/orders", "GET", list_orders},
    {"/v1/orders/give", "POST", give_order},
    {"/v1/orders/end", "POST", end_order},
    {"/v1/orders/preview", "GET", preview_order},
    {"/v1/events", "GET", events},
    {"/v1/probe", "POST", probe_now},
    {"/v1/push", "PUT", push},
};
// clang-format on

void dispatch(Instance& instance, const net::ServerRequest& request, const net::HttpServer::Reply& reply) {
  const std::string_view target = request.target;
  const std::string_view path = target.substr(0, target.find('?'));
  const std::string_view query = path.size() < target.size() ? target.substr(path.size() + 1) : std::string_view();
  const std::string_view method = request.method == "HEAD" ? "GET" : std::string_view(request.method);
  std::string known;
  for (const Route& route : routes) {
    if (route.path != path) {
      known += std::string(known.empty() ? "" : ", ") + std::string(route.path);
      continue;
    }
    if (route.method == method) return route.answer({instance, query, request.body, request.peer, reply});
    auto wrong =
        refusal(405, std::string(path) + " does not answer " + request.method, "use " + std::string(route.method));
    wrong.headers.emplace_back("Allow", route.method == "GET" ? "GET, HEAD" : std::string(route.method));
    return reply(std::move(wrong));
  }
  reply(refusal(404, "there is nothing at " + std::string(path), "there are " + known));
}

}  // namespace

net::HttpServer::Handler make_api(Instance& instance) {
  return [&instance](const net::ServerRequest& request, const net::HttpServer::Reply& reply) {
    dispatch(instance, request, reply);
  };
}

}  // namespace gslb::control
