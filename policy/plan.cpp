#include "policy/plan.hpp"

#include <map>

#include "policy/aspect_planner.hpp"
#include "policy/replanner.hpp"

namespace gslb::policy {

Plan make_plan(const Service& service, const std::vector<geo::ClassAnswers>& classes, const ServiceStates& states) {
  return Replanner(service, classes).make(states);
}

std::vector<std::pair<std::uint32_t, std::uint32_t>> set_slots(const AspectPlan& plan, const ClassPlan& decision) {
  if (decision.draw == Draw::nothing) return {};
  if (decision.draw == Draw::fixed) return {{decision.index, plan.slot_count}};
  std::map<std::uint32_t, std::uint32_t> count;
  for (std::uint32_t slot = 0; slot < plan.slot_count; ++slot) ++count[plan.slots[decision.index + slot]];
  return {count.begin(), count.end()};
}

ClassTrace trace_class(const Service& service, Aspect aspect, const geo::ClassAnswers& client,
                       const ServiceStates& states) {
  ClassTrace trace;
  AspectPlanner planner(service, aspect, trace.plan);
  planner.set_states(states_under(aspect, service, states));
  planner.record(&trace);
  const ClassPlan decision = planner.decision(planner.tiers_of(client));
  trace.plan.classes = {decision};
  return trace;
}

}  // namespace gslb::policy
