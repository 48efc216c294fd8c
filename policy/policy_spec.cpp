#include "policy/policy_spec.hpp"

namespace gslb::policy {

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
