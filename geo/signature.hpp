// geo/signature.hpp: what services ask about a client's place, and what can be answered.
//
// Services that ask the same questions share a signature. For one signature the world falls into a small number of
// service classes: clients in one class get the same answers to all its questions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "geo/geo_spec.hpp"

namespace gslb::geo {

/// "Which of these points is nearest?" Points are in the asker's order.
struct NearestQuestion {
  struct Point {
    Coordinates at;
    double bias_km = 0;  ///< subtracted from the great-circle distance
    bool operator==(const Point&) const = default;
  };
  std::vector<Point> points;  ///< 1 to 254
  double within_km = 0;       ///< points no farther than this beyond the nearest of the rest share its tier
  /// The asker may leave points out (a fence before this drops sites), so whole tiers are no answer: see ClassAnswers.
  bool partial = false;
  bool operator==(const NearestQuestion&) const = default;
};

/// "To which of these sites is the round trip shortest?" Sites are in the asker's order.
struct FastestQuestion {
  std::vector<std::string> sites;    ///< 1 to 127
  double within_ms = 0;              ///< sites no slower than this beyond the fastest of the rest share its tier
  base::Sourced<std::string> table;  ///< file with what was measured, see geo/round_trips.hpp
  bool operator==(const FastestQuestion& other) const {
    return sites == other.sites && within_ms == other.within_ms && table.value == other.table.value;
  }
};

struct Signature {
  std::vector<NearestQuestion> nearest;
  std::vector<RegionSpec> regions;  ///< "Is the client in this region?"
  std::vector<FastestQuestion> fastest = {};
  bool empty() const noexcept { return nearest.empty() && regions.empty() && fastest.empty(); }
  bool operator==(const Signature&) const = default;
};

/// The answers of one service class. Tiers count from 0, the nearest; each holds the points within `within_km` of the
/// nearest point that is in no earlier tier.
struct ClassAnswers {
  /// For each NearestQuestion, the tier of each point; empty where the client's place is unknown. For a partial one:
  /// the rank of each point, nearest first, and then for each point the last rank that is within the tolerance beyond
  /// it. After these, for each FastestQuestion, the same as for a partial one; empty where nothing was measured.
  std::vector<std::vector<std::uint8_t>> tiers;
  std::vector<bool> inside;  ///< for each region
};

}  // namespace gslb::geo
