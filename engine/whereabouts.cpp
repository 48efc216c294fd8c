#include "engine/whereabouts.hpp"

#include <algorithm>

#include "geo/questions.hpp"
#include "policy/chain.hpp"

namespace gslb::engine {

namespace {

std::vector<SiteDistance> distances(const Snapshot& snapshot, const geo::Facts& facts) {
  std::vector<SiteDistance> out;
  for (const policy::SiteSpec& site : snapshot.sites) {
    SiteDistance& one = out.emplace_back(SiteDistance{site.name, {}});
    if (site.at && facts.at) one.km = geo::distance_km(facts.at->value, *site.at);
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const SiteDistance& a, const SiteDistance& b) { return a.km && (!b.km || *a.km < *b.km); });
  return out;
}

/// Of the family that the service has more endpoints in; its endpoints of one tier stand for their sites.
std::vector<std::vector<std::string>> tiers_of(const Snapshot& snapshot, const zones::SteeredName& name,
                                               unsigned service_class) {
  const policy::Service& service = name.service;
  const geo::ClassAnswers& client = snapshot.classes[name.signature][service_class];
  std::vector<std::vector<std::string>> out;
  const policy::ClassTiers tiers = policy::run_chains(service, service.main_aspect(), client);
  for (const auto& tier : tiers.own) {
    std::vector<std::string>& sites = out.emplace_back();
    policy::for_each_address(service, tiers, {tier}, [&](policy::EndpointIndex index) {
      const std::string& site = snapshot.sites[service.endpoints[index].site.value].name;
      if (std::find(sites.begin(), sites.end(), site) == sites.end()) sites.push_back(site);
    });
  }
  return out;
}

}  // namespace

base::Result<Whereabouts> whereabouts(const Snapshot& snapshot, const base::IpAddress& address) {
  auto facts = geo::facts_about(*snapshot.geo_inputs, address);
  if (!facts) return facts.error();
  Whereabouts out{std::move(*facts), {}, {}};
  out.sites = distances(snapshot, out.facts);
  const base::IpAddress& client = out.facts.address;
  for (const zones::SteeredName& name : snapshot.services) {
    if (name.service.reflect != policy::Reflect::nothing) continue;
    geo::Located located;
    if (snapshot.locator && !name.service.signature.empty())
      located = snapshot.locator->locate(name.signature, client, base::bits(client.family));
    out.services.push_back(
        {name.service.name, tiers_of(snapshot, name, located.service_class), located.scope, located.service_class});
  }
  return out;
}

}  // namespace gslb::engine
