// config/vscf.hpp: the configuration language of gdnsd, into the tree that YAML is read into.
//
//   main file ─┬─► included files           hashes become mappings, arrays sequences, strings scalars
//              └─► one Value tree
//
// Bounded like YAML: max_file_size, max_total_size, max_depth, max_values; a file that includes itself is refused.
// Threads: any one.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/source.hpp"
#include "config/yaml.hpp"

namespace gslb::config {

/// Where files come from.
struct FileSource {
  std::function<base::Result<std::string>(const std::string& path)> read;
  /// Paths that fit a pattern, or the plain files of a folder; ascending. `is_folder` is set if it names one.
  std::function<std::vector<std::string>(const std::string& pattern, bool& is_folder)> list;
};
/// The files of this machine.
FileSource files_of_system();

/// @return the hash (or, with square brackets around all, the array) of the file; nothing after an error was added
[[nodiscard]] std::optional<Value> parse_vscf(const std::string& path, const FileSource& files,
                                              base::ErrorList& errors);

}  // namespace gslb::config
