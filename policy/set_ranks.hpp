// policy/set_ranks.hpp: a number for every set of endpoints that a service can ever be answered with under one aspect,
// whatever the health: 0, 1, 2, … by size and then by members. What is prepared for each set, its signature above all,
// is found by that number.
//
// Addresses of a set are alike in any order (the combinatorial number system). Where endpoints are answered as a whole
// and drawn one after another, their records say the order, and each order is a set of its own (falling factorials).
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

  SetRanks(const Service& service, Aspect aspect);

  /// How many sets there are; limit + 1 stands for all that is more.
  std::uint32_t size() const noexcept { return endpoint_sets_ + (fallback_.empty() || too_many() ? 0 : 1); }
  bool too_many() const noexcept { return endpoint_sets_ > limit; }
  /// @param members  of this aspect, no more than `take`; or all fallback addresses. 0 if too_many().
  std::uint32_t rank(std::span<const EndpointIndex> members) const;
  /// The members of the set, in their order, or ascending if order makes no difference.
  /// @param rank  less than size(); not if too_many()
  std::vector<EndpointIndex> set(std::uint32_t rank) const;

 private:
  std::uint32_t choose(std::size_t n, std::size_t k) const noexcept;
  std::uint32_t arrange(std::size_t n, std::size_t k) const noexcept;

  std::vector<EndpointIndex> endpoints_;  ///< those that are there under the aspect
  std::vector<EndpointIndex> fallback_;
  bool ordered_;
  std::size_t take_;
  std::vector<std::uint32_t> first_;  ///< rank of the first set of each size
  std::uint32_t endpoint_sets_ = 0;
};

}  // namespace gslb::policy
