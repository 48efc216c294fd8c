// Runs a schedule through the real judging core, with virtual time, and looks at every verdict as it turns.
//
// Safety is judged by what really happens in the world and by the messages that came, both kept here apart from the
// core: see Oracle in simulation.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schedule.hpp"

namespace gslb::sim {

struct Failure {
  int tick = 0;
  std::string what;
};

/// How often something was there to be checked.
struct Coverage {
  std::uint64_t withdrawals = 0, returns = 0, frozen = 0, alone = 0, paced = 0, dead_bounds = 0, alive_bounds = 0,
                refused = 0, answers = 0;
  void add(const Coverage& other) noexcept;
};

/// @return what went wrong first, or nothing
std::optional<Failure> run(const World& world, const std::vector<Event>& events, Coverage& coverage);
/// Leaves out events as long as it still fails.
std::vector<Event> shrink(const World& world, std::vector<Event> events);

}  // namespace gslb::sim
