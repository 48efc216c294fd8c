#include "policy/service.hpp"

#include <algorithm>
#include <numeric>

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

constexpr std::uint64_t most_weight = 1'000'000'000;

std::uint32_t weight_of(const EndpointSpec& endpoint, const SiteSpec& site) {
  if (endpoint.weight) return *endpoint.weight;
  if (site.capacity) return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(*site.capacity, 1, most_weight));
  return 1;
}

/// The rank of each endpoint in a priority filter: its site's tier, or its own position.
std::uint16_t rank_of(const FilterSpec& filter, const EndpointSpec& endpoint, std::size_t position) {
  if (filter.sites.empty()) return static_cast<std::uint16_t>(position);
  for (std::size_t tier = 0; tier < filter.sites.size(); ++tier) {
    const auto& names = filter.sites[tier];
    if (std::find(names.begin(), names.end(), endpoint.site.value) != names.end())
      return static_cast<std::uint16_t>(tier);
  }
  return static_cast<std::uint16_t>(filter.sites.size());
}

Step fence_step(const FilterSpec& filter, const std::vector<EndpointSpec>& written, EndpointIndex first) {
  Step step;
  step.kind = FilterKind::fence;
  step.strict = filter.strict;
  step.outside = filter.outside;
  if (filter.outside != Outside::sites) return step;
  step.outside_members.resize(first);
  for (const EndpointSpec& endpoint : written) {
    const auto& names = filter.outside_sites;
    step.outside_members.push_back(std::find(names.begin(), names.end(), endpoint.site.value) != names.end());
  }
  return step;
}

/// A host may have addresses of either family.
bool has(const EndpointSpec& endpoint, Aspect aspect) {
  return endpoint.host || (endpoint.v4 && aspect.sees(base::Family::v4)) ||
         (endpoint.v6 && aspect.sees(base::Family::v6));
}

/// A host stays what it is, whatever its addresses are now.
std::uint64_t key_of(const Endpoint& endpoint) {
  if (!endpoint.host.empty()) return base::hash_bytes(endpoint.host);
  return base::hash_bytes(base::to_string(endpoint.v4 ? *endpoint.v4 : *endpoint.v6));
}

class Compiler {
 public:
  Compiler(Service& service, const Sites& sites, const FindInner& find)
      : service_(service), sites_(sites), find_(find) {}

  /// Compiles the endpoints, the filters that make tiers, and then the services inside.
  void add(const std::vector<EndpointSpec>& written, const ServiceSpec& spec, const PolicySpec& policy, Chain chain,
           std::optional<std::uint16_t> inner) {
    const auto first = static_cast<EndpointIndex>(service_.endpoints.size());
    chain.spill_below = spec.spill_below;
    const bool fenced = std::any_of(policy.filters.begin(), policy.filters.end(),
                                    [](const FilterSpec& f) { return f.kind == FilterKind::fence; });
    for (const EndpointSpec& endpoint : written) {
      chain.members.push_back(static_cast<EndpointIndex>(service_.endpoints.size()));
      add_endpoint(endpoint);
      if (fenced && endpoint.serves.restricts())
        service_.endpoints.back().region = intern(service_.signature.regions, endpoint.serves);
    }
    for (const FilterSpec& filter : policy.filters) add_filter(filter, written, chain, first);
    Chain& place = inner ? service_.inner[*inner] : service_;
    place = std::move(chain);
    for (std::size_t i = 0; i < written.size(); ++i) {
      if (!written[i].service.value.empty()) add_inner(written[i], static_cast<EndpointIndex>(first + i));
    }
  }

  std::uint16_t next_inner() {
    service_.inner.emplace_back();
    return static_cast<std::uint16_t>(service_.inner.size() - 1);
  }

 private:
  void add_endpoint(const EndpointSpec& written) {
    Endpoint endpoint;
    if (written.service.value.empty()) {
      endpoint.site = *sites_.find(written.site.value);
      const SiteSpec& site = sites_.all[endpoint.site.value];
      endpoint.weight = weight_of(written, site);
      endpoint.capacity = site.capacity.value_or(0);
      if (written.v4) endpoint.v4 = written.v4->value;
      if (written.v6) endpoint.v6 = written.v6->value;
      if (written.host) endpoint.host = written.host->value;
      endpoint.key = key_of(endpoint);
    }
    service_.endpoints.push_back(endpoint);
  }

  /// Without a weight of its own an inner service weighs as much as its members.
  void add_inner(const EndpointSpec& written, EndpointIndex at) {
    const std::uint16_t index = next_inner();
    const InnerService found = find_(written.service.value);
    service_.endpoints[at].inner = index;
    Chain chain;
    chain.label = written.service.value;
    add(found.spec->endpoints, *found.spec, *found.policy, std::move(chain), index);
    std::uint64_t sum = 0;
    for (const EndpointIndex member : service_.inner[index].members) {
      sum += service_.endpoints[member].weight;
      service_.endpoints[member].outer = at;
    }
    service_.endpoints[at].weight = written.weight.value_or(static_cast<std::uint32_t>(std::min(sum, most_weight)));
  }

  void add_filter(const FilterSpec& filter, const std::vector<EndpointSpec>& written, Chain& chain,
                  EndpointIndex first) {
    switch (filter.kind) {
      case FilterKind::fence:
        chain.steps.push_back(fence_step(filter, written, first));
        break;
      case FilterKind::nearest:
        chain.steps.push_back(nearest_step(filter, written, chain));
        break;
      case FilterKind::fastest:
        chain.steps.push_back(fastest_step(filter, written, chain));
        break;
      case FilterKind::priority:
        for (std::size_t i = 0; i < written.size(); ++i)
          service_.endpoints[first + i].rank = rank_of(filter, written[i], i);
        chain.steps.emplace_back().kind = FilterKind::priority;
        break;
      case FilterKind::weighted:
        chain.weighted = true;
        break;
      case FilterKind::rotate:
      case FilterKind::all:
      case FilterKind::take:
        break;
    }
  }

  /// The places of a member: its site's, or those of all that the inner service holds.
  void points_of(const EndpointSpec& endpoint, Aspect aspect, const FilterSpec& filter,
                 std::vector<geo::NearestQuestion::Point>& out) const {
    if (!endpoint.service.value.empty()) {
      for (const EndpointSpec& inside : find_(endpoint.service.value).spec->endpoints)
        points_of(inside, aspect, filter, out);
      return;
    }
    const SiteSpec& site = sites_.all[sites_.find(endpoint.site.value)->value];
    if (!site.at || !has(endpoint, aspect)) return;
    const auto bias = filter.bias_km.find(endpoint.site.value);
    const geo::NearestQuestion::Point point{*site.at, bias == filter.bias_km.end() ? 0.0 : bias->second};
    if (std::find(out.begin(), out.end(), point) == out.end()) out.push_back(point);
  }

  /// Asks one question for each group of endpoints that the filters before this one keep apart whatever the client: the
  /// nearest of the second choice must not depend on where the first choice is.
  Step nearest_step(const FilterSpec& filter, const std::vector<EndpointSpec>& written, const Chain& chain) {
    Step step;
    step.kind = FilterKind::nearest;
    const auto has = [&](FilterKind kind) {
      return std::any_of(chain.steps.begin(), chain.steps.end(), [&](const Step& s) { return s.kind == kind; });
    };
    // Those that the question is about are not those that are left, as hosts and inner services come and go.
    const bool varies =
        std::any_of(written.begin(), written.end(), [](const auto& e) { return e.host || !e.service.value.empty(); });
    const bool partial = has(FilterKind::fence) || has(FilterKind::fastest) || varies;
    for (const Aspect aspect : aspects) {
      if (!service_.answers(aspect)) continue;
      auto& places = step.places[aspect.index()];
      auto& points = step.points[aspect.index()];
      places.resize(service_.endpoints.size());
      std::vector<std::pair<std::uint16_t, geo::NearestQuestion>> groups;
      std::vector<std::size_t> group_of(places.size());
      for (std::size_t i = 0; i < written.size(); ++i) {
        const EndpointIndex e = chain.members[i];
        std::vector<geo::NearestQuestion::Point> at;
        points_of(written[i], aspect, filter, at);
        if (at.empty()) continue;
        const std::uint16_t rank = has(FilterKind::priority) ? service_.endpoints[e].rank : 0;
        auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.first == rank; });
        if (group == groups.end())
          group = groups.insert(groups.end(), {rank, geo::NearestQuestion{{}, filter.within_km, partial}});
        group_of[e] = static_cast<std::size_t>(group - groups.begin());
        places[e] = {0, static_cast<std::uint16_t>(points.size()), static_cast<std::uint16_t>(at.size())};
        for (const auto& point : at) points.push_back(intern(group->second.points, point));
      }
      std::vector<std::uint16_t> question_of;
      question_of.reserve(groups.size());
      for (const auto& [rank, question] : groups) question_of.push_back(intern(service_.signature.nearest, question));
      for (std::size_t e = 0; e < places.size(); ++e) {
        if (places[e].question != QuestionPoints::none) places[e].question = question_of[group_of[e]];
      }
    }
    return step;
  }

  /// The sites of a member, as points_of() has their places.
  void sites_of(const EndpointSpec& endpoint, Aspect aspect, std::vector<std::string>& out) const {
    if (!endpoint.service.value.empty()) {
      for (const EndpointSpec& inside : find_(endpoint.service.value).spec->endpoints) sites_of(inside, aspect, out);
    } else if (has(endpoint, aspect)) {
      intern(out, endpoint.site.value);
    }
  }

  /// One question about all sites: its answer is ranks, whichever are left when it is this filter's turn.
  Step fastest_step(const FilterSpec& filter, const std::vector<EndpointSpec>& written, const Chain& chain) {
    Step step;
    step.kind = FilterKind::fastest;
    geo::FastestQuestion question{{}, filter.within_ms, filter.table};
    for (const EndpointSpec& endpoint : written) {
      sites_of(endpoint, Aspect::whole(), question.sites);
    }
    const std::uint16_t number = intern(service_.signature.fastest, question);
    for (const Aspect aspect : aspects) {
      if (!service_.answers(aspect)) continue;
      auto& places = step.places[aspect.index()];
      auto& points = step.points[aspect.index()];
      places.resize(service_.endpoints.size());
      for (std::size_t i = 0; i < written.size(); ++i) {
        std::vector<std::string> at;
        sites_of(written[i], aspect, at);
        if (at.empty()) continue;
        places[chain.members[i]] = {number, static_cast<std::uint16_t>(points.size()),
                                    static_cast<std::uint16_t>(at.size())};
        for (const std::string& site : at) points.push_back(intern(question.sites, site));
      }
    }
    return step;
  }

  Service& service_;
  const Sites& sites_;
  const FindInner& find_;
};

/// How the members of the chosen tier are answered with.
void set_selection(Service& service, const PolicySpec& policy) {
  bool taken = false;
  for (const FilterSpec& filter : policy.filters) {
    if (filter.kind == FilterKind::fence) service.fallback_outside = filter.outside != Outside::none;
    if (filter.kind == FilterKind::priority) service.ranked = true;
    if (filter.kind == FilterKind::weighted)
      service.selection = filter.by_query ? Selection::by_query : Selection::by_client;
    if (filter.kind == FilterKind::rotate) service.selection = Selection::rotate;
    if (filter.kind == FilterKind::all) service.selection = Selection::all;
    if (filter.kind != FilterKind::take) continue;
    service.take = filter.count;
    taken = true;
  }
  const bool lists_all = service.selection == Selection::rotate || service.selection == Selection::all;
  if (!taken && lists_all) service.take = 64;
  if (!service.alias) return;  // else one CNAME; where all would be answered with, one of them is drawn
  service.take = 1;
  if (service.selection == Selection::all) service.selection = Selection::by_client;
}

void add_origins(const std::vector<EndpointSpec>& endpoints, const ServiceSpec& spec, const FindInner& find,
                 std::vector<Origin>& out) {
  for (const EndpointSpec& endpoint : endpoints) out.push_back({&spec, &endpoint});
  for (const EndpointSpec& endpoint : endpoints) {
    if (endpoint.service.value.empty()) continue;
    const InnerService found = find(endpoint.service.value);
    add_origins(found.spec->endpoints, *found.spec, find, out);
  }
}

}  // namespace

std::vector<Origin> origins(const ServiceSpec& spec, const FindInner& find) {
  std::vector<Origin> out;
  add_origins(spec.endpoints, spec, find, out);
  if (spec.canary) add_origins(spec.canary->endpoints, spec, find, out);
  return out;
}

Service compile_service(const ServiceSpec& spec, const PolicySpec& policy, const Sites& sites, const std::string& name,
                        const FindInner& find, bool alias) {
  Service service;
  service.alias = alias;
  service.name = name;
  service.policy_name = policy.name;
  service.fallback = spec.fallback;
  service.ttl = static_cast<std::uint32_t>(spec.ttl.count());
  service.ttl_min = static_cast<std::uint32_t>(std::min(spec.ttl_min, spec.ttl).count());
  service.slowstart = spec.slowstart;
  service.reflect = spec.reflect;
  service.spill_above = spec.spill_above;
  service.panic_below = spec.panic_below;
  service.rules = spec.rules;
  service.observe = spec.observe;
  service.keep = spec.keep;
  service.guards = spec.guards;
  service.failback = spec.failback;
  service.all_down = spec.all_down;
  service.https = spec.https;
  service.hash_prefix = {static_cast<std::uint8_t>(spec.hash_prefix_v4),
                         static_cast<std::uint8_t>(spec.hash_prefix_v6)};
  service.salt = base::hash_bytes(name, base::hash_bytes(std::string_view("weighted")));
  set_selection(service, policy);
  Compiler compiler(service, sites, find);
  compiler.add(spec.endpoints, spec, policy, {}, std::nullopt);
  if (spec.canary) {
    Canary canary;
    canary.share = spec.canary->share;
    canary.inner = compiler.next_inner();
    if (!spec.canary->networks.empty()) {
      geo::RegionSpec region;
      region.anyone = false;
      region.prefixes = spec.canary->networks;
      canary.region = intern(service.signature.regions, region);
    }
    service.canary = canary;
    Chain chain;
    chain.label = "canary";
    compiler.add(spec.canary->endpoints, spec, policy, std::move(chain), canary.inner);
  }
  return service;
}

}  // namespace gslb::policy
