// engine/simulate.hpp: who goes where if sites fail, and which site that is too much for.
//
//   Generation, DownSites, Measures ──simulate()──► load of each site now and then, who moves, who fails next
//
// Plans are made as the server makes them. Pure. Threads: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/demand.hpp"
#include "engine/mover_distance.hpp"
#include "engine/outcomes.hpp"
#include "engine/suppose.hpp"

namespace gslb::engine {

struct SiteLoad {
  double now = 0;  ///< in the unit of the measure
  double after = 0;
};

struct Relocation {
  std::string from;  ///< Outcome::label()
  std::string to;
  double weight = 0;
};

/// One measure of one failure.
struct MeasuredChange {
  std::string unit;
  double total = 0;
  std::vector<SiteLoad> sites;              ///< in the order of Snapshot::sites
  SiteLoad fallback;                        ///< answered with fallback addresses
  SiteLoad nobody;                          ///< SERVFAIL
  double moved = 0;                         ///< of `total`
  std::uint64_t moved_networks = 0;         ///< of which at least a part moves
  std::vector<Relocation> moves;            ///< largest first
  std::optional<MoverDistances> distances;  ///< of those who move, where asked for and known
  /// What sites get after, in their order, where `spill_above` has spread it; empty if no service has one, or if the
  /// measure is not requests.
  std::vector<double> spread;
};

struct Simulation {
  std::vector<std::string> down;
  std::vector<MeasuredChange> measures;
};

/// A site, what it gets, and how much of its capacity that is.
struct Overload {
  std::string site;
  double load = 0;
  double of_capacity = 0;
};

class Simulator {
 public:
  /// @param now  must outlive this
  Simulator(const Generation& now, std::vector<Measure> measures);

  Simulation simulate(const DownSites& down);
  /// What becomes of everybody with other plans of the same snapshot.
  Simulation compare(const Generation& then) const;
  /// The site that is fullest by the first measure, if that is in requests a second and capacities are known.
  std::optional<Overload> fullest(const Simulation& simulation) const;
  /// Sites that fail one after the other, each because it is over its capacity, until none is.
  std::vector<Overload> cascade(DownSites down);

 private:
  std::vector<double> spread(const DownSites& down, const Measure& measure, const MeasuredChange& change) const;

  const Generation& now_;
  std::vector<Measure> measures_;
};

}  // namespace gslb::engine
