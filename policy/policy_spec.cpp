#include "policy/policy_spec.hpp"

#include <algorithm>

namespace gslb::policy {

bool may_be_alias(const ServiceSpec& service) noexcept {
  const auto all_hosts = [](const std::vector<EndpointSpec>& endpoints) {
    return std::ranges::all_of(endpoints, [](const EndpointSpec& e) { return e.host.has_value(); });
  };
  return !service.endpoints.empty() && service.fallback.empty() && !service.https && all_hosts(service.endpoints) &&
         (!service.canary || all_hosts(service.canary->endpoints));
}

std::string to_string(const SafetyRule& rule) {
  const bool one = rule.at_least == 1;
  std::string out = "at least " + std::to_string(rule.at_least) + (one ? " other site is " : " other sites are ");
  return out + (rule.fully ? "fully up" : "up");
}

PolicySpec default_policy() {
  FilterSpec nearest;
  nearest.kind = FilterKind::nearest;
  nearest.within_km = 300;
  FilterSpec weighted;
  weighted.kind = FilterKind::weighted;
  FilterSpec take;
  take.kind = FilterKind::take;
  take.count = 1;
  PolicySpec policy;
  policy.name = "default";
  policy.filters = {nearest, weighted, take};
  return policy;
}

}  // namespace gslb::policy
