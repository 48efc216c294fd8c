// geo/atlas.hpp: where networks are, for questions about many of them: country and coordinates of all that lies in a
// block of addresses.
//
//   the files of a geography ──Atlas::open()──► one tree for each file and one for the operator's places
//   block ──visit()──► parts of it that are in one place, in the order of addresses
//
// Says what facts_about() says of each address, but that special-purpose blocks are not looked at.
// Threads: immutable after open(); any. Not the query path: a city database takes 0.1 s to open.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "geo/country_points.hpp"
#include "geo/facts.hpp"
#include "geo/mmdb.hpp"
#include "geo/walk.hpp"

namespace gslb::geo {

struct Whereabout {
  Code country{};  ///< NULs: unknown
  std::optional<Coordinates> at;
};

class Atlas {
 public:
  /// Fails, naming the file, if one cannot be read or has changed since it was compiled.
  [[nodiscard]] static base::Result<Atlas> open(const GeoInputs& inputs);

  /// @param visit  gets addresses first to last that are in one place; `place` is good during the call
  void visit(const Block& block, base::Family family,
             const std::function<void(AddressNumber first, AddressNumber last, const Whereabout& place)>& visit) const;

 private:
  class Descent;

  void plant(const std::vector<PlaceSpec>& places);
  Whereabout place_of(const std::vector<Link>& leaves) const;

  std::vector<Database> databases_;
  CountryPoints points_;
  std::optional<Coordinates> unknown_at_;
  std::vector<PlaceSpec> places_;
  std::vector<TreeNode> place_nodes_;
  Link place_roots_[2] = {leaf_bit, leaf_bit};  ///< leaves: 1 + index in places_; 0 for none
};

}  // namespace gslb::geo
