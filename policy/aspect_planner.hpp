// policy/aspect_planner.hpp: the decisions of a service under one aspect, for one state of health after the other.
//
//   tiers of a class ─share_tiers()─► shares ─slots.hpp─► who owns which slot ─PlanTables─► ClassPlan
//
// Equal sets, slot tables and decisions are made once. Pure. Threads: one object, one thread.
#pragma once

#include <map>
#include <vector>

#include "policy/plan.hpp"
#include "policy/plan_tables.hpp"
#include "policy/slots.hpp"

namespace gslb::policy {

class AspectPlanner {
 public:
  /// @param out  gets the tables; it and the service must outlive this
  AspectPlanner(const Service& service, Aspect aspect, AspectPlan& out);

  ClassTiers tiers_of(const geo::ClassAnswers& client) const;

  /// Of the decisions from now on. Tables of before stay, and are used again where they fit.
  void set_states(std::vector<EndpointState> states);
  /// The same, for a plan of its own: tables of before are gone.
  void begin_plan(std::vector<EndpointState> states);
  ClassPlan decision(const ClassTiers& tiers);

  /// From now on `trace` gets what is done, but for the plan.
  void record(ClassTrace* trace);

 private:
  /// Most classes differ only in tiers that nobody reaches, so a table is made once for each mix of those that are.
  struct Mix {
    std::vector<SlotFiller::Shares> stages;
    Tiers tiers;
    auto operator<=>(const Mix&) const = default;
  };

  void forget_tables();
  ClassPlan decide(const ClassTiers& tiers);
  std::uint32_t ttl(const ClassTiers& tiers, std::size_t consulted) const;
  ClassPlan plan_fallback();
  ClassPlan plan_lists(const Shares& shares);
  ClassPlan plan_draws(const ClassTiers& tiers, const Shares& shares);
  ClassPlan table_of(const Mix& mix, const Shares& shares);
  SlotFiller::Shares first_shares(const Shares& shares, bool canary = true) const;

  const Service& service_;
  Aspect aspect_;
  AspectPlan& out_;
  PlanTables tables_;
  SlotFiller slots_;
  std::vector<EndpointState> states_;
  EffectiveWeights now_;
  EffectiveWeights healthy_;
  Guards guards_;
  ClassTrace* trace_ = nullptr;
  std::map<ClassTiers, ClassPlan> decided_;
  std::map<Mix, ClassPlan> mixes_;
};

}  // namespace gslb::policy
