// health/combination.hpp: one state made of those of several monitors of one address: liveness, readiness,
// dependencies. Pure: no clock, no I/O.
//
//   up       the weights of those that are up reach `need`
//   down     they would not even if all those without a verdict were up
//   unknown  anything else: unknown is not down
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/source.hpp"
#include "health/target.hpp"

namespace gslb::health {

/// What the operator wrote under `monitor: { all: … }` and the like.
struct CombinationSpec {
  struct Member {
    std::string monitor;       ///< its name
    std::uint32_t weight = 1;  ///< 1 to 1000
  };
  std::string name;  ///< "<zone>/<service>"
  std::vector<Member> members;
  std::uint32_t need = 1;  ///< sum of weights that must be up; at most that of all
  base::SourcePosition where;
};

/// One of the states that are combined.
struct Combined {
  const TargetState* state;
  std::uint32_t weight;
  std::string_view name;  ///< of its monitor, for the reason
};

/// Whatever is asked of a single state, of the combination: it is in motion if the members in motion could change its
/// verdict, and `until_change` is when the last one needed for that could; it came back when the last member came back
/// without which it would not be up.
TargetState combine(std::span<const Combined> members, std::uint32_t need);

}  // namespace gslb::health
