#include "policy/policy_spec.hpp"

#include <algorithm>

namespace gslb::policy {

bool may_be_alias(const ServiceSpec& service) noexcept {
  return !service.endpoints.empty() && service.fallback.empty() && !service.https &&
         std::ranges::all_of(service.endpoints, [](const EndpointSpec& e) { return e.host.has_value(); });
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
