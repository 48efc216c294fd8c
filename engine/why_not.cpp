#include "engine/why_not.hpp"

#include <algorithm>
#include <cmath>

#include "geo/questions.hpp"

namespace gslb::engine {

namespace {

constexpr unsigned most_changes = 3;
constexpr std::uint32_t heaviest = 1'000'000'000;

/// A service as one class of clients sees it, to be changed and asked.
struct Model {
  policy::Service service;
  geo::ClassAnswers client;
  policy::ServiceStates states;
};

class Seeker {
 public:
  Seeker(const Generation& generation, const Trace::Steered& drawn, std::uint16_t site,
         const std::optional<geo::Coordinates>& at)
      : snapshot_(*generation.snapshot), aspect_(drawn.aspect), site_(site), at_(at) {
    const zones::SteeredName& name = snapshot_.services[drawn.service];
    model_ = {name.service, snapshot_.classes[name.signature][drawn.service_class],
              generation.plans[drawn.service]->states};
    const unsigned length =
        std::min<unsigned>(drawn.length, name.service.hash_prefix[static_cast<std::size_t>(drawn.address.family)]);
    bits_ = policy::client_hash(drawn.address, length, name.service.salt);
  }

  WhyNot seek() const {
    WhyNot out;
    out.site = snapshot_.sites[site_].name;
    const Way now = judge(model_, {});
    out.part = now.part;
    out.this_client = now.this_client;
    if (now.this_client) return out;
    const std::vector<Change> atoms = possible();
    for (unsigned size = 1; size <= most_changes && out.ways.empty(); ++size) try_all(atoms, size, {}, 0, out.ways);
    std::stable_sort(out.ways.begin(), out.ways.end(), [](const Way& a, const Way& b) {
      return a.this_client != b.this_client ? a.this_client : a.part > b.part;
    });
    return out;
  }

 private:
  const std::string& name_of(const policy::Endpoint& endpoint) const {
    return snapshot_.sites[endpoint.site.value].name;
  }
  policy::EndpointState state_of(std::size_t e) const {
    if (aspect_ != policy::Aspect::whole()) return model_.states[aspect_.index()][e];
    return policy::whole_state(model_.service.endpoints[e], model_.states[0][e], model_.states[1][e]);
  }
  bool is_here(const policy::Endpoint& endpoint) const { return model_.service.has(endpoint, aspect_); }
  bool is_wanted(const policy::Endpoint& endpoint) const { return endpoint.site.value == site_ && is_here(endpoint); }
  bool has_step(policy::FilterKind kind) const {
    return std::any_of(model_.service.steps.begin(), model_.service.steps.end(),
                       [&](const policy::Step& step) { return step.kind == kind; });
  }

  /// Whether the model answers with the site.
  Way judge(const Model& model, std::vector<Change> changes) const {
    Way out{std::move(changes), 0, false};
    const policy::ClassTrace trace = policy::trace_class(model.service, aspect_, model.client, model.states);
    const policy::ClassPlan& decision = trace.plan.classes[0];
    const auto has_site = [&](std::uint32_t set) {
      const auto members = trace.plan.set(set);
      return std::any_of(members.begin(), members.end(), [&](policy::EndpointIndex e) {
        return e < model.service.endpoints.size() && model.service.endpoints[e].site.value == site_;
      });
    };
    for (const auto& [set, slots] : policy::set_slots(trace.plan, decision)) {
      if (has_site(set)) out.part += static_cast<double>(slots) / trace.plan.slot_count;
    }
    if (decision.draw == policy::Draw::nothing) return out;
    out.this_client =
        decision.draw == policy::Draw::by_query ? out.part > 1 - 1e-9 : has_site(trace.plan.draw(decision, bits_));
    return out;
  }

  /// Every single change that could matter.
  std::vector<Change> possible() const {
    std::vector<Change> out;
    const auto& endpoints = model_.service.endpoints;
    bool up = true;
    bool served = true;
    for (std::size_t e = 0; e < endpoints.size(); ++e) {
      if (!is_here(endpoints[e])) continue;
      const policy::EndpointState state = state_of(e);
      const bool healthy = policy::is_up(state) && state.ramp == 1000;
      if (is_wanted(endpoints[e])) {
        up = up && healthy;
        served = served && policy::serves(endpoints[e], model_.client);
      } else if (policy::is_up(state)) {
        const Change down{Change::Kind::down, name_of(endpoints[e]), 0};
        if (std::none_of(out.begin(), out.end(), [&](const Change& c) { return c.site == down.site; }))
          out.push_back(down);
      }
    }
    const std::string& site = snapshot_.sites[site_].name;
    if (!up) out.insert(out.begin(), {Change::Kind::up, site, 0});
    if (!served) out.push_back({Change::Kind::serves, site, 0});
    if (has_step(policy::FilterKind::nearest) && at_) out.push_back({Change::Kind::within, site, within_needed()});
    if (has_step(policy::FilterKind::priority)) out.push_back({Change::Kind::first, site, 0});
    if (model_.service.weighted) out.push_back({Change::Kind::weight, site, 0});
    return out;
  }

  /// How much farther than the nearest of those that it competes with the site is, in whole kilometres.
  double within_needed() const {
    double nearest = HUGE_VAL;
    double own = HUGE_VAL;
    const policy::ClassTiers tiers = policy::run_chains(model_.service, aspect_, model_.client);
    for (const auto& tier : tiers.own) {
      for (const policy::EndpointIndex e : tier) {
        const double km = distance(e);
        nearest = std::min(nearest, km);
        if (is_wanted(model_.service.endpoints[e])) own = std::min(own, km);
      }
    }
    return std::isfinite(own) ? std::ceil(own - nearest) : 0;
  }

  /// As `nearest` sees it: with its bias.
  double distance(policy::EndpointIndex e) const {
    for (const policy::Step& step : model_.service.steps) {
      if (step.kind != policy::FilterKind::nearest) continue;
      const policy::QuestionPoints place = step.places[aspect_.index()][e];
      if (place.question == policy::QuestionPoints::none) return HUGE_VAL;
      double km = HUGE_VAL;
      for (std::size_t p = place.first; p < place.first + std::size_t{place.count}; ++p) {
        const auto& point = model_.service.signature.nearest[place.question].points[step.points[aspect_.index()][p]];
        km = std::min(km, geo::distance_km(*at_, point.at) - point.bias_km);
      }
      return km;
    }
    return HUGE_VAL;
  }

  void apply(Change& change, Model& model) const {
    auto& endpoints = model.service.endpoints;
    for (std::size_t e = 0; e < endpoints.size(); ++e) {
      const bool meant = endpoints[e].inner == policy::Endpoint::no_inner && name_of(endpoints[e]) == change.site;
      switch (change.kind) {
        case Change::Kind::up:
          if (meant) model.states[0][e] = model.states[1][e] = {};
          break;
        case Change::Kind::down:
          if (meant) model.states[0][e] = model.states[1][e] = {.verdict = health::Verdict::down};
          break;
        case Change::Kind::serves:
          if (meant && endpoints[e].region != policy::Endpoint::no_region)
            model.client.inside[endpoints[e].region] = true;
          break;
        case Change::Kind::first:
          endpoints[e].rank = static_cast<std::uint16_t>(meant ? 0 : endpoints[e].rank + 1);
          break;
        case Change::Kind::within:
        case Change::Kind::weight:
          break;
      }
    }
    if (change.kind == Change::Kind::within) set_within(change.value, model);
    if (change.kind == Change::Kind::weight) set_weight(change, model);
  }

  void set_within(double km, Model& model) const {
    for (geo::NearestQuestion& question : model.service.signature.nearest)
      question.within_km = std::max(question.within_km, km);
    const std::string ranks = geo::Questions({model.service.signature}).tiers(at_);
    std::size_t from = 0;
    for (std::size_t q = 0; q < model.service.signature.nearest.size(); ++q) {
      const std::size_t size = geo::answer_size(model.service.signature.nearest[q]);
      model.client.tiers[q].assign(ranks.begin() + static_cast<std::ptrdiff_t>(from),
                                   ranks.begin() + static_cast<std::ptrdiff_t>(from + size));
      from += size;
    }
  }

  /// The least weight with which this client draws the site; a larger one keeps it there.
  void set_weight(Change& change, Model& model) const {
    const auto with = [&](std::uint32_t weight) {
      Model heavier = model;
      for (policy::Endpoint& endpoint : heavier.service.endpoints) {
        if (is_wanted(endpoint)) endpoint.weight = weight;
      }
      return heavier;
    };
    if (!judge(with(heaviest), {}).this_client) return;
    std::uint32_t low = 0;
    std::uint32_t high = heaviest;
    while (high - low > 1) {
      const std::uint32_t middle = low + (high - low) / 2;
      (judge(with(middle), {}).this_client ? high : low) = middle;
    }
    change.value = high;
    model = with(high);
  }

  void try_all(const std::vector<Change>& atoms, unsigned size, const std::vector<Change>& taken, std::size_t from,
               std::vector<Way>& out) const {
    if (taken.size() == size) {
      Model model = model_;
      std::vector<Change> changes = taken;
      for (Change& change : changes) apply(change, model);
      Way way = judge(model, std::move(changes));
      if (way.part > judge(model_, {}).part && (way.this_client || way.part < 1)) out.push_back(std::move(way));
      return;
    }
    for (std::size_t i = from; i < atoms.size(); ++i) {
      std::vector<Change> next = taken;
      next.push_back(atoms[i]);
      try_all(atoms, size, next, i + 1, out);
    }
  }

  const Snapshot& snapshot_;
  policy::Aspect aspect_;
  std::uint16_t site_;
  std::optional<geo::Coordinates> at_;
  Model model_;
  std::uint64_t bits_ = 0;
};

}  // namespace

std::optional<WhyNot> why_not(const Generation& generation, const Trace::Steered& drawn, const std::string& site,
                              const std::optional<geo::Coordinates>& at) {
  const Snapshot& snapshot = *generation.snapshot;
  const auto& endpoints = snapshot.services[drawn.service].service.endpoints;
  const auto found = std::find_if(endpoints.begin(), endpoints.end(), [&](const policy::Endpoint& endpoint) {
    return snapshot.sites[endpoint.site.value].name == site &&
           snapshot.services[drawn.service].service.has(endpoint, drawn.aspect);
  });
  if (found == endpoints.end()) return std::nullopt;
  return Seeker(generation, drawn, found->site.value, at).seek();
}

}  // namespace gslb::engine
