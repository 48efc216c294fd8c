#include "engine/suppose.hpp"

#include <algorithm>

namespace gslb::engine {

base::Result<DownSites> down_sites(const Snapshot& snapshot, const std::vector<std::string>& names) {
  DownSites down(snapshot.sites.size(), false);
  std::vector<std::string> known;
  for (const policy::SiteSpec& site : snapshot.sites) known.push_back(site.name);
  for (const std::string& name : names) {
    const auto found = std::find(known.begin(), known.end(), name);
    if (found == known.end()) {
      const std::string near = base::nearest_word(name, known);
      std::string all;
      for (const std::string& one : known) all += (all.empty() ? "" : ", ") + one;
      std::string what = "no site is named \"" + name + "\"";
      if (!near.empty()) what.append("; did you mean \"").append(near).append("\"?");
      return base::Error{what.append(" (sites: ").append(all).append(")")};
    }
    down[static_cast<std::size_t>(found - known.begin())] = true;
  }
  return down;
}

policy::ServiceStates states_when(const policy::Service& service, const DownSites& down, policy::ServiceStates now) {
  for (auto& family : now) {
    for (std::size_t e = 0; e < service.endpoints.size(); ++e) {
      if (!down[service.endpoints[e].site.value]) continue;
      const auto ordered = policy::taken_out(family[e]) ? family[e].ordered : std::nullopt;
      family[e] = {.verdict = health::Verdict::down};
      family[e].ordered = ordered;
    }
  }
  return now;
}

policy::ServiceStates states_when(const policy::Service& service, const DownSites& down) {
  const std::vector<policy::EndpointState> up(service.endpoints.size());
  return states_when(service, down, {up, up});
}

namespace {

template <class StatesOf>
GenerationPtr planned(SnapshotPtr snapshot, std::uint64_t epoch, StatesOf states_of) {
  auto out = std::make_shared<Generation>();
  out->epoch = epoch;
  for (std::size_t s = 0; s < snapshot->services.size(); ++s) {
    const zones::SteeredName& name = snapshot->services[s];
    out->plans.push_back(std::make_shared<policy::Plan>(
        policy::make_plan(name.service, snapshot->classes[name.signature], states_of(s, name.service))));
  }
  out->snapshot = std::move(snapshot);
  return out;
}

}  // namespace

GenerationPtr suppose(SnapshotPtr snapshot, const DownSites& down) {
  return planned(std::move(snapshot), 0,
                 [&](std::size_t, const policy::Service& service) { return states_when(service, down); });
}

GenerationPtr suppose(const Generation& now, const DownSites& down) {
  return planned(now.snapshot, now.epoch, [&](std::size_t s, const policy::Service& service) {
    return states_when(service, down, now.plans[s]->states);
  });
}

GenerationPtr suppose(const Generation& now, const DownSites& down, const std::vector<double>& load) {
  return planned(now.snapshot, now.epoch, [&](std::size_t s, const policy::Service& service) {
    policy::ServiceStates states = states_when(service, down, now.plans[s]->states);
    for (auto& family : states) {
      for (std::size_t e = 0; e < service.endpoints.size(); ++e)
        family[e].load = policy::SiteLoad{load[service.endpoints[e].site.value]};
    }
    return states;
  });
}

}  // namespace gslb::engine
