// defaults and services
#include <optional>
#include <span>

#include "config/draft.hpp"
#include "config/values.hpp"

namespace gslb::config {

namespace {

using policy::AllDown;
using policy::FilterKind;
using policy::ServiceSpec;
using namespace std::chrono_literals;

struct ServiceDraft {
  ServiceSpec& spec;
  Draft& draft;
  std::string in_place_name;  ///< of a monitor or policy written in place
  bool ttl_min_is_default;    ///< nobody wrote it: it gives way to a short `ttl`
};

void read_service_ttl(const Node& node, Seconds& out) { read_seconds(node, out, 0s, Seconds{max_ttl}); }

void read_policy_of(const Node& node, ServiceDraft& service) {
  service.spec.policy = {"", node.where()};
  service.spec.own_policy.reset();
  if (node.kind() == Node::Kind::sequence) {
    service.spec.own_policy = read_policy(node, service.in_place_name, service.draft);
  } else if (check_reference(node, "policy", "policies", service.draft.config.policies)) {
    service.spec.policy.value = *node.text();
  }
}

void read_monitor_of(const Node& node, ServiceDraft& service) {
  auto& monitors = service.draft.config.monitors;
  service.spec.monitor = {"", node.where()};
  if (is_combination(node)) {
    service.spec.monitor.value = service.in_place_name;
    service.draft.config.combinations.push_back(read_combination(node, service.in_place_name, service.draft));
  } else if (node.kind() == Node::Kind::mapping) {
    service.spec.monitor.value = service.in_place_name;
    monitors.push_back(read_monitor(node, service.in_place_name));
  } else if (node.kind() != Node::Kind::scalar || *node.text() != "none") {
    if (check_reference(node, "monitor", "monitors", std::span(monitors).first(service.draft.named_monitors)))
      service.spec.monitor.value = *node.text();
  }
}

constexpr auto hash_prefix_keys = std::to_array<Key<ServiceSpec>>({
    {"v4", "number", "bits of an IPv4 address",
     [](const Node& n, ServiceSpec& s) { read_number(n, s.hash_prefix_v4, 1, 32); }},
    {"v6", "number", "bits of an IPv6 address",
     [](const Node& n, ServiceSpec& s) { read_number(n, s.hash_prefix_v6, 1, 128); }},
});
constexpr KeyTable<ServiceSpec> hash_prefix_table{"defaults.hash_prefix", hash_prefix_keys};

void read_spill_above(const Node& node, ServiceDraft& service) {
  if (node.kind() == Node::Kind::scalar && *node.text() == "none") {
    service.spec.spill_above.reset();
    return;
  }
  double share = 0;
  if (!read_share(node, share)) return;
  if (share == 0) return node.error("must be above 0%", "none for no limit");
  service.spec.spill_above = share;
}

/// "auto", "manual", "after 10m"
void read_failback(const Node& node, ServiceDraft& service) {
  using Mode = policy::Failback::Mode;
  const std::string* text = node.text();
  if (text == nullptr) return;
  constexpr std::string_view after = "after ";
  if (*text == "auto" || *text == "manual") {
    service.spec.failback = {*text == "auto" ? Mode::automatic : Mode::manual, 0s};
    return;
  }
  const auto wait = text->starts_with(after) ? parse_duration(text->substr(after.size())) : std::nullopt;
  const bool whole = wait && *wait > 0ms && *wait <= 24h * 30 && *wait % 1s == 0ms;
  if (!whole) return node.error(in_quotes(*text) + " is not a way back", "auto, manual, or after 10m (1s to 30d)");
  service.spec.failback = {Mode::after, std::chrono::duration_cast<Seconds>(*wait)};
}

/// "at least 1 other site is fully up"
std::optional<policy::SafetyRule> parse_rule(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  const bool fully = words.size() == 8 && words[6] == "fully";
  if (words.size() != 7U + (fully ? 1 : 0) || words[0] != "at" || words[1] != "least" || words[3] != "other") return {};
  const auto count = parse_count(words[2]);
  const bool one = words[4] == "site" && words[5] == "is";
  const bool many = words[4] == "sites" && words[5] == "are";
  if (!count || *count < 1 || *count > 1000 || (!one && !many) || words.back() != "up") return {};
  return policy::SafetyRule{static_cast<unsigned>(*count), fully};
}

void read_rules(const Node& node, ServiceDraft& service) {
  service.spec.rules.clear();
  if (node.kind() == Node::Kind::scalar && *node.text() == "none") return;
  for (const Node& item : node.items()) {
    const std::string* text = item.text();
    if (text == nullptr) continue;
    if (const auto rule = parse_rule(*text)) {
      service.spec.rules.push_back(*rule);
    } else {
      item.error(in_quotes(*text) + " is no safety rule",
                 "at least 1 other site is fully up; at least 2 other sites are up");
    }
  }
}

constexpr auto default_keys = std::to_array<Key<ServiceDraft>>({
    {"policy", "name of a policy, or list of filters", "how endpoints are chosen", read_policy_of},
    {"monitor", "name of a monitor, mapping, or none", "how endpoints are probed; none takes them as up",
     read_monitor_of},
    {"ttl", "duration", "TTL of answers", [](const Node& n, ServiceDraft& s) { read_service_ttl(n, s.spec.ttl); }},
    {"ttl_min", "duration", "the least TTL while something is in motion",
     [](const Node& n, ServiceDraft& s) {
       s.ttl_min_is_default = false;
       read_service_ttl(n, s.spec.ttl_min);
       if (s.spec.ttl_min > s.spec.ttl)
         n.error("is more than the ttl of " + duration_text(s.spec.ttl), "at most " + duration_text(s.spec.ttl));
     }},
    {"slowstart", "duration", "a returning endpoint gets all its clients only after this",
     [](const Node& n, ServiceDraft& s) { read_seconds(n, s.spec.slowstart, 0s, 24h); }},
    {"spill_below", "share", "a tier keeps all its clients while this much of its weight is up",
     [](const Node& n, ServiceDraft& s) { read_share(n, s.spec.spill_below); }},
    {"panic_below", "share", "with less than this much of all weight up, health is ignored",
     [](const Node& n, ServiceDraft& s) { read_share(n, s.spec.panic_below); }},
    {"all_down", "as_if_up or none", "when nothing is up: answer as if all were, or with nothing but `fallback`",
     [](const Node& n, ServiceDraft& s) {
       read_choice<AllDown>(n, s.spec.all_down, {{"as_if_up", AllDown::as_if_up}, {"none", AllDown::none}});
     }},
    {"spill_above", "share, or none",
     "a site gives clients away above this much of its capacity, where its load is known", read_spill_above},
    {"keep", "number", "so many members stay in the answers, whatever the probes say",
     [](const Node& n, ServiceDraft& s) { read_number(n, s.spec.keep, 0, 10'000); }},
    {"pace", "mapping, duration, or none", "sites leave one after the other",
     [](const Node& n, ServiceDraft& s) { read_pace(n, s.spec.guards); }},
    {"damping", "mapping, duration, or none", "what flaps stays away longer",
     [](const Node& n, ServiceDraft& s) { read_damping(n, s.spec.guards); }},
    {"hold_up", "duration", "what returned stays at least this long",
     [](const Node& n, ServiceDraft& s) { read_duration(n, s.spec.guards.hold_up, 0ms, 1h); }},
    {"hold_down", "duration", "what was withdrawn stays away at least this long, if another endpoint is up",
     [](const Node& n, ServiceDraft& s) { read_duration(n, s.spec.guards.hold_down, 0ms, 24h); }},
    {"grade", "mapping, or none", "less weight for what is slow or fails in part",
     [](const Node& n, ServiceDraft& s) { read_grade(n, s.spec.guards); }},
    {"failback", "auto, manual, or after a duration",
     "when clients go back to a better tier of `priority` that is up again", read_failback},
    {"assert", "sentence, list of them, or none", "what has to hold when people take endpoints out", read_rules},
    {"automation", "act or observe", "observe: verdicts are made and shown, and change no answer",
     [](const Node& n, ServiceDraft& s) {
       read_choice<bool>(n, s.spec.observe, {{"act", false}, {"observe", true}});
     }},
    {"hash_prefix", "mapping", "how much of a client's address decides where it goes",
     [](const Node& n, ServiceDraft& s) { read_mapping(n, hash_prefix_table, s.spec); }},
    {"https", "on, off, list of protocols, or mapping", "whether the name has HTTPS records, and what they say",
     [](const Node& n, ServiceDraft& s) { read_https(n, s.spec.https); }},
});
constexpr auto defaults_keys =
    default_keys +
    std::to_array<Key<ServiceDraft>>({
        {"dnssec", "on, off, maker, follower, or mapping", "whether zones are signed, and how",
         [](const Node& n, ServiceDraft& s) { read_dnssec(n, s.draft.dnssec); }},
        {"agree", "majority, all, any, or number", "of monitors that do not say otherwise",
         [](const Node& n, ServiceDraft& s) { read_agree(n, s.draft.judging.agree); }},
        {"alone_after", "duration, or never", "of monitors that do not say otherwise",
         [](const Node& n, ServiceDraft& s) { read_alone_after(n, s.draft.judging.alone_after); }},
        {"correlated_hold", "duration", "of monitors that do not say otherwise",
         [](const Node& n, ServiceDraft& s) { read_correlated_hold(n, s.draft.judging.correlated_hold); }},
    });
constexpr KeyTable<ServiceDraft> defaults_table{"defaults", defaults_keys};

void read_fallback(const Node& node, ServiceDraft& service) {
  auto& fallback = service.spec.fallback;
  for (const Node& item : node.items()) {
    base::IpAddress address;
    if (!read_address(item, address)) continue;
    if (std::find(fallback.begin(), fallback.end(), address) != fallback.end()) item.error("is in the list already");
    fallback.push_back(address);
  }
}

constexpr auto canary_keys = std::to_array<Key<ServiceDraft>>({
    {"share", "share", "of all clients", [](const Node& n, ServiceDraft& s) { read_share(n, s.spec.canary->share); }},
    {"networks", "list of networks", "whose clients all go there",
     [](const Node& n, ServiceDraft& s) {
       for (const Node& item : n.items()) {
         base::Prefix prefix;
         if (!read_prefix(item, prefix)) continue;
         auto& networks = s.spec.canary->networks;
         if (std::find(networks.begin(), networks.end(), prefix) != networks.end())
           item.error("is in the list already");
         networks.push_back(prefix);
       }
     }},
    {"endpoints", "mapping of site to addresses, or list of endpoints", "where they go, by the policy of the service",
     [](const Node& n, ServiceDraft& s) { read_endpoints(n, s.spec.canary->endpoints, s.draft); }, true},
});
constexpr KeyTable<ServiceDraft> canary_table{"zones.*.services.*.canary", canary_keys};

void read_canary(const Node& node, ServiceDraft& service) {
  const auto errors_before = node.errors().all().size();
  service.spec.canary.emplace().where = node.where_key();
  if (!read_mapping(node, canary_table, service) || node.errors().all().size() > errors_before) return;
  const policy::CanarySpec& canary = *service.spec.canary;
  if (canary.share == 0 && canary.networks.empty()) node.error_at_key("is for nobody", "share: 5%, or networks: […]");
  for (const policy::EndpointSpec& endpoint : canary.endpoints) {
    if (!endpoint.service.value.empty())
      node.errors().add(endpoint.service.where, node.path(), "a canary holds addresses, not services");
    for (const policy::EndpointSpec& other : service.spec.endpoints) {
      const bool same = (endpoint.v4 && other.v4 && endpoint.v4->value == other.v4->value) ||
                        (endpoint.v6 && other.v6 && endpoint.v6->value == other.v6->value) ||
                        (endpoint.host && other.host && endpoint.host->value == other.host->value);
      if (same) node.errors().add(endpoint.where, node.path(), "is an endpoint of the service too");
    }
  }
}

constexpr auto service_keys =
    default_keys +
    std::to_array<Key<ServiceDraft>>({
        {"endpoints", "mapping of site to addresses, or list of endpoints", "what the service is made of",
         [](const Node& n, ServiceDraft& s) { read_endpoints(n, s.spec.endpoints, s.draft); }, true},
        {"canary", "mapping", "a part of the clients goes to endpoints of its own", read_canary},
        {"fallback", "address, or list of them", "answered when nothing else is left", read_fallback},
    });
constexpr KeyTable<ServiceDraft> service_table{"zones.*.services.*", service_keys};

constexpr auto reflect_keys = std::to_array<Key<ServiceDraft>>({
    {"reflect", "resolver, subnet or both", "answers with the address that asks, its client subnet, or both",
     [](const Node& n, ServiceDraft& s) {
       using policy::Reflect;
       read_choice<Reflect>(n, s.spec.reflect,
                            {{"resolver", Reflect::resolver}, {"subnet", Reflect::subnet}, {"both", Reflect::both}});
     }},
    {"ttl", "duration", "TTL of answers", [](const Node& n, ServiceDraft& s) { read_service_ttl(n, s.spec.ttl); }},
});
constexpr KeyTable<ServiceDraft> reflect_table{"zones.*.services.*, reflecting", reflect_keys};

const policy::PolicySpec& effective_policy(const ServiceSpec& service, const Config& config) {
  static const policy::PolicySpec built_in = policy::default_policy();
  if (service.own_policy) return *service.own_policy;
  for (const policy::PolicySpec& policy : config.policies) {
    if (policy.name == service.policy.value) return policy;
  }
  return built_in;
}

bool has_filter(const policy::PolicySpec& policy, FilterKind kind) {
  return std::any_of(policy.filters.begin(), policy.filters.end(), [&](const auto& f) { return f.kind == kind; });
}

/// What endpoints and policy need from each other.
void check_service(const Node& node, const ServiceSpec& service, const Config& config) {
  const policy::PolicySpec& policy = effective_policy(service, config);
  const bool by_distance = has_filter(policy, FilterKind::nearest);
  const bool fenced = has_filter(policy, FilterKind::fence);
  for (const policy::FilterSpec& filter : policy.filters) {
    for (const std::string& site : filter.outside_sites) {
      if (std::none_of(service.endpoints.begin(), service.endpoints.end(),
                       [&](const auto& endpoint) { return endpoint.site.value == site; }))
        node.errors().add(service.where, node.path(),
                          "the fence sends clients outside to " + in_quotes(site) + ", where no endpoint is",
                          "outside: names sites of the service's endpoints");
    }
  }
  std::vector<policy::EndpointSpec> all = service.endpoints;
  if (service.canary) all.insert(all.end(), service.canary->endpoints.begin(), service.canary->endpoints.end());
  for (const policy::EndpointSpec& endpoint : all) {
    if (!fenced && endpoint.serves.restricts())
      node.errors().add(endpoint.where, node.path(), "\"serves\" has no effect",
                        "the policy has no \"fence\": policy: [fence, nearest, weighted, take: 1]");
    if (!by_distance) continue;
    const auto site = std::find_if(config.sites.begin(), config.sites.end(),
                                   [&](const auto& s) { return s.name == endpoint.site.value; });
    if (site != config.sites.end() && !site->at)
      node.errors().add(endpoint.site.where, node.path(),
                        "the policy has \"nearest\", but the site " + in_quotes(site->name) + " has no \"at\"",
                        "sites: { " + site->name + ": { at: [latitude, longitude] } }");
  }
}

void read_one_service(const Node& field, zones::ZoneSpec& zone, Draft& draft) {
  ServiceSpec service = draft.defaults;
  service.name = {field.name(), field.where_key()};
  service.where = field.where_key();
  const auto owner = field.name() == "@" ? zone.apex.value : dns::Name::parse(field.name(), zone.apex.value);
  if (!owner || field.name().empty() || field.name().ends_with('.'))
    field.error_at_key(in_quotes(field.name()) + " is not a name inside the zone",
                       "relative to it, without a final dot; \"@\" is the apex");
  std::string zone_name = zone.apex.value.to_string();
  if (zone_name.size() > 1) zone_name.pop_back();
  ServiceDraft reading{service, draft, zone_name + "/" + field.name(), draft.ttl_min_is_default};
  if (field.has_field("reflect")) {
    service.ttl = 0s;
    service.https.reset();
    read_mapping(field, reflect_table, reading);
    zone.services.push_back(std::move(service));
    return;
  }
  read_mapping(field, service_table, reading);
  if (reading.ttl_min_is_default || service.ttl < draft.defaults.ttl)
    service.ttl_min = std::min(service.ttl_min, service.ttl);
  check_service(field, service, draft.config);
  zone.services.push_back(std::move(service));
}

/// Services inside of services: each is there, and none is inside itself.
class InnerChecks {
 public:
  InnerChecks(const Node& node, const zones::ZoneSpec& zone, const Config& config)
      : node_(node), zone_(zone), config_(config) {}

  void run() {
    for (const ServiceSpec& service : zone_.services) {
      for (const policy::EndpointSpec& endpoint : service.endpoints) {
        if (!endpoint.service.value.empty()) check(service, endpoint);
      }
    }
  }

 private:
  const ServiceSpec* find(const std::string& name) const {
    const auto found = std::find_if(zone_.services.begin(), zone_.services.end(),
                                    [&](const ServiceSpec& s) { return s.name.value == name; });
    return found == zone_.services.end() ? nullptr : &*found;
  }

  void check(const ServiceSpec& service, const policy::EndpointSpec& endpoint) {
    const std::string& name = endpoint.service.value;
    const std::string path = node_.path() + "." + service.name.value;
    const ServiceSpec* inner = find(name);
    if (inner == nullptr) {
      std::vector<std::string> names;
      for (const ServiceSpec& other : zone_.services) names.push_back(other.name.value);
      node_.errors().add(endpoint.service.where, path, "no service of the zone is named " + in_quotes(name),
                         suggestion(name, "services", names));
    } else if (inner->reflect != policy::Reflect::nothing) {
      node_.errors().add(endpoint.service.where, path, in_quotes(name) + " reflects and has no endpoints");
    } else if (leads_to(*inner, service, 0)) {
      node_.errors().add(endpoint.service.where, path,
                         in_quotes(service.name.value) + " would hold itself, by way of " + in_quotes(name));
    } else {
      check_places(service, endpoint, *inner, path);
    }
  }

  bool leads_to(const ServiceSpec& from, const ServiceSpec& to, std::size_t depth) const {
    if (&from == &to) return true;
    if (depth > zone_.services.size()) return false;  // another loop, which has an error of its own
    return std::any_of(from.endpoints.begin(), from.endpoints.end(), [&](const policy::EndpointSpec& endpoint) {
      const ServiceSpec* next = endpoint.service.value.empty() ? nullptr : find(endpoint.service.value);
      return next != nullptr && leads_to(*next, to, depth + 1);
    });
  }

  /// `nearest` outside looks at the sites inside.
  void check_places(const ServiceSpec& service, const policy::EndpointSpec& at, const ServiceSpec& inner,
                    const std::string& path) {
    if (!has_filter(effective_policy(service, config_), FilterKind::nearest)) return;
    for (const policy::EndpointSpec& endpoint : inner.endpoints) {
      const auto site = std::find_if(config_.sites.begin(), config_.sites.end(),
                                     [&](const auto& s) { return s.name == endpoint.site.value; });
      if (site != config_.sites.end() && !site->at)
        node_.errors().add(at.service.where, path,
                           "the policy has \"nearest\", but " + in_quotes(inner.name.value) + " has the site " +
                               in_quotes(site->name) + ", which has no \"at\"",
                           "sites: { " + site->name + ": { at: [latitude, longitude] } }");
    }
  }

  const Node& node_;
  const zones::ZoneSpec& zone_;
  const Config& config_;
};

void check_owners(const Node& node, const zones::ZoneSpec& zone) {
  std::vector<std::pair<dns::Name, const ServiceSpec*>> owners;
  for (const ServiceSpec& service : zone.services) {
    const std::string& name = service.name.value;
    if (const auto owner = name == "@" ? zone.apex.value : dns::Name::parse(name, zone.apex.value))
      owners.emplace_back(*owner, &service);
  }
  std::stable_sort(owners.begin(), owners.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = 1; i < owners.size(); ++i) {
    if (owners[i].first == owners[i - 1].first)
      node.errors().add(
          owners[i].second->where, node.path() + "." + owners[i].second->name.value,
          owners[i].first.to_string() + " is already a service at " + to_string(owners[i - 1].second->where));
  }
}

}  // namespace

void read_defaults(const Node& node, Draft& draft) {
  ServiceDraft defaults{draft.defaults, draft, "defaults", true};
  read_mapping(node, defaults_table, defaults);
  draft.ttl_min_is_default = defaults.ttl_min_is_default;
  draft.config.judging = draft.judging.over({});
  if (defaults.ttl_min_is_default) draft.defaults.ttl_min = std::min(draft.defaults.ttl_min, draft.defaults.ttl);
  const auto named = std::span(draft.config.monitors).first(draft.named_monitors);
  for (const health::MonitorSpec& monitor : named) {
    if (monitor.name == "defaults" && draft.config.monitors.size() > draft.named_monitors)
      node.error_at_key("a monitor is already named \"defaults\"", "name one: defaults: { monitor: web }");
  }
}

void read_services(const Node& node, zones::ZoneSpec& zone, Draft& draft) {
  for (const Node& field : node.fields()) read_one_service(field, zone, draft);
  check_owners(node, zone);
  InnerChecks(node, zone, draft.config).run();
}

void describe_service(std::vector<MappingInfo>& out) {
  out.push_back(describe(defaults_table));
  out.push_back(describe(hash_prefix_table));
  out.push_back(describe(service_table));
  out.push_back(describe(canary_table));
  out.push_back(describe(reflect_table));
}

}  // namespace gslb::config
