#include "policy/aspect_planner.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace gslb::policy {

namespace {

std::vector<std::uint64_t> keys_of(const Service& service) {
  std::vector<std::uint64_t> out;
  for (const Endpoint& endpoint : service.endpoints) out.push_back(endpoint.key);
  return out;
}

/// Slots own a first endpoint each; these are the others of its set, drawn without putting back.
class Others {
 public:
  Others(const Service& service, const Shares& shares, const std::vector<EndpointIndex>& first)
      : service_(service), shares_(shares), first_(first), tier_of_(service.endpoints.size(), nowhere) {
    for (std::size_t t = 0; t < shares.tiers.size(); ++t) {
      for (const EndpointIndex e : shares.tiers[t].members) tier_of_[e] = t;
    }
  }

  /// From the tiers that clients are sent to, in their order; a canary is never in an answer with others.
  const std::vector<EndpointIndex>& with(std::uint32_t slot) {
    std::vector<EndpointIndex>& out = set_;
    out.assign(1, first_[slot]);
    const bool canary = shares_.tiers[tier_of_[out[0]]].canary;
    for (std::size_t t = 0; t < shares_.tiers.size() && out.size() < service_.take; ++t) {
      if (shares_.tiers[t].canary == canary) add(slot, t, out);
    }
    return out;
  }

 private:
  static constexpr std::size_t nowhere = ~std::size_t{0};

  /// The next by their weights. In a large tier they are the owners of further slots, which are by weight too.
  void add(std::uint32_t slot, std::size_t t, std::vector<EndpointIndex>& out) const {
    constexpr std::size_t small = 64;
    const auto& members = shares_.tiers[t].members;
    if (members.size() > small) {
      const auto slots = static_cast<std::uint32_t>(first_.size());
      for (std::uint32_t n = 0; n < 8 * service_.take && out.size() < service_.take; ++n) {
        const std::uint64_t bits = base::combine(base::combine(service_.salt, slot), ~std::uint64_t{n});
        const EndpointIndex e = first_[base::reduce(bits, slots)];
        if (tier_of_[e] == t && std::find(out.begin(), out.end(), e) == out.end()) out.push_back(e);
      }
      return;
    }
    std::vector<std::pair<double, EndpointIndex>> others;
    for (const EndpointIndex e : members) {
      if (e != out[0])
        others.emplace_back(-rendezvous(service_.salt, slot, service_.endpoints[e].key, shares_.draws[e]), e);
    }
    std::sort(others.begin(), others.end());
    for (const auto& [rank, e] : others) {
      if (out.size() < service_.take) out.push_back(e);
    }
  }

  const Service& service_;
  const Shares& shares_;
  const std::vector<EndpointIndex>& first_;
  std::vector<std::size_t> tier_of_;
  std::vector<EndpointIndex> set_;
};

}  // namespace

AspectPlanner::AspectPlanner(const Service& service, Aspect aspect, AspectPlan& out)
    : service_(service),
      aspect_(aspect),
      out_(out),
      tables_(service, aspect, out),
      slots_(keys_of(service), service.salt, slots_for(service.endpoints.size())) {
  out_.slot_count = slots_for(service.endpoints.size());
  for (const Endpoint& endpoint : service.endpoints)
    healthy_.push_back(service.has(endpoint, aspect) ? std::max(endpoint.weight, 1U) : 0);
}

ClassTiers AspectPlanner::tiers_of(const geo::ClassAnswers& client) const {
  return run_chains(service_, aspect_, client, trace_ != nullptr ? &trace_->steps : nullptr);
}

void AspectPlanner::set_states(std::vector<EndpointState> states) {
  states_ = std::move(states);
  now_.clear();
  for (std::size_t e = 0; e < states_.size(); ++e)
    now_.push_back(healthy_[e] > 0 ? effective_weight(service_.endpoints[e], states_[e]) : 0);
  guards_ = guards_of(service_, aspect_, states_, now_);
  decided_.clear();
  slots_.forget_unused();
  if (tables_.many()) forget_tables();
}

void AspectPlanner::begin_plan(std::vector<EndpointState> states) {
  forget_tables();
  set_states(std::move(states));
}

void AspectPlanner::forget_tables() {
  tables_.clear();
  mixes_.clear();
}

void AspectPlanner::record(ClassTrace* trace) {
  trace_ = trace;
  trace_->effective = now_;
  trace_->guards = guards_;
}

ClassPlan AspectPlanner::decision(const ClassTiers& tiers) {
  const auto [known, is_new] = decided_.try_emplace(tiers);
  if (is_new) known->second = decide(tiers);
  return known->second;
}

ClassPlan AspectPlanner::decide(const ClassTiers& tiers) {
  const Shares shares = share_tiers(service_, tiers, now_, guards_);
  ClassPlan plan;
  if (shares.mode == Mode::fenced || shares.mode == Mode::nothing) {
    if (shares.mode == Mode::nothing || service_.fallback_outside) plan = plan_fallback();
  } else if (service_.selection == Selection::rotate || service_.selection == Selection::all) {
    plan = plan_lists(shares);
  } else {
    plan = plan_draws(tiers, shares);
  }
  plan.mode = shares.mode;
  plan.ttl = ttl(tiers, shares.consulted);
  if (trace_ != nullptr) trace_->tiers = tiers;
  if (trace_ != nullptr) trace_->shares = shares;
  return plan;
}

/// As configured, unless something behind the answer is about to change (DESIGN 8.10).
std::uint32_t AspectPlanner::ttl(const ClassTiers& tiers, std::size_t consulted) const {
  std::uint32_t lowest = service_.ttl;
  const auto look_at = [&](EndpointIndex e) {
    const EndpointState& state = states_[e];
    const std::uint32_t before = lowest;
    const bool ramping = is_up(state) && state.ramp < 1000;
    if (ramping || (state.verdict == health::Verdict::unknown && !state.ordered)) lowest = service_.ttl_min;
    if (state.in_motion) {
      const auto seconds = std::chrono::floor<std::chrono::seconds>(state.until_change).count();
      lowest = std::min(lowest, static_cast<std::uint32_t>(std::max<long>(seconds, service_.ttl_min)));
    }
    if (trace_ != nullptr && lowest < before) trace_->hurried.push_back(e);
  };
  const auto end = tiers.own.begin() + static_cast<std::ptrdiff_t>(std::min(consulted, tiers.own.size()));
  for_each_address(service_, tiers, {tiers.own.begin(), end}, look_at);
  if (service_.canary) for_each_address(service_, tiers, tiers.inner[service_.canary->inner], look_at);
  return lowest;
}

ClassPlan AspectPlanner::plan_fallback() {
  std::vector<EndpointIndex> members;
  for (std::size_t i = 0; i < service_.fallback.size(); ++i) {
    if (aspect_.sees(service_.fallback[i].family))
      members.push_back(static_cast<EndpointIndex>(service_.endpoints.size() + i));
  }
  ClassPlan plan;
  if (members.empty()) return plan;
  plan.draw = Draw::fixed;
  plan.index = tables_.set_of(members);
  return plan;
}

/// rotate and all: whole tiers; where a tier carries only a part of the clients, they are told apart by their hash.
ClassPlan AspectPlanner::plan_lists(const Shares& shares) {
  std::vector<double> parts;
  std::vector<std::uint64_t> keys;
  std::vector<std::uint32_t> sets;
  for (const TierShare& tier : shares.tiers) {
    const std::size_t turns = service_.selection == Selection::rotate ? tier.members.size() : 1;
    for (std::size_t turn = 0; turn < turns; ++turn) {
      std::vector<EndpointIndex> members;
      for (std::size_t i = 0; i < tier.members.size() && i < service_.take; ++i)
        members.push_back(tier.members[(turn + i) % tier.members.size()]);
      parts.push_back(tier.share / static_cast<double>(turns));
      keys.push_back(service_.endpoints[members.front()].key);
      sets.push_back(tables_.set_of(members));
    }
  }
  std::vector<std::uint32_t> table;
  for (const std::uint16_t owner : fill_slots(parts, parts, keys, service_.salt, out_.slot_count))
    table.push_back(sets[owner]);
  return tables_.draw_from(table, service_.selection == Selection::rotate ? Draw::by_query : Draw::by_client);
}

ClassPlan AspectPlanner::plan_draws(const ClassTiers& tiers, const Shares& shares) {
  const Shares base = share_tiers(service_, tiers, healthy_);
  Mix mix;
  // The canary takes its slots from a table without it, so that one that grows moves only those who are new in it.
  if (service_.canary) mix.stages.push_back(first_shares(base, false));
  mix.stages.push_back(first_shares(base));
  mix.stages.push_back(first_shares(shares));
  if (service_.take > 1) {
    for (const TierShare& tier : shares.tiers) mix.tiers.push_back(tier.members);
  }
  const auto [known, is_new] = mixes_.try_emplace(std::move(mix));
  if (is_new) known->second = table_of(known->first, shares);
  return known->second;
}

ClassPlan AspectPlanner::table_of(const Mix& mix, const Shares& shares) {
  const std::vector<EndpointIndex>& first = slots_.fill(mix.stages);
  std::vector<std::uint32_t> table(out_.slot_count);
  if (service_.take == 1) {
    for (std::uint32_t slot = 0; slot < out_.slot_count; ++slot) table[slot] = tables_.set_of(first[slot]);
  } else {
    Others others(service_, shares, first);
    for (std::uint32_t slot = 0; slot < out_.slot_count; ++slot) table[slot] = tables_.set_of(others.with(slot));
  }
  return tables_.draw_from(table, service_.selection == Selection::by_query ? Draw::by_query : Draw::by_client);
}

/// The part of all clients whose first endpoint is each one.
/// @param canary  else of those clients who do not go to the canary, unless it is for all
SlotFiller::Shares AspectPlanner::first_shares(const Shares& shares, bool canary) const {
  SlotFiller::Shares out(service_.endpoints.size(), 0.0);
  double all = 0;
  for (const TierShare& tier : shares.tiers) all += tier.canary && !canary ? 0 : tier.share;
  const bool whole = canary || all <= 0;
  for (const TierShare& tier : shares.tiers) {
    if (tier.canary && !whole) continue;
    const double share = whole ? tier.share : tier.share / all;
    double sum = 0;
    for (const EndpointIndex e : tier.members) sum += shares.draws[e];
    for (const EndpointIndex e : tier.members) out[e] = share * shares.draws[e] / sum;
  }
  return out;
}

}  // namespace gslb::policy
