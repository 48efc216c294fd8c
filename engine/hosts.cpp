#include "engine/hosts.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "engine/signing.hpp"

namespace gslb::engine {

std::vector<std::string> hosts_of(const Snapshot& snapshot) {
  std::vector<std::string> out;
  for (const zones::SteeredName& name : snapshot.services)
    for (const policy::Endpoint& endpoint : name.service.endpoints)
      if (!endpoint.host.empty()) out.push_back(endpoint.host);
  std::ranges::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

namespace {

std::vector<base::IpAddress> addresses_of(const policy::Endpoint& endpoint) {
  std::vector<base::IpAddress> out;
  endpoint.each_address([&](const base::IpAddress& address) { out.push_back(address); });
  std::ranges::sort(out);
  return out;
}

/// @return whether any endpoint has other addresses now
bool use_addresses(policy::Service& service, const health::HostAddresses& hosts) {
  bool changed = false;
  for (policy::Endpoint& endpoint : service.endpoints) {
    if (endpoint.host.empty()) continue;
    const auto known = hosts.find(endpoint.host);
    if (known == hosts.end() || known->second == addresses_of(endpoint)) continue;
    endpoint.set_addresses(known->second);
    changed = true;
  }
  return changed;
}

}  // namespace

std::vector<std::size_t> use_addresses(Snapshot& snapshot, const health::HostAddresses& hosts) {
  std::vector<std::size_t> out;
  for (std::size_t zone = 0; zone < snapshot.first_service.size(); ++zone) {
    const std::size_t end =
        zone + 1 < snapshot.first_service.size() ? snapshot.first_service[zone + 1] : snapshot.services.size();
    for (std::size_t s = snapshot.first_service[zone]; s < end; ++s) {
      policy::Service service = snapshot.services[s].service;
      if (!use_addresses(service, hosts)) continue;
      const unsigned signature = snapshot.services[s].signature;
      const bool alias = service.alias;
      snapshot.services[s] = zones::render(std::move(service));
      snapshot.services[s].signature = signature;
      if (!alias && (out.empty() || out.back() != zone)) out.push_back(zone);
    }
  }
  number_targets(snapshot);
  return out;
}

base::Result<void> follow_hosts(Snapshot& snapshot, const health::HostAddresses& hosts, zones::SignatureStore* store,
                                const zones::ClockReading& clock) {
  ++snapshot.host_changes;
  for (const std::size_t zone : use_addresses(snapshot, hosts)) {
    if (snapshot.signatures[zone] == nullptr) continue;
    const zones::ZoneKeysPtr keys = snapshot.signatures[zone]->keys();
    if (store == nullptr) return base::Error{"there is no store of signatures"};
    if (const auto made = sign(snapshot, zone, keys, *store, clock); !made) return made.error();
  }
  return {};
}

void number_targets(Snapshot& snapshot) {
  snapshot.targets.clear();
  snapshot.target_of.clear();
  snapshot.other_targets.clear();
  std::map<std::tuple<base::IpAddress, std::uint32_t, std::string>, std::uint32_t> ids;
  const auto number = [&](const base::IpAddress& address, std::uint32_t monitor, const std::string& host) {
    const auto next = static_cast<std::uint32_t>(snapshot.targets.size());
    const auto [known, is_new] = ids.try_emplace({address, monitor, host}, next);
    if (is_new) {
      snapshot.targets.push_back({address, snapshot.monitors[monitor]});
      if (health::MonitorSpec& spec = snapshot.targets.back().monitor; spec.host.empty()) spec.host = host;
    }
    return known->second;
  };
  for (std::uint32_t s = 0; s < snapshot.services.size(); ++s) {
    const policy::Service& service = snapshot.services[s].service;
    auto& of_service = snapshot.target_of.emplace_back();
    for (const auto family : {base::Family::v4, base::Family::v6}) {
      for (std::uint32_t e = 0; e < service.endpoints.size(); ++e) {
        const policy::Endpoint& endpoint = service.endpoints[e];
        const std::uint32_t monitor = snapshot.monitor_of[s][e];
        const auto& first = endpoint.address(family);
        auto& targets = of_service[static_cast<std::size_t>(family)];
        targets.push_back(first && monitor != not_probed ? number(*first, monitor, endpoint.host) : not_probed);
        if (monitor == not_probed) continue;
        for (const base::IpAddress& address : endpoint.others)
          if (address.family == family)
            snapshot.other_targets.push_back({s, e, family, number(address, monitor, endpoint.host)});
      }
    }
  }
}

}  // namespace gslb::engine
