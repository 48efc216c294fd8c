// policy/plan_tables.hpp: the sets of endpoints and the slot tables of one plan, equal ones once.
//
// Threads: one object, one thread.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "policy/plan.hpp"
#include "policy/set_ranks.hpp"

namespace gslb::policy {

class PlanTables {
 public:
  /// @param out  gets them; it and the service must outlive this
  PlanTables(const Service& service, Aspect aspect, AspectPlan& out);

  std::uint32_t set_of(std::span<const EndpointIndex> members);
  std::uint32_t set_of(EndpointIndex only) {
    if (single_[only] == none) single_[only] = set_of({&only, 1});
    return single_[only];
  }
  /// Draws from the table, or gives its only set to everybody.
  /// @param table  a set for each slot
  ClassPlan draw_from(const std::vector<std::uint32_t>& table, Draw draw);

  /// There are more than a plan should drag along for what may come again.
  bool many() const noexcept;
  void clear();

 private:
  static constexpr std::uint32_t none = 0xffff'ffff;

  std::uint32_t& place_of(std::span<const EndpointIndex> members);

  const SetRanks ranks_;
  AspectPlan& out_;
  std::vector<std::uint32_t> single_;                   ///< set of each endpoint alone
  std::vector<std::uint32_t> sets_;                     ///< open hash table of their numbers
  std::multimap<std::uint64_t, std::uint32_t> tables_;  ///< where each begins, by a hash of it
};

}  // namespace gslb::policy
