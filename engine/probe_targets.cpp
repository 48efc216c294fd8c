#include "engine/probe_targets.hpp"

#include <algorithm>
#include <functional>
#include <set>

namespace gslb::engine {

namespace {

using Use = std::function<void(const policy::EndpointSpec&, const health::MonitorSpec&)>;

/// The monitors of a service: one, or those that it combines.
std::vector<const health::MonitorSpec*> monitors_of(const policy::ServiceSpec& service, const config::Config& config) {
  std::vector<const health::MonitorSpec*> out;
  const auto add = [&](const std::string& name) {
    const auto found = std::ranges::find(config.monitors, name, &health::MonitorSpec::name);
    if (found != config.monitors.end()) out.push_back(&*found);
  };
  add(service.monitor.value);
  const auto combined = std::ranges::find(config.combinations, service.monitor.value, &health::CombinationSpec::name);
  if (combined != config.combinations.end())
    for (const auto& member : combined->members) add(member.monitor);
  return out;
}

/// Endpoints that are other services are probed where those are written.
void each_endpoint(const config::Config& config, const Use& use) {
  for (const zones::ZoneSpec& zone : config.zones) {
    for (const policy::ServiceSpec& service : zone.services) {
      for (const health::MonitorSpec* monitor : monitors_of(service, config)) {
        for (const policy::EndpointSpec& endpoint : service.endpoints) use(endpoint, *monitor);
        if (!service.canary) continue;
        for (const policy::EndpointSpec& endpoint : service.canary->endpoints) use(endpoint, *monitor);
      }
    }
  }
}

}  // namespace

std::vector<health::Target> probe_targets(const config::Config& config, const health::HostAddresses& hosts) {
  std::vector<health::Target> out;
  std::set<std::string> known;
  each_endpoint(config, [&](const policy::EndpointSpec& endpoint, const health::MonitorSpec& monitor) {
    const auto add = [&](const base::IpAddress& address, const std::string& host) {
      health::Target target{address, monitor};
      if (target.monitor.host.empty()) target.monitor.host = host;
      if (known.insert(target.probe_key()).second) out.push_back(std::move(target));
    };
    if (endpoint.v4) add(endpoint.v4->value, {});
    if (endpoint.v6) add(endpoint.v6->value, {});
    if (!endpoint.host) return;
    const auto found = hosts.find(endpoint.host->value);
    if (found == hosts.end()) return;
    for (const base::IpAddress& address : found->second) add(address, endpoint.host->value);
  });
  return out;
}

std::vector<std::string> probed_hosts(const config::Config& config) {
  std::set<std::string> out;
  each_endpoint(config, [&](const policy::EndpointSpec& endpoint, const health::MonitorSpec&) {
    if (endpoint.host) out.insert(endpoint.host->value);
  });
  return {out.begin(), out.end()};
}

}  // namespace gslb::engine
