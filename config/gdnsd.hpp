// config/gdnsd.hpp: a configuration folder of gdnsd 3 as a configuration of ours.
//
//   DIR/config ─vscf─► service_types, plugins ─┐                         ┌─► gslb.yaml: sites, monitors, services
//   DIR/zones/* ──────► DYNA, DYNC ────────────┴─► pools and maps ──────┴─► zones/*.zone: all other records
//
// Threads: any.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/source.hpp"
#include "config/vscf.hpp"

namespace gslb::config {

/// What is written, by its path under the folder that it is written to; the configuration is "gslb.yaml".
using ImportedFiles = std::map<std::string, std::string>;

/// Files that `gslbctl check` accepts and that answer as gdnsd does, but for what is named in the warnings of `errors`
/// and, as comments, in gslb.yaml.
/// @return nothing, and errors, if a file cannot be read or is none of gdnsd's
[[nodiscard]] std::optional<ImportedFiles> import_gdnsd(const std::string& folder, const FileSource& files,
                                                        base::ErrorList& errors);

}  // namespace gslb::config
