// A world of a few sites, vantages and servers, and what happens in it, all from one seed. Time goes in ticks of a
// second.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "health/judge_spec.hpp"

namespace gslb::sim {

/// Rules of the simulated world, in ticks. Short, so that each guard is met within a schedule.
inline constexpr int last_tick = 72, calm_from = 40, fall = 2, rise = 2, fresh_for = 3, most_delay = 2, alone_after = 7,
                     hold = 4, pace_every = 5, pace_window = 25, half_life = 12, damped_from = 2, round = 2;

enum class Happening : std::uint8_t {
  target_dies,
  target_lives,
  site_dies,
  site_lives,
  link_breaks,  ///< between a vantage and a site
  link_heals,
  mesh_breaks,  ///< reports of a vantage do not reach a server
  mesh_heals,
  isolated,  ///< a vantage reaches nothing
  rejoined,
  crash,    ///< of a vantage
  restart,  ///< of a vantage: a new incarnation
  bounce,   ///< a crash and a restart in the same tick
  pause,    ///< a vantage stands still, and its reports are late
  resume,
  lies_down,  ///< a vantage calls everything down
  lies_up,
  lies_anyhow,
  honest,
  server_restart,  ///< with its state file
  server_wiped,    ///< without
  server_paused,   ///< for a few ticks
  reconfigured,    ///< the order of targets changes
  replay,          ///< an old report comes once more
  all_heals,
};
inline constexpr std::uint32_t happenings = static_cast<std::uint32_t>(Happening::all_heals) + 1;
const char* to_string(Happening happening);

struct Event {
  int tick = 0;
  Happening what = Happening::all_heals;
  std::uint32_t one = 0;    ///< which vantage, target, site or server, modulo how many there are
  std::uint32_t other = 0;  ///< the second, likewise
};

struct World {
  std::uint64_t seed = 0;
  health::JudgeSpec spec;  ///< vantages in the world's order; each server has its own first
  std::size_t servers = 1;
  bool regions = false;
  bool paced = false;
  bool damped = false;
  int hold_up = 0, hold_down = 0;
  bool may_lie = false;
  health::Agree agree;
};

World make_world(std::uint64_t seed);
std::vector<Event> make_events(const World& world);
std::string in_words(const World& world);
std::string in_words(const Event& event);

}  // namespace gslb::sim
