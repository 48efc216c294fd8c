// config/import_text.hpp: what imports of other programs' configurations share: reading a tree, writing ours.
#pragma once

#include <map>
#include <string>
#include <string_view>
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
/// As a YAML list of such scalars.
std::string yaml_list(const std::vector<std::string>& words);
bool is_site_name(std::string_view name);
/// At most nine digits.
bool is_number(std::string_view text);

struct ImportedZone {
  std::string name;
  std::vector<std::string> ns;                              ///< empty: its files say
  std::vector<std::string> files;                           ///< master files
  std::map<std::string, std::string> services;              ///< lines, indented by eight
  std::map<std::string, std::vector<std::string>> records;  ///< of a name, each "TYPE: …"
};

struct Imported {
  std::vector<std::string> comments;
  std::string head;                          ///< whole lines of keys at the top
  std::map<std::string, std::string> sites;  ///< name to value, "{}"
  std::map<std::string, std::string> monitors;
  std::vector<ImportedZone> zones;
};

/// As `gslbctl check` reads it.
std::string to_yaml(const Imported& imported);

}  // namespace gslb::config
