#include "engine/canary.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <tuple>

#include "base/text.hpp"

namespace gslb::engine {

namespace {

/// The share of clients of a class that each site gets.
using Sites = std::map<std::uint32_t, double>;

/// By class before and after, the indices of the networks in both.
using Changes = std::map<std::pair<std::uint16_t, std::uint16_t>, std::vector<std::size_t>>;

bool knows_nothing(const geo::ClassAnswers& answers) {
  return std::all_of(answers.tiers.begin(), answers.tiers.end(), [](const auto& tiers) { return tiers.empty(); }) &&
         std::none_of(answers.inside.begin(), answers.inside.end(), [](bool inside) { return inside; });
}

policy::Plan plan_of(const policy::Service& service, const std::vector<geo::ClassAnswers>& classes) {
  const std::vector<policy::EndpointState> up(service.endpoints.size());
  return policy::make_plan(service, classes, {up, up});
}

Sites sites_of(const policy::Service& service, const policy::AspectPlan& plan, std::uint16_t service_class) {
  Sites out;
  const auto add_set = [&](std::uint32_t id, double share) {
    const auto members = plan.set(id);
    for (const policy::EndpointIndex member : members) {
      if (member < service.endpoints.size())
        out[service.endpoints[member].site.value] += share / static_cast<double>(members.size());
    }
  };
  for (const auto& [set, slots] : policy::set_slots(plan, plan.classes[service_class]))
    add_set(set, static_cast<double>(slots) / plan.slot_count);
  return out;
}

/// The share of clients that another site gets: half of what all sites gain and lose.
double moved(const Sites& before, const Sites& after) {
  double sum = 0;
  for (const auto& [site, share] : before) {
    const auto now = after.find(site);
    sum += std::max(0.0, share - (now == after.end() ? 0.0 : now->second));
  }
  return sum;
}

class Judge {
 public:
  Judge(const Snapshot& running, const Snapshot& next) : running_(running), next_(next) {}

  std::optional<std::string> run() {
    for (const zones::SteeredName& name : next_.services) {
      if (name.service.signature.empty()) continue;
      const auto before = std::find_if(running_.services.begin(), running_.services.end(), [&](const auto& other) {
        return other.service.signature == name.service.signature;
      });
      if (before == running_.services.end()) continue;
      for (const auto family : {base::Family::v4, base::Family::v6}) {
        if (auto why = judge(name, before->signature, family)) return why;
      }
    }
    return std::nullopt;
  }

 private:
  const Changes& changes(unsigned before, unsigned after, base::Family family) {
    const auto [entry, added] = changes_.try_emplace(std::tuple(before, after, family));
    if (!added) return entry->second;
    for (std::size_t i = 0; i < next_.canary.networks.size(); ++i) {
      const base::Prefix& network = next_.canary.networks[i];
      if (network.address.family != family) continue;
      const auto old_class = running_.locator->locate(before, network.address, network.length).service_class;
      const auto new_class = next_.locator->locate(after, network.address, network.length).service_class;
      if (knows_nothing(running_.classes[before][old_class]) && knows_nothing(next_.classes[after][new_class]))
        continue;
      entry->second[{old_class, new_class}].push_back(i);
    }
    return entry->second;
  }

  std::optional<std::string> judge(const zones::SteeredName& name, unsigned before, base::Family clients) {
    const Changes& all = changes(before, name.signature, clients);
    const policy::Service& service = name.service;
    const policy::Aspect answers = service.main_aspect();
    const policy::Plan old_plan = plan_of(service, running_.classes[before]);
    const policy::Plan new_plan = plan_of(service, next_.classes[name.signature]);
    double sum = 0;
    std::size_t known = 0;
    std::size_t example = 0;
    double example_part = 0;
    for (const auto& [classes, networks] : all) {
      const Sites from = sites_of(service, old_plan.under(answers), classes.first);
      const Sites to = sites_of(service, new_plan.under(answers), classes.second);
      const double part = moved(from, to);
      known += networks.size();
      sum += part * static_cast<double>(networks.size());
      if (part > example_part) {
        example_part = part;
        example = networks.front();
        example_text_ = main_site(from) + " to " + main_site(to);
      }
    }
    if (known == 0 || sum / static_cast<double>(known) <= next_.canary.most) return std::nullopt;
    return percent(sum / static_cast<double>(known)) + " of " + base::with_thousands(known) +
           (clients == base::Family::v4 ? " IPv4" : " IPv6") + " canary networks would change sites for " +
           service.name + " with the new databases, more than " + percent(next_.canary.most) +
           " (geo.canary.most): " + base::to_string(next_.canary.networks[example]) + " from " + example_text_ +
           ", and others";
  }

  std::string main_site(const Sites& sites) const {
    if (sites.empty()) return "none";
    const auto most =
        std::max_element(sites.begin(), sites.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    return next_.sites[most->first].name;
  }

  static std::string percent(double share) {
    char out[32];
    std::snprintf(out, sizeof out, "%.4g %%", share * 100);
    return out;
  }

  const Snapshot& running_;
  const Snapshot& next_;
  std::map<std::tuple<unsigned, unsigned, base::Family>, Changes> changes_;
  std::string example_text_;
};

bool same_databases(const geo::GeoInputs& a, const geo::GeoInputs& b) {
  return a.location == b.location && a.asn == b.asn;
}

}  // namespace

std::optional<std::string> canary_refusal(const Snapshot& running, const Snapshot& next) {
  if (!running.locator || !next.locator || same_databases(*running.geo_inputs, *next.geo_inputs)) return std::nullopt;
  return Judge(running, next).run();
}

}  // namespace gslb::engine
