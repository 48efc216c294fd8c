// config/octodns_dynamic.hpp: one dynamic record of OctoDNS as one service. Internal to the import.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/yaml.hpp"

namespace gslb::config {

/// The value of a key of a mapping; null if there is none.
const Value* member(const Value& mapping, std::string_view key);
/// The text of a scalar under a key; "" if there is none.
std::string text_of(const Value& mapping, std::string_view key);
/// The items of a list, or the value itself.
std::vector<const Value*> items_of(const Value& value);
/// As a YAML scalar that can only be read as this text.
std::string double_quoted(std::string_view text);

/// Lines of a service, without its name, indented by `indent`; "" if the record cannot be a service at all.
/// @param name  absolute, without final dot  @param sites  gets the names of sites that the service has
[[nodiscard]] std::string import_dynamic(const Value& record, const std::string& name, const std::string& path,
                                         const std::string& indent, std::vector<std::string>& sites,
                                         base::ErrorList& errors);

}  // namespace gslb::config
