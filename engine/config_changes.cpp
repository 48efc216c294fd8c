#include "engine/config_changes.hpp"

#include <algorithm>
#include <map>

#include "policy/service.hpp"

namespace gslb::engine {

namespace {

struct Found {
  const zones::ZoneSpec* zone = nullptr;
  const policy::ServiceSpec* service = nullptr;
};

Found find(const config::Config& config, const std::string& name) {
  for (const zones::ZoneSpec& zone : config.zones) {
    std::string apex = zone.apex.value.to_string();
    apex.pop_back();
    for (const policy::ServiceSpec& service : zone.services) {
      if ((service.name.value == "@" ? apex : service.name.value + "." + apex) == name) return {&zone, &service};
    }
  }
  return {};
}

/// The service that an endpoint of another one names.
const policy::ServiceSpec* inside(const zones::ZoneSpec& zone, const std::string& name) {
  const auto found = std::ranges::find(zone.services, name, [](const auto& service) { return service.name.value; });
  return found == zone.services.end() ? nullptr : &*found;
}

const policy::PolicySpec& policy_of(const config::Config& config, const policy::ServiceSpec& service) {
  static const policy::PolicySpec standard = policy::default_policy();
  if (service.own_policy) return *service.own_policy;
  for (const policy::PolicySpec& policy : config.policies) {
    if (policy.name == service.policy.value) return policy;
  }
  return standard;
}

/// Whether the two policies mean the same for a service.
bool same_policy(const config::Config& before, const Found& old_one, const config::Config& after,
                 const policy::ServiceSpec& new_one) {
  const policy::Sites sites{before.sites};
  const policy::FindInner find = [&](const std::string& name) {
    const policy::ServiceSpec* inner = inside(*old_one.zone, name);
    return policy::InnerService{inner, &policy_of(before, *inner)};
  };
  const auto compiled = [&](policy::PolicySpec policy) {
    policy.name.clear();
    return policy::compile_service(*old_one.service, policy, sites, "", find);
  };
  return compiled(policy_of(before, *old_one.service)) == compiled(policy_of(after, new_one));
}

std::string text(const policy::EndpointSpec& endpoint) {
  if (!endpoint.service.value.empty()) return "service " + endpoint.service.value;
  std::string out = endpoint.host ? endpoint.host->value : std::string();
  for (const auto* address : {&endpoint.v4, &endpoint.v6}) {
    if (*address) out += (out.empty() ? "" : " ") + base::to_string((*address)->value);
  }
  return out + " at " + endpoint.site.value;
}

void compare_endpoints(const std::vector<policy::EndpointSpec>& before, const std::vector<policy::EndpointSpec>& after,
                       const std::string& kind, std::vector<std::string>& out) {
  std::map<std::string, const policy::EndpointSpec*> old_ones;
  for (const policy::EndpointSpec& endpoint : before) old_ones[text(endpoint)] = &endpoint;
  for (const policy::EndpointSpec& endpoint : after) {
    const auto old_one = old_ones.find(text(endpoint));
    if (old_one == old_ones.end()) {
      out.push_back(kind + " " + text(endpoint) + " added");
      continue;
    }
    if (old_one->second->weight != endpoint.weight) out.push_back("weight of " + text(endpoint) + " changed");
    if (!(old_one->second->serves == endpoint.serves)) out.push_back("`serves` of " + text(endpoint) + " changed");
    old_ones.erase(old_one);
  }
  for (const auto& [name, endpoint] : old_ones)
    out.push_back(std::string(kind).append(" ").append(name).append(" removed"));
}

void compare_sites(const config::Config& before, const config::Config& after, const policy::ServiceSpec& service,
                   std::vector<std::string>& out) {
  const auto site = [](const config::Config& config, const std::string& name) {
    const auto found = std::find_if(config.sites.begin(), config.sites.end(),
                                    [&](const policy::SiteSpec& s) { return s.name == name; });
    return found == config.sites.end() ? nullptr : &*found;
  };
  std::vector<std::string> seen;
  for (const policy::EndpointSpec& endpoint : service.endpoints) {
    const std::string& name = endpoint.site.value;
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) continue;
    seen.push_back(name);
    const auto* a = site(before, name);
    const auto* b = site(after, name);
    if (a == nullptr || b == nullptr) continue;
    if (a->at != b->at) out.push_back("sites." + name + ".at changed");
    if (a->capacity != b->capacity) out.push_back("sites." + name + ".capacity changed");
  }
}

bool same_places(const geo::GeoSpec& a, const geo::GeoSpec& b) {
  return std::equal(a.places.begin(), a.places.end(), b.places.begin(), b.places.end(),
                    [](const auto& p, const auto& q) {
                      return p.prefix == q.prefix && p.at == q.at && p.country == q.country &&
                             p.continent == q.continent && p.asn == q.asn;
                    });
}

bool same_files(const std::vector<base::Sourced<std::string>>& a, const std::vector<base::Sourced<std::string>>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return x.value == y.value; });
}

/// What can move clients in a service itself and, named, in those inside of it.
void compare_services(const config::Config& before, const Found& a, const config::Config& after, const Found& b,
                      std::vector<std::string>& out) {
  const policy::ServiceSpec& old_one = *a.service;
  const policy::ServiceSpec& new_one = *b.service;
  compare_endpoints(old_one.endpoints, new_one.endpoints, "endpoint", out);
  const policy::CanarySpec none;
  const policy::CanarySpec& old_canary = old_one.canary ? *old_one.canary : none;
  const policy::CanarySpec& new_canary = new_one.canary ? *new_one.canary : none;
  compare_endpoints(old_canary.endpoints, new_canary.endpoints, "canary endpoint", out);
  if (old_canary.share != new_canary.share || old_canary.networks != new_canary.networks)
    out.emplace_back("whom the canary is for changed");
  compare_sites(before, after, new_one, out);
  if (!same_policy(before, a, after, new_one)) out.emplace_back("the policy changed");
  for (const policy::EndpointSpec& endpoint : new_one.endpoints) {
    const std::string& name = endpoint.service.value;
    const Found inner_a{a.zone, inside(*a.zone, name)};
    const Found inner_b{b.zone, inside(*b.zone, name)};
    if (name.empty() || inner_a.service == nullptr || inner_b.service == nullptr) continue;
    std::vector<std::string> of_inner;
    compare_services(before, inner_a, after, inner_b, of_inner);
    for (const std::string& change : of_inner) {
      const std::string all = std::string("in service ").append(name).append(": ").append(change);
      if (std::find(out.begin(), out.end(), all) == out.end()) out.push_back(all);
    }
  }
}

}  // namespace

std::vector<std::string> changes_of(const config::Config& before, const config::Config& after,
                                    const std::string& service) {
  std::vector<std::string> out;
  const Found found_before = find(before, service);
  const Found found_after = find(after, service);
  const policy::ServiceSpec* a = found_before.service;
  const policy::ServiceSpec* b = found_after.service;
  if (a == nullptr || b == nullptr) return out;
  compare_services(before, found_before, after, found_after, out);
  if (a->fallback != b->fallback) out.emplace_back("the fallback changed");
  if (a->hash_prefix_v4 != b->hash_prefix_v4 || a->hash_prefix_v6 != b->hash_prefix_v6)
    out.emplace_back("hash_prefix changed");
  if (!same_places(before.geo, after.geo)) out.emplace_back("geo.places changed");
  if (before.geo.unknown_at != after.geo.unknown_at) out.emplace_back("geo.unknown_at changed");
  if (!same_files(before.geo.location, after.geo.location) || !same_files(before.geo.asn, after.geo.asn))
    out.emplace_back("other geo databases");
  if (out.empty()) out.emplace_back("the content of a geo database changed");
  return out;
}

}  // namespace gslb::engine
