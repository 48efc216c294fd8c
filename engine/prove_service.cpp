#include "engine/prove_service.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "policy/replanner.hpp"

namespace gslb::engine {

namespace {

/// Whether the service has answers under the aspect.
bool has(const policy::Service& service, policy::Aspect aspect) {
  return service.answers(aspect) && std::any_of(service.endpoints.begin(), service.endpoints.end(),
                                                [&](const policy::Endpoint& e) { return service.has(e, aspect); });
}

bool strictly_fenced(const policy::Service& service) {
  return std::any_of(service.steps.begin(), service.steps.end(),
                     [](const policy::Step& step) { return step.kind == policy::FilterKind::fence && step.strict; });
}

/// Every endpoint that some draw of the decision gives.
std::set<policy::EndpointIndex> answered_by(const policy::AspectPlan& plan, const policy::ClassPlan& decision) {
  std::set<policy::EndpointIndex> out;
  for (const auto& [set, slots] : policy::set_slots(plan, decision)) {
    const auto members = plan.set(set);
    out.insert(members.begin(), members.end());
  }
  return out;
}

const char* type_of(policy::Aspect aspect) {
  if (aspect == policy::Aspect::whole()) return "CNAME or HTTPS";
  return aspect == policy::Aspect(base::Family::v4) ? "A" : "AAAA";
}

bool has_outside_none(const policy::Service& service) {
  return std::any_of(service.steps.begin(), service.steps.end(), [](const policy::Step& step) {
    return step.kind == policy::FilterKind::fence && step.outside == policy::Outside::none;
  });
}

class ServiceProver {
 public:
  ServiceProver(const Snapshot& snapshot, std::size_t service, const Survey& survey, const ProofOptions& options)
      : snapshot_(snapshot),
        name_(snapshot.services[service]),
        service_(name_.service),
        classes_(snapshot.classes[name_.signature]),
        options_(options),
        replanner_(service_, classes_),
        refuses_outside_(has_outside_none(service_)) {
    out_.service = service;
    out_.fenced = strictly_fenced(service_);
    out_.answered.assign(service_.endpoints.size(), false);
    out_.effects.assign(service_.steps.size(), false);
    locate_classes(survey);
    list_candidates();
  }

  ServiceProof run() {
    std::set<std::uint16_t> sites;
    for (const policy::Endpoint& endpoint : service_.endpoints) {
      if (endpoint.inner == policy::Endpoint::no_inner) sites.insert(endpoint.site.value);
    }
    for (const auto& failed : subsets({sites.begin(), sites.end()}, options_.failures)) look_at(failed);
    for (std::size_t e = 0; e < service_.endpoints.size(); ++e) out_.never.push_back(why_never(e));
    return std::move(out_);
  }

 private:
  /// For each class some network of it. Classes without one are nobody.
  void locate_classes(const Survey& survey) {
    example_.resize(classes_.size());
    present_.resize(classes_.size(), false);
    for (std::size_t place = 0; place < survey.size(); ++place) {
      const std::uint16_t c = class_in_place(snapshot_, out_.service, static_cast<std::uint16_t>(place));
      for (const auto& network : survey[place].example) {
        if (!network || (example_[c] && example_[c]->address.family == network->address.family &&
                         example_[c]->length <= network->length))
          continue;
        if (!example_[c] || network->address.family == base::Family::v4) example_[c] = network;
      }
      present_[c] = present_[c] || example_[c].has_value();
    }
  }

  /// What each class may be answered with at all, whatever the health.
  void list_candidates() {
    for (const policy::Aspect aspect : policy::aspects) {
      auto& by_class = candidates_[aspect.index()];
      by_class.resize(classes_.size());
      if (!has(service_, aspect)) continue;
      for (std::size_t c = 0; c < classes_.size(); ++c) {
        policy::ChainTraces after;
        const auto tiers = policy::run_chains(service_, aspect, classes_[c], &after);
        const auto add = [&](policy::EndpointIndex e) { by_class[c].push_back(e); };
        policy::for_each_address(service_, tiers, tiers.own, add);
        if (service_.canary) policy::for_each_address(service_, tiers, tiers.inner[service_.canary->inner], add);
        for (std::size_t i = 0; i < out_.effects.size(); ++i)
          out_.effects[i] = out_.effects[i] || (present_[c] && after.own[i] != after.own[i + 1]);
        std::sort(by_class[c].begin(), by_class[c].end());
      }
    }
  }

  void look_at(const std::vector<std::uint16_t>& failed) {
    ++out_.states;
    DownSites down(snapshot_.sites.size(), false);
    for (const std::uint16_t site : failed) down[site] = true;
    const policy::Plan& plan = replanner_.plan(states_when(service_, down));
    if (out_.fenced && !out_.leak) {
      if (const auto leak = find_leak(service_, classes_, plan, present_)) {
        out_.leak = Example{std::string(type_of(leak->aspect)) + " answers endpoints[" +
                                std::to_string(leak->endpoint) + "], which does not serve the client",
                            example_[leak->service_class], failed};
      }
    }
    if (out_.fewest.size() == failed.size()) out_.fewest.push_back(~0U);
    for (const policy::Aspect aspect : policy::aspects) {
      if (!has(service_, aspect)) continue;
      count_candidates(aspect, down, failed);
      look_for_unanswered(plan, aspect, failed);
      note_answered(plan.under(aspect));
    }
  }

  void count_candidates(policy::Aspect aspect, const DownSites& down, const std::vector<std::uint16_t>& failed) {
    const std::vector<policy::EndpointIndex>* last = nullptr;
    for (std::size_t c = 0; c < classes_.size(); ++c) {
      const auto& all = candidates_[aspect.index()][c];
      if (!present_[c] || (last != nullptr && *last == all)) continue;
      last = &all;
      const auto left = static_cast<unsigned>(std::count_if(
          all.begin(), all.end(), [&](policy::EndpointIndex e) { return !down[service_.endpoints[e].site.value]; }));
      out_.fewest[failed.size()] = std::min(out_.fewest[failed.size()], left);
      if (left >= options_.candidates || out_.uncovered) continue;
      out_.uncovered =
          Example{"a network has " + std::to_string(left) + " of " + std::to_string(options_.candidates) +
                      (options_.candidates == 1 ? " candidate" : " candidates") + " for " + type_of(aspect),
                  example_[c], failed};
    }
  }

  void look_for_unanswered(const policy::Plan& plan, policy::Aspect aspect, const std::vector<std::uint16_t>& failed) {
    if (out_.unanswered) return;
    const auto& decisions = plan.under(aspect).classes;
    for (std::size_t c = 0; c < decisions.size(); ++c) {
      if (!present_[c] || decisions[c].draw != policy::Draw::nothing) continue;
      const bool fenced = decisions[c].mode == policy::Mode::fenced;
      if (fenced && refuses_outside_) continue;
      out_.unanswered = Example{std::string(type_of(aspect)) + " is SERVFAIL: " +
                                    (fenced ? "no endpoint serves the client, and there is no fallback"
                                            : "nothing is up, all_down is none, and there is no fallback"),
                                example_[c], failed};
      return;
    }
  }

  void note_answered(const policy::AspectPlan& plan) {
    if (std::ranges::find(out_.answered, false) == out_.answered.end()) return;  // after few failures, mostly
    std::set<std::pair<policy::Draw, std::uint32_t>> seen;
    for (std::size_t c = 0; c < plan.classes.size(); ++c) {
      const policy::ClassPlan& decision = plan.classes[c];
      if (!present_[c] || !seen.emplace(decision.draw, decision.index).second) continue;
      for (const policy::EndpointIndex e : answered_by(plan, decision)) {
        if (e < out_.answered.size()) out_.answered[e] = true;
      }
    }
  }

  std::string why_never(std::size_t e) const {
    if (out_.answered[e] || service_.endpoints[e].inner != policy::Endpoint::no_inner) return {};
    bool candidate = false;
    bool meets = false;
    for (std::size_t c = 0; c < classes_.size(); ++c) {
      if (!present_[c]) continue;
      meets = meets || policy::serves(service_.endpoints[e], classes_[c]);
      for (const auto& by_class : candidates_)
        candidate = candidate || std::binary_search(by_class[c].begin(), by_class[c].end(), e);
    }
    if (!meets) return "no network on Earth is in its `serves`";
    if (!candidate) return "its fence and its site never meet";
    if (service_.endpoints[e].weight == 0) return "its weight is 0, and another endpoint is always up";
    return "another endpoint is always preferred, whatever " + std::to_string(options_.failures) +
           (options_.failures == 1 ? " site fails" : " sites fail");
  }

  const Snapshot& snapshot_;
  const zones::SteeredName& name_;
  const policy::Service& service_;
  const std::vector<geo::ClassAnswers>& classes_;
  const ProofOptions& options_;
  policy::Replanner replanner_;
  std::vector<std::optional<base::Prefix>> example_;  ///< by class
  std::vector<bool> present_;                         ///< by class: somebody is in it
  std::array<std::vector<std::vector<policy::EndpointIndex>>, policy::aspects.size()>
      candidates_;              ///< by aspect and class, ascending; none of an aspect without answers
  const bool refuses_outside_;  ///< the operator wants SERVFAIL for clients whom no endpoint serves
  ServiceProof out_;
};

}  // namespace

std::optional<Leak> find_leak(const policy::Service& service, const std::vector<geo::ClassAnswers>& classes,
                              const policy::Plan& plan, const std::vector<bool>& present) {
  for (const policy::Aspect aspect : policy::aspects) {
    const policy::AspectPlan& decisions = plan.under(aspect);
    std::map<std::pair<policy::Draw, std::uint32_t>, std::set<policy::EndpointIndex>> answers;
    for (std::size_t c = 0; c < decisions.classes.size(); ++c) {
      const policy::ClassPlan& decision = decisions.classes[c];
      const auto serves = [&](policy::EndpointIndex e) { return policy::serves_through(service, e, classes[c]); };
      if (!present[c] || std::none_of(service.members.begin(), service.members.end(), serves)) continue;
      const auto [known, is_new] = answers.try_emplace({decision.draw, decision.index});
      if (is_new) known->second = answered_by(decisions, decision);
      for (const policy::EndpointIndex e : known->second) {
        if (e < service.endpoints.size() && !serves(e)) return Leak{static_cast<std::uint16_t>(c), aspect, e};
      }
    }
  }
  return std::nullopt;
}

ServiceProof prove_service(const Snapshot& snapshot, std::size_t service, const Survey& survey,
                           const ProofOptions& options) {
  return ServiceProver(snapshot, service, survey, options).run();
}

policy::Service shape_of(const policy::Service& service) {
  policy::Service out = service;
  out.name.clear();
  out.policy_name.clear();
  out.salt = 0;
  for (std::size_t e = 0; e < out.endpoints.size(); ++e) {
    policy::Endpoint& endpoint = out.endpoints[e];
    endpoint.key = e;
    for (auto* address : {&endpoint.v4, &endpoint.v6}) {
      if (*address) (*address)->octets = {};
    }
    for (base::IpAddress& address : endpoint.others) address.octets = {};
    if (!endpoint.host.empty()) endpoint.host = "host";
  }
  for (base::IpAddress& address : out.fallback) address.octets = {};
  return out;
}

}  // namespace gslb::engine
