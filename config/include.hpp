// config/include.hpp: the main file and all it includes, as one tree.
//
//   gslb.yaml ─┬─► sites.yaml                 sections that are mappings are joined; all else may be set once
//              └─► zones/*.yaml
//
// Threads: any one; reads files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/source.hpp"
#include "config/yaml.hpp"

namespace gslb::config {

inline constexpr std::size_t max_include_depth = 8;
inline constexpr std::size_t max_files = 1000;

struct Document {
  Value root;
  std::vector<std::string> files;  ///< every file read, main file first
  std::int64_t modified = 0;       ///< newest modification time of these, Unix seconds; text has none
};

/// Reads `path`, or takes `text` as its content, and all that it includes. Included files that cannot be read or are no
/// YAML are errors; the rest is still read, so that its errors are reported too.
/// @return nothing if the main file itself cannot be read.
[[nodiscard]] std::optional<Document> read_document(const std::string& path, std::optional<std::string> text,
                                                    base::ErrorList& errors);

}  // namespace gslb::config
