#include "policy/plan.hpp"

#include <algorithm>
#include <map>

#include "policy/replanner.hpp"
#include "policy/set_ranks.hpp"

namespace gslb::policy {

double effective_weight(const Endpoint& endpoint, const EndpointState& state) noexcept {
  if (state.verdict != health::Verdict::up) return 0;
  return std::max(endpoint.weight, 1U) * (state.ramp / 1000.0);
}

EndpointState better(const Endpoint& endpoint, const EndpointState& a, const EndpointState& b) noexcept {
  const bool first = effective_weight(endpoint, a) >= effective_weight(endpoint, b);
  EndpointState out = first ? a : b;
  const EndpointState& other = first ? b : a;
  if (other.in_motion)
    out.until_change = out.in_motion ? std::min(out.until_change, other.until_change) : other.until_change;
  out.in_motion = out.in_motion || other.in_motion;
  return out;
}

EndpointState whole_state(const Endpoint& endpoint, const EndpointState& v4, const EndpointState& v6) noexcept {
  if (endpoint.v4 && endpoint.v6) return better(endpoint, v4, v6);
  return endpoint.v6 ? v6 : v4;
}

namespace {

/// Makes the tables of one aspect; equal sets, slot tables and decisions are made once.
class FamilyPlanner {
 public:
  /// @param out  gets the tables
  FamilyPlanner(const Service& service, Aspect aspect, FamilyPlan& out)
      : service_(service), aspect_(aspect), ranks_(service, aspect), out_(out) {
    for (const Endpoint& endpoint : service.endpoints)
      healthy_.push_back(service.has(endpoint, aspect) ? std::max(endpoint.weight, 1U) : 0);
  }

  /// Of the decisions from now on. Tables of before are kept, and used again where they fit.
  void set_states(std::vector<EndpointState> states) {
    states_ = std::move(states);
    now_.clear();
    for (std::size_t e = 0; e < states_.size(); ++e) {
      const Endpoint& endpoint = service_.endpoints[e];
      now_.push_back(service_.has(endpoint, aspect_) ? effective_weight(endpoint, states_[e]) : 0);
    }
    decided_.clear();
    if (out_.sets.size() > many_sets || out_.slots.size() > many_slots) forget_tables();
  }

  Tiers tiers_of(const geo::ClassAnswers& client) const {
    return run_chain(service_, aspect_, client, trace_ != nullptr ? &trace_->steps : nullptr);
  }

  ClassPlan decision(const Tiers& tiers) {
    const auto [known, is_new] = decided_.try_emplace(tiers);
    if (is_new) known->second = decide(tiers);
    return known->second;
  }

  /// From now on `trace` gets what is done, but for the plan.
  void record(ClassTrace* trace) {
    trace_ = trace;
    trace_->effective = now_;
  }

 private:
  static constexpr std::size_t many_sets = 1U << 15;
  static constexpr std::size_t many_slots = 1U << 24;

  void forget_tables() {
    out_ = {};
    mixes_.clear();
    set_ids_.clear();
    tables_.clear();
  }

  ClassPlan decide(const Tiers& tiers) {
    const Shares shares = share_tiers(service_, tiers, now_);
    ClassPlan plan;
    plan.mode = shares.mode;
    plan.ttl = ttl(tiers, shares.consulted);
    if (trace_ != nullptr) trace_->shares = shares;
    if (shares.mode == Mode::fenced || shares.mode == Mode::nothing) {
      if (shares.mode == Mode::nothing || service_.fallback_outside) plan_fallback(plan);
      return plan;
    }
    if (service_.selection == Selection::rotate || service_.selection == Selection::all) {
      plan_lists(plan, shares);
    } else {
      plan_draws(plan, tiers, shares);
    }
    return plan;
  }

  /// As configured, unless something behind the answer is about to change (DESIGN 8.10).
  std::uint32_t ttl(const Tiers& tiers, std::size_t consulted) const {
    std::uint32_t lowest = service_.ttl;
    for (std::size_t t = 0; t < consulted; ++t) {
      for (const EndpointIndex e : tiers[t]) {
        const EndpointState& state = states_[e];
        const std::uint32_t before = lowest;
        const bool ramping = state.verdict == health::Verdict::up && state.ramp < 1000;
        if (ramping || state.verdict == health::Verdict::unknown) lowest = service_.ttl_min;
        if (state.in_motion) {
          const auto seconds = std::chrono::floor<std::chrono::seconds>(state.until_change).count();
          lowest = std::min(lowest, static_cast<std::uint32_t>(std::max<long>(seconds, service_.ttl_min)));
        }
        if (trace_ != nullptr && lowest < before) trace_->hurried.push_back(e);
      }
    }
    return lowest;
  }

  void plan_fallback(ClassPlan& plan) {
    std::vector<EndpointIndex> members;
    for (std::size_t i = 0; i < service_.fallback.size(); ++i) {
      if (aspect_.sees(service_.fallback[i].family))
        members.push_back(static_cast<EndpointIndex>(service_.endpoints.size() + i));
    }
    if (members.empty()) return;
    plan.draw = Draw::fixed;
    plan.index = intern_set(members);
  }

  /// rotate and all: whole tiers; where a tier carries only a part of the clients, they are told apart by their hash.
  void plan_lists(ClassPlan& plan, const Shares& shares) {
    std::vector<double> parts;
    std::vector<std::uint16_t> sets;
    for (const TierShare& tier : shares.tiers) {
      const std::size_t turns = service_.selection == Selection::rotate ? tier.members.size() : 1;
      for (std::size_t turn = 0; turn < turns; ++turn) {
        std::vector<EndpointIndex> members = tier.members;
        std::rotate(members.begin(), members.begin() + static_cast<std::ptrdiff_t>(turn), members.end());
        members.resize(std::min<std::size_t>(members.size(), service_.take));
        parts.push_back(tier.share / static_cast<double>(turns));
        sets.push_back(intern_set(members));
      }
    }
    std::vector<std::uint16_t> table(slot_count);
    const auto owners = fill_slots(parts, parts, service_.salt);
    for (std::uint32_t slot = 0; slot < slot_count; ++slot) table[slot] = sets[owners[slot]];
    set_table(plan, table, service_.selection == Selection::rotate ? Draw::by_query : Draw::by_client);
  }

  /// Slots own a first endpoint each; `take` draws the others of its set without putting back. Most classes differ only
  /// in tiers that nobody reaches, so a table is made once for each mix of the tiers that are.
  void plan_draws(ClassPlan& plan, const Tiers& tiers, const Shares& shares) {
    Mix mix{first_shares(share_tiers(service_, tiers, healthy_)), first_shares(shares), {}};
    if (service_.take > 1) {
      for (const TierShare& tier : shares.tiers) mix.tiers.push_back(tier.members);
    }
    const auto [known, is_new] = mixes_.try_emplace(std::move(mix));
    if (is_new) known->second = table_of(known->first, shares);
    plan.draw = known->second.draw;
    plan.index = known->second.index;
  }

  struct Mix {
    std::vector<double> base;
    std::vector<double> now;
    Tiers tiers;
    auto operator<=>(const Mix&) const = default;
  };

  ClassPlan table_of(const Mix& mix, const Shares& shares) {
    const auto first = fill_slots(mix.base, mix.now, service_.salt);
    std::vector<std::uint16_t> table(slot_count);
    for (std::uint32_t slot = 0; slot < slot_count; ++slot)
      table[slot] = intern_set(members_of(slot, first[slot], shares));
    ClassPlan out;
    set_table(out, table, service_.selection == Selection::by_query ? Draw::by_query : Draw::by_client);
    return out;
  }

  /// The part of all clients whose first endpoint is each one.
  std::vector<double> first_shares(const Shares& shares) const {
    std::vector<double> out(service_.endpoints.size(), 0.0);
    for (const TierShare& tier : shares.tiers) {
      double sum = 0;
      for (const EndpointIndex e : tier.members) sum += draw_weight(e, shares);
      for (const EndpointIndex e : tier.members) out[e] = tier.share * draw_weight(e, shares) / sum;
    }
    return out;
  }

  /// Without `weighted` members draw alike, but one in slow start still draws less.
  double draw_weight(EndpointIndex e, const Shares& shares) const {
    if (service_.weighted) return shares.weights[e];
    return shares.mode == Mode::fail_open ? 1.0 : shares.weights[e] / std::max(service_.endpoints[e].weight, 1U);
  }

  std::vector<EndpointIndex> members_of(std::uint32_t slot, EndpointIndex first, const Shares& shares) const {
    std::vector<EndpointIndex> out{first};
    if (service_.take == 1) return out;
    for (const TierShare& tier : shares.tiers) {
      std::vector<std::pair<double, EndpointIndex>> others;
      for (const EndpointIndex e : tier.members) {
        if (e != first) others.emplace_back(-rendezvous(service_.salt, slot, e, draw_weight(e, shares)), e);
      }
      std::sort(others.begin(), others.end());
      for (const auto& [rank, e] : others) {
        if (out.size() < service_.take) out.push_back(e);
      }
    }
    return out;
  }

  std::uint16_t intern_set(const std::vector<EndpointIndex>& members) {
    const auto [known, is_new] = set_ids_.try_emplace(members, static_cast<std::uint16_t>(out_.sets.size()));
    if (is_new) {
      out_.sets.push_back({static_cast<std::uint32_t>(out_.members.size()), static_cast<std::uint32_t>(members.size()),
                           ranks_.rank(members)});
      out_.members.insert(out_.members.end(), members.begin(), members.end());
    }
    return known->second;
  }

  void set_table(ClassPlan& plan, const std::vector<std::uint16_t>& table, Draw draw) {
    if (std::all_of(table.begin(), table.end(), [&](std::uint16_t set) { return set == table[0]; })) {
      plan.draw = Draw::fixed;
      plan.index = table[0];
      return;
    }
    const auto [known, is_new] = tables_.try_emplace(table, static_cast<std::uint32_t>(out_.slots.size()));
    if (is_new) out_.slots.insert(out_.slots.end(), table.begin(), table.end());
    plan.draw = draw;
    plan.index = known->second;
  }

  const Service& service_;
  Aspect aspect_;
  std::vector<EndpointState> states_;
  const SetRanks ranks_;
  EffectiveWeights now_;
  EffectiveWeights healthy_;
  ClassTrace* trace_ = nullptr;
  FamilyPlan& out_;
  std::map<Tiers, ClassPlan> decided_;
  std::map<Mix, ClassPlan> mixes_;
  std::map<std::vector<EndpointIndex>, std::uint16_t> set_ids_;
  std::map<std::vector<std::uint16_t>, std::uint32_t> tables_;
};

}  // namespace

namespace {

std::vector<EndpointState> states_under(Aspect aspect, const Service& service, const ServiceStates& states) {
  if (aspect != Aspect::whole()) return states[aspect.index()];
  std::vector<EndpointState> out;
  for (std::size_t e = 0; e < service.endpoints.size(); ++e)
    out.push_back(whole_state(service.endpoints[e], states[0][e], states[1][e]));
  return out;
}

}  // namespace

struct Replanner::Impl {
  /// One aspect: its planner, and the distinct tiers of the classes.
  struct Asked {
    Aspect aspect;
    std::unique_ptr<FamilyPlanner> planner;
    std::vector<Tiers> tiers;
    std::vector<std::uint32_t> tiers_of;  ///< by class
    bool present = false;                 ///< some endpoint may be answered
  };

  Impl(const Service& s, const std::vector<geo::ClassAnswers>& classes) : service(s) {
    for (const Aspect aspect : aspects) {
      if (!service.answers(aspect)) continue;
      Asked& one = asked.emplace_back(Asked{aspect, nullptr, {}, {}, false});
      one.planner = std::make_unique<FamilyPlanner>(service, aspect, plan.families[aspect.index()]);
      one.present = std::ranges::any_of(service.endpoints, [&](const Endpoint& e) { return service.has(e, aspect); });
      std::map<Tiers, std::uint32_t> ids;
      for (const auto& client : classes) {
        const auto [known, is_new] =
            ids.try_emplace(one.planner->tiers_of(client), static_cast<std::uint32_t>(ids.size()));
        if (is_new) one.tiers.push_back(known->first);
        one.tiers_of.push_back(known->second);
      }
    }
  }

  void replan(const ServiceStates& states) {
    plan.worst = Mode::normal;
    plan.states = states;
    for (Asked& one : asked) {
      one.planner->set_states(states_under(one.aspect, service, states));
      std::vector<ClassPlan> decisions;
      for (const Tiers& tiers : one.tiers) {
        decisions.push_back(one.planner->decision(tiers));
        if (one.present) plan.worst = std::max(plan.worst, decisions.back().mode);
      }
      auto& classes = plan.families[one.aspect.index()].classes;
      classes.clear();
      for (const std::uint32_t tiers : one.tiers_of) classes.push_back(decisions[tiers]);
    }
  }

  const Service& service;
  Plan plan;
  std::vector<Asked> asked;
};

Replanner::Replanner(const Service& service, const std::vector<geo::ClassAnswers>& classes)
    : impl_(std::make_unique<Impl>(service, classes)) {}

Replanner::~Replanner() = default;

const Plan& Replanner::plan(const ServiceStates& states) {
  impl_->replan(states);
  return impl_->plan;
}

Plan make_plan(const Service& service, const std::vector<geo::ClassAnswers>& classes, const ServiceStates& states) {
  const Replanner planner(service, classes);
  planner.impl_->replan(states);
  return std::move(planner.impl_->plan);
}

std::vector<std::pair<std::uint32_t, std::uint32_t>> set_slots(const FamilyPlan& plan, const ClassPlan& decision) {
  if (decision.draw == Draw::nothing) return {};
  if (decision.draw == Draw::fixed) return {{decision.index, slot_count}};
  std::map<std::uint32_t, std::uint32_t> count;
  for (std::uint32_t slot = 0; slot < slot_count; ++slot) ++count[plan.slots[decision.index + slot]];
  return {count.begin(), count.end()};
}

ClassTrace trace_class(const Service& service, Aspect aspect, const geo::ClassAnswers& client,
                       const ServiceStates& states) {
  ClassTrace trace;
  FamilyPlanner planner(service, aspect, trace.plan);
  planner.set_states(states_under(aspect, service, states));
  planner.record(&trace);
  const ClassPlan decision = planner.decision(planner.tiers_of(client));
  trace.plan.classes = {decision};
  return trace;
}

}  // namespace gslb::policy
