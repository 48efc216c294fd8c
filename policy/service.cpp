#include "policy/service.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace gslb::policy {

Aspect Service::main_aspect() const noexcept {
  if (alias) return Aspect::whole();
  const auto count = [&](Aspect aspect) {
    return std::count_if(endpoints.begin(), endpoints.end(), [&](const Endpoint& e) { return e.has(aspect); });
  };
  return count(base::Family::v4) >= count(base::Family::v6) ? base::Family::v4 : base::Family::v6;
}

std::optional<base::SiteId> Sites::find(const std::string& name) const {
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].name == name) return base::SiteId{static_cast<std::uint16_t>(i)};
  }
  return std::nullopt;
}

void Endpoint::set_addresses(const std::vector<base::IpAddress>& addresses) {
  v4.reset();
  v6.reset();
  others.clear();
  for (const base::IpAddress& address : addresses) {
    auto& first = address.family == base::Family::v4 ? v4 : v6;
    if (first) {
      others.push_back(address);
    } else {
      first = address;
    }
  }
}

namespace {

template <class T>
std::uint16_t intern(std::vector<T>& list, const T& value) {
  auto found = std::find(list.begin(), list.end(), value);
  if (found == list.end()) found = list.insert(list.end(), value);
  return static_cast<std::uint16_t>(found - list.begin());
}

std::uint32_t weight_of(const EndpointSpec& endpoint, const SiteSpec& site) {
  if (endpoint.weight) return *endpoint.weight;
  if (site.capacity) return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(*site.capacity, 1, 1'000'000'000));
  return 1;
}

/// The rank of each endpoint in a priority filter: its site's tier, or its own position.
std::vector<std::uint16_t> ranks(const FilterSpec& filter, const ServiceSpec& spec) {
  std::vector<std::uint16_t> out;
  for (std::size_t i = 0; i < spec.endpoints.size(); ++i) {
    std::size_t rank = filter.sites.empty() ? i : filter.sites.size();
    for (std::size_t tier = 0; tier < filter.sites.size(); ++tier) {
      const auto& names = filter.sites[tier];
      if (std::find(names.begin(), names.end(), spec.endpoints[i].site.value) != names.end())
        rank = std::min(rank, tier);
    }
    out.push_back(static_cast<std::uint16_t>(rank));
  }
  return out;
}

/// Asks one question for each group of endpoints that the filters before this one keep apart whatever the client: the
/// nearest of the second choice must not depend on where the first choice is.
Step nearest_step(const FilterSpec& filter, const ServiceSpec& spec, const Sites& sites, bool ranked,
                  Service& service) {
  Step step;
  step.kind = FilterKind::nearest;
  const bool partial = std::any_of(service.steps.begin(), service.steps.end(),
                                   [](const Step& s) { return s.kind == FilterKind::fence; }) ||
                       std::any_of(service.endpoints.begin(), service.endpoints.end(),
                                   [](const Endpoint& e) { return !e.host.empty(); });
  for (const Aspect aspect : aspects) {
    if (!service.answers(aspect)) continue;
    auto& points = step.points[aspect.index()];
    points.resize(service.endpoints.size());
    std::vector<std::pair<std::uint16_t, geo::NearestQuestion>> groups;
    std::vector<std::pair<std::size_t, std::uint16_t>> places(service.endpoints.size());
    for (std::size_t i = 0; i < service.endpoints.size(); ++i) {
      const Endpoint& endpoint = service.endpoints[i];
      const SiteSpec& site = sites.all[endpoint.site.value];
      if ((endpoint.host.empty() && !endpoint.has(aspect)) || !site.at) continue;
      const std::uint16_t rank = ranked ? endpoint.rank : 0;
      auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.first == rank; });
      if (group == groups.end())
        group = groups.insert(groups.end(), {rank, geo::NearestQuestion{{}, filter.within_km, partial}});
      const auto bias = filter.bias_km.find(spec.endpoints[i].site.value);
      const geo::NearestQuestion::Point point{*site.at, bias == filter.bias_km.end() ? 0.0 : bias->second};
      places[i] = {static_cast<std::size_t>(group - groups.begin()), intern(group->second.points, point)};
      points[i].question = 0;
    }
    std::vector<std::uint16_t> question_of;
    question_of.reserve(groups.size());
    for (const auto& [rank, question] : groups) question_of.push_back(intern(service.signature.nearest, question));
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (points[i].question != QuestionPoint::none) points[i] = {question_of[places[i].first], places[i].second};
    }
  }
  return step;
}

Step fence_step(const FilterSpec& filter, const ServiceSpec& spec) {
  Step step;
  step.kind = FilterKind::fence;
  step.strict = filter.strict;
  step.outside = filter.outside;
  if (filter.outside != Outside::sites) return step;
  for (const EndpointSpec& endpoint : spec.endpoints) {
    const auto& names = filter.outside_sites;
    step.outside_members.push_back(std::find(names.begin(), names.end(), endpoint.site.value) != names.end());
  }
  return step;
}

}  // namespace

Service compile_service(const ServiceSpec& spec, const PolicySpec& policy, const Sites& sites, const std::string& name,
                        bool alias) {
  Service service;
  service.alias = alias;
  service.name = name;
  service.policy_name = policy.name;
  service.fallback = spec.fallback;
  service.https = spec.https;
  service.ttl = static_cast<std::uint32_t>(spec.ttl.count());
  service.ttl_min = static_cast<std::uint32_t>(std::min(spec.ttl_min, spec.ttl).count());
  service.slowstart = spec.slowstart;
  service.reflect = spec.reflect;
  service.spill_below = spec.spill_below;
  service.panic_below = spec.panic_below;
  service.all_down = spec.all_down;
  service.hash_prefix = {static_cast<std::uint8_t>(spec.hash_prefix_v4),
                         static_cast<std::uint8_t>(spec.hash_prefix_v6)};
  service.salt = base::hash_bytes(name, base::hash_bytes(std::string_view("weighted")));

  const bool fenced = std::any_of(policy.filters.begin(), policy.filters.end(),
                                  [](const FilterSpec& f) { return f.kind == FilterKind::fence; });
  for (const EndpointSpec& written : spec.endpoints) {
    Endpoint endpoint;
    endpoint.site = *sites.find(written.site.value);
    if (written.v4) endpoint.v4 = written.v4->value;
    if (written.v6) endpoint.v6 = written.v6->value;
    if (written.host) endpoint.host = written.host->value;
    endpoint.weight = weight_of(written, sites.all[endpoint.site.value]);
    if (fenced && written.serves.restricts()) endpoint.region = intern(service.signature.regions, written.serves);
    service.endpoints.push_back(endpoint);
  }

  bool ranked = false;
  bool taken = false;
  for (const FilterSpec& filter : policy.filters) {
    switch (filter.kind) {
      case FilterKind::fence:
        service.steps.push_back(fence_step(filter, spec));
        service.fallback_outside = filter.outside != Outside::none;
        break;
      case FilterKind::nearest:
        service.steps.push_back(nearest_step(filter, spec, sites, ranked, service));
        break;
      case FilterKind::priority: {
        const auto rank = ranks(filter, spec);
        for (std::size_t i = 0; i < rank.size(); ++i) service.endpoints[i].rank = rank[i];
        service.steps.emplace_back().kind = FilterKind::priority;
        ranked = true;
        break;
      }
      case FilterKind::weighted:
        service.weighted = true;
        service.selection = filter.by_query ? Selection::by_query : Selection::by_client;
        break;
      case FilterKind::rotate:
        service.selection = Selection::rotate;
        break;
      case FilterKind::all:
        service.selection = Selection::all;
        break;
      case FilterKind::take:
        service.take = filter.count;
        taken = true;
        break;
    }
  }
  const bool lists_all = service.selection == Selection::rotate || service.selection == Selection::all;
  if (!taken && lists_all) service.take = 64;
  if (alias) {  // one CNAME; where all would be answered with, one of them is drawn
    service.take = 1;
    if (service.selection == Selection::all) service.selection = Selection::by_client;
  }
  return service;
}

}  // namespace gslb::policy
