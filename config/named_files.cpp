#include "config/named_files.hpp"

namespace gslb::config {

std::vector<std::string> named_files(const Config& config) {
  std::vector<std::string> out;
  for (const zones::ZoneSpec& zone : config.zones)
    for (const auto& path : zone.files) out.push_back(path.value);
  for (const auto& path : config.geo.places_files) out.push_back(path.value);
  for (const policy::PolicySpec& policy : config.policies) {
    for (const policy::FilterSpec& filter : policy.filters)
      if (!filter.table.value.empty()) out.push_back(filter.table.value);
  }
  return out;
}

}  // namespace gslb::config
