#include "engine/serials.hpp"

#include <unordered_map>

#include "dns/serial.hpp"

namespace gslb::engine {

std::vector<std::string> serials_that_go_back(const Snapshot& now, const Snapshot& next) {
  std::unordered_map<std::string, std::uint32_t> serial_now;
  const auto apex_of = [](const zones::Zone& zone) { return dns::to_string(zone.apex()); };
  for (const auto& zone : now.zones.all()) serial_now.emplace(apex_of(*zone), zone->serial());
  std::vector<std::string> out;
  for (const auto& zone : next.zones.all()) {
    const auto known = serial_now.find(apex_of(*zone));
    if (known == serial_now.end() || known->second == zone->serial()) continue;
    if (dns::is_newer_serial(zone->serial(), known->second)) continue;
    out.push_back("the serial of " + known->first + " goes back from " + std::to_string(known->second) + " to " +
                  std::to_string(zone->serial()) + ": servers with a copy keep the older content");
  }
  return out;
}

}  // namespace gslb::engine
