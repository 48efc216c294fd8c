#include "engine/compile.hpp"

#include <algorithm>
#include <map>

#include "base/file.hpp"
#include "engine/counters.hpp"
#include "engine/hosts.hpp"
#include "geo/canary.hpp"
#include "geo/compiler.hpp"
#include "policy/set_ranks.hpp"
#include "zones/zone_builder.hpp"

namespace gslb::engine {

namespace {

/// Owner name of a service, absolute and without the final dot, as people write it.
std::string absolute_name(const policy::ServiceSpec& service, const zones::ZoneSpec& zone) {
  std::string apex = zone.apex.value.to_string();
  apex.pop_back();
  return service.name.value == "@" ? apex : service.name.value + "." + apex;
}

const policy::PolicySpec& policy_of(const policy::ServiceSpec& service, const config::Config& config) {
  static const policy::PolicySpec standard = policy::default_policy();
  static const policy::PolicySpec none;
  if (service.reflect != policy::Reflect::nothing) return none;
  if (service.own_policy) return *service.own_policy;
  const auto found = std::find_if(config.policies.begin(), config.policies.end(),
                                  [&](const policy::PolicySpec& p) { return p.name == service.policy.value; });
  return found == config.policies.end() ? standard : *found;
}

class Compiler {
 public:
  Compiler(const config::Config& config, const CompileOptions& options, base::ErrorList& errors)
      : config_(config), options_(options), errors_(errors), out_(std::make_shared<Snapshot>()) {}

  SnapshotPtr run() {
    out_->configuration = options_.configuration;
    out_->shared_hash = options_.shared_hash;
    out_->loaded = base::wall_now();
    out_->sites = config_.sites;
    number_sites();
    out_->manners = manners();
    out_->monitors = config_.monitors;
    out_->judging = config_.judging;
    out_->combined_monitors = config_.combinations;
    out_->feeds = config_.feeds;
    std::vector<std::shared_ptr<const zones::Zone>> compiled;
    for (const zones::ZoneSpec& zone : config_.zones) {
      compiled.push_back(zones::build_zone(zone, errors_));
      out_->first_service.push_back(static_cast<std::uint32_t>(out_->services.size()));
      for (const policy::ServiceSpec& service : zone.services) add_service(service, zone, compiled.back().get());
    }
    use_addresses(*out_, options_.hosts);
    add_geography();
    if (!errors_.empty()) return nullptr;
    out_->zones = zones::ZoneTable(std::move(compiled));
    check_hosts();
    sign_zones();
    if (errors_.empty()) add_challenges();
    if (!errors_.empty()) return nullptr;
    if (options_.keys_of) options_.store->end_pass();
    return out_;
  }

 private:
  void sign_zones() {
    out_->signatures.resize(config_.zones.size());
    out_->awaits_keys.resize(config_.zones.size());
    out_->challenges.resize(config_.zones.size());
    for (const zones::ZoneSpec& zone : config_.zones)
      out_->validity.push_back(zone.dnssec ? static_cast<std::uint32_t>(zone.dnssec->validity.count()) : 0);
    if (!options_.keys_of) return;
    for (std::size_t i = 0; i < config_.zones.size(); ++i) {
      const zones::ZoneSpec& zone = config_.zones[i];
      if (!zone.dnssec) continue;
      const auto keys = options_.keys_of(zone, errors_);
      if (const auto done = sign(*out_, i, keys, *options_.store, options_.clock); !done)
        errors_.add(zone.dnssec->where, "dnssec", done.error().what);
      out_->awaits_keys[i] = keys == nullptr && !zone.dnssec->unsign && !served_unsigned(zone.apex.value) ? 1 : 0;
    }
  }

  /// A zone that everybody knows unsigned stays so until it has keys.
  bool served_unsigned(const dns::Name& apex) const {
    if (options_.before == nullptr) return false;
    const Snapshot& before = *options_.before;
    for (std::size_t i = 0; i < before.zones.all().size(); ++i)
      if (std::ranges::equal(before.zones.all()[i]->apex(), apex.wire()))
        return before.signatures[i] == nullptr && before.awaits_keys[i] == 0;
    return false;
  }

  void add_challenges() {
    zones::SignatureStore none;  // of use to nobody where no zone is signed
    zones::SignatureStore& store = options_.store != nullptr ? *options_.store : none;
    if (const auto done = set_challenges(*out_, options_.challenges, store, options_.clock); !done)
      errors_.add({}, {}, "ACME challenges cannot be signed: " + done.error().what);
  }

  /// Every answer of a signed zone is signed before anybody asks, so there must not be too many.
  void check_sets(policy::Service service, const policy::ServiceSpec& spec) {
    for (policy::Endpoint& endpoint : service.endpoints)  // a host may turn out to have either
      if (!endpoint.host.empty()) endpoint.set_addresses({base::IpAddress(), base::IpAddress{base::Family::v6, {}}});
    for (const policy::Aspect aspect : policy::aspects) {
      if (!service.answers(aspect) || !policy::SetRanks(service, aspect).too_many()) continue;
      const bool all = service.selection == policy::Selection::all || service.selection == policy::Selection::rotate;
      return errors_.add(spec.where, "services." + spec.name.value,
                         std::to_string(service.endpoints.size()) + " endpoints, " +
                             (all ? "all of them answered with" : "take: " + std::to_string(service.take)) +
                             ", make more than " + std::to_string(policy::SetRanks::limit) +
                             " different answers, and in a signed zone each needs a signature",
                         "fewer endpoints, or a policy with a lower `take`");
    }
  }

  Manners manners() {
    const config::ServerSpec& server = config_.server;
    Manners out{{}, false, server.rate_limits, server.nsid, server.chaos_version, server.chaos_id};
    if (!server.cookies) return out;
    out.cookies = options_.cookies;
    const auto& file = server.cookie_secrets;
    out.own_cookies = file.value.empty();
    if (out.own_cookies) return out;
    constexpr std::size_t longest = 65536;
    const auto text = base::read_file(file.value, longest);
    auto secrets = text ? dns::parse_cookie_secrets(*text) : base::Result<dns::CookieSecrets>(text.error());
    if (secrets) {
      out.cookies = std::move(*secrets);
    } else {
      errors_.add(file.where, "cookies.secrets", (text ? file.value + ": " : "") + secrets.error().what);
    }
    return out;
  }

  void number_sites() {
    SiteRegister own;
    SiteRegister& site_register = options_.site_register != nullptr ? *options_.site_register : own;
    for (const policy::SiteSpec& site : config_.sites) {
      const auto number = site_register.number(site.name);
      if (!number) {
        errors_.add(site.where, "sites." + site.name,
                    "more than " + std::to_string(max_sites) + " different sites since start; restart gslbd");
        return;
      }
      out_->site_counter.push_back(*number);
    }
  }

  /// @param built  the zone; null if it could not be built
  void add_service(const policy::ServiceSpec& spec, const zones::ZoneSpec& zone, const zones::Zone* built) {
    const policy::Sites sites{config_.sites};
    const policy::FindInner find = [&](const std::string& inner) {
      const auto found = std::find_if(zone.services.begin(), zone.services.end(),
                                      [&](const policy::ServiceSpec& s) { return s.name.value == inner; });
      return policy::InnerService{&*found, &policy_of(*found, config_)};
    };
    const auto owner = spec.name.value == "@" ? zone.apex.value : dns::Name::parse(spec.name.value, zone.apex.value);
    const bool alias = built != nullptr && owner && policy::may_be_alias(spec) && built->is_alias(owner->wire());
    auto name = zones::render(
        policy::compile_service(spec, policy_of(spec, config_), sites, absolute_name(spec, zone), find, alias));
    constexpr std::size_t most_endpoints = 60'000;  // they are numbered in 16 bits, with the fallback addresses
    if (name.service.endpoints.size() > most_endpoints)
      return errors_.add(spec.where, "services." + spec.name.value,
                         "has " + std::to_string(name.service.endpoints.size()) +
                             " endpoints with those of its inner services, more than " +
                             std::to_string(most_endpoints));
    if (zone.dnssec) check_sets(name.service, spec);
    name.signature = intern_signature(name.service.signature);
    auto& monitors = out_->monitor_of.emplace_back();
    for (const policy::Origin& origin : policy::origins(spec, find))
      monitors.push_back(monitor_number(origin.service->monitor.value));
    out_->services.push_back(std::move(name));
  }

  /// @return as in Snapshot::monitor_of
  std::uint32_t monitor_number(const std::string& name) const {
    const auto found = std::ranges::find(config_.monitors, name, &health::MonitorSpec::name);
    if (found != config_.monitors.end()) return static_cast<std::uint32_t>(found - config_.monitors.begin());
    const auto combined = std::ranges::find(config_.combinations, name, &health::CombinationSpec::name);
    if (combined == config_.combinations.end()) return not_probed;
    return static_cast<std::uint32_t>(config_.monitors.size() + (combined - config_.combinations.begin()));
  }

  /// A host that this server answers for must lead to addresses, and not back to something that is steered.
  void check_hosts() {
    for (const zones::ZoneSpec& zone : config_.zones)
      for (const policy::ServiceSpec& service : zone.services) {
        check_hosts(service.endpoints, "services." + service.name.value);
        if (service.canary) check_hosts(service.canary->endpoints, "services." + service.name.value + ".canary");
      }
  }

  void check_hosts(const std::vector<policy::EndpointSpec>& endpoints, const std::string& path) {
    for (const policy::EndpointSpec& endpoint : endpoints)
      if (endpoint.host) check_host(*endpoint.host, path);
  }

  void check_host(const base::Sourced<std::string>& host, const std::string& path) {
    constexpr unsigned longest_chain = 8;
    dns::Query query;
    query.qtype = static_cast<std::uint16_t>(dns::Rtype::A);
    dns::set_name(query, dns::Name::parse(host.value + ".").value().wire());
    for (unsigned link = 0; link < longest_chain; ++link) {
      const auto found = out_->zones.find(query);
      if (found.zone == zones::ZoneTable::none) return;
      const zones::Zone& zone = out_->zones[found.zone];
      const zones::Answer answer = zone.lookup(query, found.apex_label);
      if (answer.outcome == zones::Outcome::service)
        return errors_.add(host.where, path,
                           host.value + " leads to " + dns::to_string(query.qname()) +
                               ", which is steered itself: it would be asked for its own answer");
      if (answer.outcome == zones::Outcome::nxdomain)
        return errors_.add(host.where, path, host.value + " does not exist, and this server answers for its zone");
      if (answer.outcome != zones::Outcome::cname) return;
      constexpr std::size_t record_head = 12;
      dns::set_name(query, zone.records(*answer.rrset).subspan(record_head));
    }
    errors_.add(host.where, path, host.value + " is a chain of aliases without end");
  }

  unsigned intern_signature(const geo::Signature& signature) {
    auto found = std::find(signatures_.begin(), signatures_.end(), signature);
    if (found == signatures_.end()) found = signatures_.insert(signatures_.end(), signature);
    return static_cast<unsigned>(found - signatures_.begin());
  }

  /// A configuration that asks nothing about places needs no database, not even a readable one.
  void add_geography() {
    const bool asked = std::any_of(signatures_.begin(), signatures_.end(), [](const auto& s) { return !s.empty(); });
    out_->classes.resize(signatures_.size());
    if (asked) {
      const auto geography = geo::compile_geo(config_.geo, signatures_, options_.geo_image, errors_);
      if (!geography) return;
      out_->locator = geography->locator;
      out_->geo_inputs = geography->inputs;
      out_->canary = {geo::canary_networks(config_.geo.canary, errors_), config_.geo.canary.most};
    } else {
      out_->geo_inputs = std::make_shared<const geo::GeoInputs>(geo::GeoInputs{config_.geo, {}, {}, {}, {}});
    }
    for (unsigned s = 0; s < signatures_.size(); ++s) {
      const unsigned classes = asked ? out_->locator->classes(s) : 1;
      for (unsigned c = 0; c < classes; ++c) {
        out_->classes[s].push_back(asked ? out_->locator->answers(s, c) : geo::ClassAnswers{});
      }
    }
  }

  const config::Config& config_;
  const CompileOptions& options_;
  base::ErrorList& errors_;
  std::shared_ptr<Snapshot> out_;
  std::vector<geo::Signature> signatures_;
};

}  // namespace

std::optional<std::uint16_t> SiteRegister::number(const std::string& name) {
  auto found = std::find(names_.begin(), names_.end(), name);
  if (found == names_.end()) {
    if (names_.size() == max_sites) return std::nullopt;
    found = names_.insert(names_.end(), name);
  }
  return static_cast<std::uint16_t>(found - names_.begin());
}

SnapshotPtr compile(const config::Config& config, const CompileOptions& options, base::ErrorList& errors) {
  return Compiler(config, options, errors).run();
}

}  // namespace gslb::engine
