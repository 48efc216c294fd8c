// config/gdnsd_map.hpp: a map of gdnsd's geoip plugin as who serves whom in which order. Internal to the import.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/yaml.hpp"

namespace gslb::config {

struct GdnsdMap {
  std::string name;
  std::string database;                   ///< "" for none
  std::vector<std::string> datacenters;   ///< in their order
  std::map<std::string, std::string> at;  ///< "[50.1, 8.7]", of datacenters with coordinates
  bool nearest = false;                   ///< by distance alone
  std::string fence;                      ///< else "strict" or "prefer", and
  std::vector<std::string> order;         ///< the order of `priority`, and
  std::map<std::string, std::string>
      serves;  ///< the clients of a datacenter, "{ … }"; "" for everybody; absent: nobody
};

/// What has no counterpart becomes a warning.
GdnsdMap read_gdnsd_map(const std::string& name, const Value& value, base::ErrorList& errors);

}  // namespace gslb::config
