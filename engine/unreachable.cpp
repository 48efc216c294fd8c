#include "engine/unreachable.hpp"

#include <algorithm>

namespace gslb::engine {

namespace {

bool is_used(const policy::PolicySpec& policy, const config::Config& config) {
  for (const zones::ZoneSpec& zone : config.zones) {
    for (const policy::ServiceSpec& service : zone.services) {
      if (service.reflect == policy::Reflect::nothing && !service.own_policy && service.policy.value == policy.name)
        return true;
    }
  }
  return false;
}

/// Whether longer ones of `sorted`, which follow it, leave nothing of the prefix at `at`.
bool is_covered(const std::vector<const geo::PlaceSpec*>& sorted, std::size_t at) {
  const base::Prefix& whole = sorted[at]->prefix;
  geo::AddressNumber next = geo::number_of(whole.address);
  const geo::AddressNumber last = geo::last_of(whole);
  for (std::size_t i = at + 1; i < sorted.size() && whole.contains(sorted[i]->prefix.address); ++i) {
    const geo::AddressNumber first = geo::number_of(sorted[i]->prefix.address);
    if (first > next) return false;
    const geo::AddressNumber end = geo::last_of(sorted[i]->prefix);
    if (end >= last) return true;
    next = std::max(next, end + 1);
  }
  return false;
}

}  // namespace

std::vector<Finding> unreachable_entries(const config::Config& config, const Snapshot& snapshot) {
  std::vector<Finding> out;
  for (const policy::PolicySpec& policy : config.policies) {
    if (!is_used(policy, config))
      out.push_back({Finding::Kind::reach, "policies." + policy.name, "no service uses it", policy.where, {}, {}});
  }
  if (!snapshot.locator) {
    for (const geo::PlaceSpec& place : config.geo.places)
      out.push_back({Finding::Kind::reach,
                     "geo.places " + base::to_string(place.prefix),
                     "no policy asks where clients are",
                     place.where,
                     place.prefix,
                     {}});
    return out;
  }
  std::vector<const geo::PlaceSpec*> sorted;
  for (const geo::PlaceSpec& place : config.geo.places) sorted.push_back(&place);
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->prefix < b->prefix; });
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (is_covered(sorted, i))
      out.push_back({Finding::Kind::reach,
                     "geo.places " + base::to_string(sorted[i]->prefix),
                     "longer entries cover all of it",
                     sorted[i]->where,
                     sorted[i]->prefix,
                     {}});
  }
  return out;
}

std::size_t entries(const config::Config& config) { return config.policies.size() + config.geo.places.size(); }

}  // namespace gslb::engine
