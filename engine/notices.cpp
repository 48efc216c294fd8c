#include "engine/notices.hpp"

#include <algorithm>
#include <map>

namespace gslb::engine {

namespace {

/// Filters that are steps of a compiled service; the others say how the members of a tier are answered with.
std::vector<const policy::FilterSpec*> steps_of(const policy::PolicySpec& policy) {
  std::vector<const policy::FilterSpec*> out;
  for (const policy::FilterSpec& filter : policy.filters) {
    switch (filter.kind) {
      case policy::FilterKind::weighted:
      case policy::FilterKind::rotate:
      case policy::FilterKind::all:
      case policy::FilterKind::take:
        break;
      default:
        out.push_back(&filter);
    }
  }
  return out;
}

void add_idle_steps(const policy::PolicySpec& policy, const std::string& subject, const StepEffects& effects,
                    std::vector<Notice>& out) {
  const auto steps = steps_of(policy);
  for (std::size_t i = 0; i < std::min(steps.size(), effects.size()); ++i) {
    if (!effects[i]) out.push_back({subject, steps[i]->kind, steps[i]->where});
  }
}

const policy::PolicySpec* find(const config::Config& config, const std::string& name) {
  const auto at = std::ranges::find(config.policies, name, &policy::PolicySpec::name);
  return at == config.policies.end() ? nullptr : &*at;
}

/// A policy that several services share is idle where it is for all of them. The default policy was not written.
void add_filters(const config::Config& config, const std::vector<StepEffects>& effects, std::vector<Notice>& out) {
  std::map<const policy::PolicySpec*, StepEffects> shared;
  std::size_t s = 0;
  for (const zones::ZoneSpec& zone : config.zones) {
    for (const policy::ServiceSpec& service : zone.services) {
      const StepEffects& of_service = effects[s++];
      if (of_service.empty()) continue;
      if (service.own_policy) {
        add_idle_steps(*service.own_policy, service.name.value + " of " + zone.apex.value.to_string() + " policy",
                       of_service, out);
        continue;
      }
      const policy::PolicySpec* policy = find(config, service.policy.value);
      if (policy == nullptr) continue;
      StepEffects& all = shared[policy];
      all.resize(of_service.size(), false);
      for (std::size_t i = 0; i < of_service.size(); ++i) all[i] = all[i] || of_service[i];
    }
  }
  for (const policy::PolicySpec& policy : config.policies) {
    if (const auto at = shared.find(&policy); at != shared.end())
      add_idle_steps(policy, "policies." + policy.name, at->second, out);
  }
}

void add_monitors(const config::Config& config, std::vector<Notice>& out) {
  const auto uses = [](const zones::ZoneSpec& zone, const std::string& name) {
    return std::ranges::any_of(zone.services, [&](const auto& service) { return service.monitor.value == name; });
  };
  const auto is_combined = [&](const std::string& name) {
    return std::ranges::any_of(config.combinations, [&](const health::CombinationSpec& combination) {
      return std::ranges::find(combination.members, name, &health::CombinationSpec::Member::monitor) !=
             combination.members.end();
    });
  };
  for (const health::MonitorSpec& monitor : config.monitors) {
    if (!is_combined(monitor.name) &&
        std::ranges::none_of(config.zones, [&](const auto& zone) { return uses(zone, monitor.name); }))
      out.push_back({"monitors." + monitor.name, std::nullopt, monitor.where});
  }
}

}  // namespace

std::vector<Notice> notices(const config::Config& config, const std::vector<StepEffects>& effects) {
  std::vector<Notice> out;
  add_monitors(config, out);
  add_filters(config, effects, out);
  return out;
}

}  // namespace gslb::engine
