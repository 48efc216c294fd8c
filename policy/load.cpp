#include "policy/load.hpp"

#include <algorithm>

namespace gslb::policy {

std::vector<SiteShare> share_load(const std::vector<SiteDemand>& sites, double mark) {
  double capacity = 0;
  double offered = 0;
  for (const SiteDemand& site : sites) {
    capacity += site.capacity;
    offered += site.offered;
  }
  if (capacity > 0) mark = std::max(mark, offered / capacity);
  std::vector<SiteShare> out;
  double excess = 0;
  double room = 0;
  for (const SiteDemand& site : sites) {
    const double most = mark * site.capacity;
    SiteShare& share = out.emplace_back();
    share.reserve = site.capacity;
    share.kept = site.offered > most ? most / site.offered : 1;
    share.spare = std::max(0.0, most - site.offered);
    excess += site.offered * (1 - share.kept);
    room += share.spare;
  }
  for (SiteShare& share : out) share.received = room > 0 ? share.spare * std::min(1.0, excess / room) : 0;
  return out;
}

}  // namespace gslb::policy
