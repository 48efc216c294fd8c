// policy/load.hpp: how much of the demand on each site it keeps when sites are near their capacity, and who takes the
// rest: all sites of a service in one picture.
//
//   capacity, offered demand of each site ──share_load(mark)──► kept, spare, received
//
// Pure. Threads: any.
#pragma once

#include <vector>

namespace gslb::policy {

/// A site's load as it was measured, and what the plan then in force had done to it. Requests a second, over all
/// services of the site.
struct SiteLoad {
  double measured = 0;
  double kept = 1;      ///< share of what was offered to the site that it was let keep, above 0 to 1
  double received = 0;  ///< part of `measured` that it took over from others
  /// What comes to the site when nobody spills.
  double offered() const noexcept { return measured > received ? (measured - received) / kept : 0; }
  bool operator==(const SiteLoad&) const = default;
};

struct SiteDemand {
  double capacity = 0;  ///< above 0
  double offered = 0;   ///< at least 0
};

struct SiteShare {
  double kept = 1;      ///< of what is offered, above 0 to 1
  double spare = 0;     ///< room below the mark, requests a second; 0 for a site over it
  double received = 0;  ///< what it takes over if every client may go to every site
  double reserve = 0;   ///< what it bears of a demand for which nobody has room, in relation to others
  bool operator==(const SiteShare&) const = default;
};

/// Sites over `mark` × capacity give the excess away, the others take it in proportion to their room. If all together
/// are over it, the mark rises for all alike to what they must bear.
/// @param mark  above 0 to 1
std::vector<SiteShare> share_load(const std::vector<SiteDemand>& sites, double mark);

}  // namespace gslb::policy
