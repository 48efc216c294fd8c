// policy/set_ranks.hpp: a number for every set of endpoints that one family of a service can ever be answered with,
// whatever the health: 0, 1, 2, … by size and then by members (the combinatorial number system). What is prepared for
// each set, its signature above all, is found by that number.
//
// Pure. Threads: immutable; any.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "policy/chain.hpp"
#include "policy/service.hpp"

namespace gslb::policy {

class SetRanks {
 public:
  /// More sets than this are not prepared.
  static constexpr std::uint32_t limit = 4096;

  SetRanks(const Service& service, base::Family family);

  /// How many sets there are; limit + 1 stands for all that is more.
  std::uint32_t size() const noexcept { return endpoint_sets_ + (fallback_.empty() || too_many() ? 0 : 1); }
  bool too_many() const noexcept { return endpoint_sets_ > limit; }
  /// @param members  of this family, in any order, no more than `take`; or all fallback addresses. 0 if too_many().
  std::uint32_t rank(std::span<const EndpointIndex> members) const;
  /// The members of the set, ascending. @param rank  less than size(); not if too_many()
  std::vector<EndpointIndex> set(std::uint32_t rank) const;

 private:
  std::uint32_t choose(std::size_t n, std::size_t k) const noexcept;

  std::vector<EndpointIndex> endpoints_;  ///< those that have an address of the family
  std::vector<EndpointIndex> fallback_;
  std::size_t take_;
  std::vector<std::uint32_t> first_;  ///< rank of the first set of each size
  std::uint32_t endpoint_sets_ = 0;
};

}  // namespace gslb::policy
