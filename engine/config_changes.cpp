#include "engine/config_changes.hpp"

#include <algorithm>
#include <map>

#include "policy/service.hpp"

namespace gslb::engine {

namespace {

const policy::ServiceSpec* find(const config::Config& config, const std::string& name) {
  for (const zones::ZoneSpec& zone : config.zones) {
    std::string apex = zone.apex.value.to_string();
    apex.pop_back();
    for (const policy::ServiceSpec& service : zone.services) {
      if ((service.name.value == "@" ? apex : service.name.value + "." + apex) == name) return &service;
    }
  }
  return nullptr;
}

policy::PolicySpec policy_of(const config::Config& config, const policy::ServiceSpec& service) {
  if (service.own_policy) return *service.own_policy;
  for (const policy::PolicySpec& policy : config.policies) {
    if (policy.name == service.policy.value) return policy;
  }
  return policy::default_policy();
}

/// Whether the two policies mean the same for a service.
bool same_policy(const config::Config& before, const policy::ServiceSpec& old_one, const config::Config& after,
                 const policy::ServiceSpec& new_one) {
  const policy::Sites sites{before.sites};
  const auto compiled = [&](policy::PolicySpec policy) {
    policy.name.clear();
    return policy::compile_service(old_one, policy, sites, "");
  };
  return compiled(policy_of(before, old_one)) == compiled(policy_of(after, new_one));
}

std::string text(const policy::EndpointSpec& endpoint) {
  std::string out = endpoint.host ? endpoint.host->value : std::string();
  for (const auto* address : {&endpoint.v4, &endpoint.v6}) {
    if (*address) out += (out.empty() ? "" : " ") + base::to_string((*address)->value);
  }
  return out + " at " + endpoint.site.value;
}

void compare_endpoints(const policy::ServiceSpec& before, const policy::ServiceSpec& after,
                       std::vector<std::string>& out) {
  std::map<std::string, const policy::EndpointSpec*> old_ones;
  for (const policy::EndpointSpec& endpoint : before.endpoints) old_ones[text(endpoint)] = &endpoint;
  for (const policy::EndpointSpec& endpoint : after.endpoints) {
    const auto old_one = old_ones.find(text(endpoint));
    if (old_one == old_ones.end()) {
      out.push_back("endpoint " + text(endpoint) + " added");
      continue;
    }
    if (old_one->second->weight != endpoint.weight) out.push_back("weight of " + text(endpoint) + " changed");
    if (!(old_one->second->serves == endpoint.serves)) out.push_back("`serves` of " + text(endpoint) + " changed");
    old_ones.erase(old_one);
  }
  for (const auto& [name, endpoint] : old_ones) out.push_back("endpoint " + name + " removed");
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

}  // namespace

std::vector<std::string> changes_of(const config::Config& before, const config::Config& after,
                                    const std::string& service) {
  std::vector<std::string> out;
  const policy::ServiceSpec* a = find(before, service);
  const policy::ServiceSpec* b = find(after, service);
  if (a == nullptr || b == nullptr) return out;
  compare_endpoints(*a, *b, out);
  compare_sites(before, after, *b, out);
  if (!same_policy(before, *a, after, *b)) out.emplace_back("the policy changed");
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
