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

namespace {

/// Numbers targets in the order in which they are first needed, and combinations behind all of them.
class Numbering {
 public:
  explicit Numbering(Snapshot& snapshot) : snapshot_(snapshot) {}

  /// @param monitor  as in Snapshot::monitor_of, not not_probed
  /// @return index in `targets`, or, with `behind`, in `combinations`
  std::uint32_t number(const base::IpAddress& address, std::uint32_t monitor, const std::string& host) {
    if (monitor < snapshot_.monitors.size()) return target(address, monitor, host);
    const auto next = static_cast<std::uint32_t>(snapshot_.combinations.size());
    const auto [known, is_new] = combinations_.try_emplace({address, monitor, host}, next);
    if (is_new) combine(address, snapshot_.combined_monitors[monitor - snapshot_.monitors.size()], host);
    return known->second | behind;
  }
  /// What goes into the snapshot, once all targets are known.
  std::uint32_t place(std::uint32_t number) const {
    if (number == not_probed || (number & behind) == 0) return number;
    return static_cast<std::uint32_t>(snapshot_.targets.size()) + (number & ~behind);
  }

 private:
  using Ids = std::map<std::tuple<base::IpAddress, std::uint32_t, std::string>, std::uint32_t>;
  static constexpr std::uint32_t behind = 0x80000000;

  std::uint32_t target(const base::IpAddress& address, std::uint32_t monitor, const std::string& host) {
    const auto next = static_cast<std::uint32_t>(snapshot_.targets.size());
    const auto [known, is_new] = targets_.try_emplace({address, monitor, host}, next);
    if (is_new) {
      snapshot_.targets.push_back({address, snapshot_.monitors[monitor]});
      if (health::MonitorSpec& spec = snapshot_.targets.back().monitor; spec.host.empty()) spec.host = host;
    }
    return known->second;
  }

  void combine(const base::IpAddress& address, const health::CombinationSpec& spec, const std::string& host) {
    Combination out{spec.need, {}};
    for (const auto& member : spec.members) {
      const auto found = std::ranges::find(snapshot_.monitors, member.monitor, &health::MonitorSpec::name);
      const auto monitor = static_cast<std::uint32_t>(found - snapshot_.monitors.begin());
      out.members.emplace_back(target(address, monitor, host), member.weight);
    }
    snapshot_.combinations.push_back(std::move(out));
  }

  Snapshot& snapshot_;
  Ids targets_;
  Ids combinations_;
};

}  // namespace

void number_targets(Snapshot& snapshot) {
  snapshot.targets.clear();
  snapshot.combinations.clear();
  snapshot.target_of.clear();
  snapshot.other_targets.clear();
  Numbering numbering(snapshot);
  for (std::uint32_t s = 0; s < snapshot.services.size(); ++s) {
    const policy::Service& service = snapshot.services[s].service;
    auto& of_service = snapshot.target_of.emplace_back();
    for (const auto family : {base::Family::v4, base::Family::v6}) {
      for (std::uint32_t e = 0; e < service.endpoints.size(); ++e) {
        const policy::Endpoint& endpoint = service.endpoints[e];
        const std::uint32_t monitor = snapshot.monitor_of[s][e];
        const auto& first = endpoint.address(family);
        auto& targets = of_service[static_cast<std::size_t>(family)];
        targets.push_back(first && monitor != not_probed ? numbering.number(*first, monitor, endpoint.host)
                                                         : not_probed);
        if (monitor == not_probed) continue;
        for (const base::IpAddress& address : endpoint.others)
          if (address.family == family)
            snapshot.other_targets.push_back({s, e, address, numbering.number(address, monitor, endpoint.host)});
      }
    }
  }
  for (auto& of_service : snapshot.target_of)
    for (auto& of_family : of_service)
      for (std::uint32_t& target : of_family) target = numbering.place(target);
  for (OtherTarget& other : snapshot.other_targets) other.target = numbering.place(other.target);
}

}  // namespace gslb::engine
