// config/octodns_dynamic.hpp: one dynamic record of OctoDNS as one service. Internal to the import.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/import_text.hpp"

namespace gslb::config {

/// Lines of a service, without its name, indented by `indent`; "" if the record cannot be a service at all.
/// @param name  absolute, without final dot  @param sites  gets the names of sites that the service has
[[nodiscard]] std::string import_dynamic(const Value& record, const std::string& name, const std::string& path,
                                         const std::string& indent, std::vector<std::string>& sites,
                                         base::ErrorList& errors);

}  // namespace gslb::config
