#include "policy/replanner.hpp"

#include <algorithm>
#include <map>

#include "policy/aspect_planner.hpp"

namespace gslb::policy {

/// One aspect: its planner, and the distinct tiers of the classes.
struct Replanner::Asked {
  Aspect aspect;
  AspectPlanner planner;
  std::vector<ClassTiers> tiers = {};
  std::vector<std::uint32_t> tiers_of = {};  ///< by class
  bool present = false;                      ///< some endpoint may be answered

  Asked(const Service& service, Aspect which, AspectPlan& out) : aspect(which), planner(service, which, out) {}
};

Replanner::Replanner(const Service& service, const std::vector<geo::ClassAnswers>& classes) : service_(service) {
  for (const Aspect aspect : aspects) {
    if (!service.answers(aspect)) continue;
    asked_.push_back(std::make_unique<Asked>(service, aspect, plan_.of_aspect[aspect.index()]));
    Asked& one = *asked_.back();
    one.present = std::ranges::any_of(service.endpoints, [&](const Endpoint& e) { return service.has(e, aspect); });
    std::map<ClassTiers, std::uint32_t> ids;
    for (const auto& client : classes) {
      const auto [known, is_new] =
          ids.try_emplace(one.planner.tiers_of(client), static_cast<std::uint32_t>(ids.size()));
      if (is_new) one.tiers.push_back(known->first);
      one.tiers_of.push_back(known->second);
    }
  }
}

Replanner::~Replanner() = default;

void Replanner::decide(Asked& one) {
  std::vector<ClassPlan> decisions;
  for (const ClassTiers& tiers : one.tiers) {
    decisions.push_back(one.planner.decision(tiers));
    if (one.present) plan_.worst = std::max(plan_.worst, decisions.back().mode);
  }
  auto& classes = plan_.of_aspect[one.aspect.index()].classes;
  classes.clear();
  for (const std::uint32_t tiers : one.tiers_of) classes.push_back(decisions[tiers]);
}

const Plan& Replanner::plan(const ServiceStates& states) {
  plan_.worst = Mode::normal;
  plan_.states = states;
  for (const auto& one : asked_) {
    one->planner.set_states(states_under(one->aspect, service_, states));
    decide(*one);
  }
  return plan_;
}

Plan Replanner::make(const ServiceStates& states) {
  plan_.worst = Mode::normal;
  plan_.states = states;
  for (const auto& one : asked_) {
    one->planner.begin_plan(states_under(one->aspect, service_, states));
    decide(*one);
  }
  return std::move(plan_);
}

}  // namespace gslb::policy
