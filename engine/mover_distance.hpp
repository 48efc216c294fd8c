// engine/mover_distance.hpp: how far those who move are from the sites that answer them, before and after.
//
//   two Generations of one snapshot, Atlas ──mover_distances()──► median and 95th percentile, in kilometres
//
// Great-circle distance from a client's place to the site. Clients and sites without coordinates are left out; of
// several sites in an answer each counts its part. Pure. Threads: any; a walk over the geography.
#pragma once

#include <optional>
#include <vector>

#include "engine/demand.hpp"
#include "geo/atlas.hpp"

namespace gslb::engine {

struct DistanceSummary {
  double median = 0;  ///< km
  double p95 = 0;     ///< km: 95 % of those who move are nearer
};

struct MoverDistances {
  DistanceSummary before;
  DistanceSummary after;
  double farther = 0;  ///< km, on average; below 0 if they come nearer
};

/// Of all addresses of a family that have a known place, all services alike. Nothing if none of them moves.
std::optional<MoverDistances> mover_distances(const Generation& now, const Generation& then, const geo::Atlas& atlas,
                                              base::Family family);
/// Of the networks of traffic, by their requests.
std::optional<MoverDistances> mover_distances(const Generation& now, const Generation& then, const geo::Atlas& atlas,
                                              const std::vector<Traffic>& traffic);

}  // namespace gslb::engine
