// config/yaml.hpp: the text of one YAML file into a plain tree with positions. The only part that knows yaml-cpp.
//
//   text ──► limits ──► yaml-cpp events ──► Value tree ──► node.hpp
//
// Accepts the part of YAML that a configuration needs: one document, no anchors, aliases, merge keys or tags, and no
// tabs. Everything that could make the parser work or recurse without bound is refused before it runs.
//
// Owns:    the tree; every Value shares the file that errors quote.
// Threads: any one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/source.hpp"

namespace gslb::config {

inline constexpr std::size_t max_file_size = std::size_t{8} << 20;    ///< octets of one YAML file
inline constexpr std::size_t max_total_size = std::size_t{64} << 20;  ///< octets of all YAML files together
inline constexpr std::size_t max_depth = 32;                          ///< mappings and lists inside each other
inline constexpr std::size_t max_values = 500'000;                    ///< scalars, lists and mappings of one file

struct Entry;

struct Value {
  enum class Kind : std::uint8_t { null, scalar, sequence, mapping };
  Kind kind = Kind::null;
  std::string text;            ///< of a scalar, as written, without quotes
  std::vector<Value> items;    ///< of a sequence
  std::vector<Entry> entries;  ///< of a mapping, in the order written; a key may come twice
  base::SourcePosition where;  ///< of the value; a null's is that of its key
};

/// One "key: value" of a mapping; the key is a scalar.
struct Entry {
  Value key;
  Value value;
};

/// @return the root of the only document (null for an empty one), or nothing after one error was added.
[[nodiscard]] std::optional<Value> parse_yaml(const std::string& path, std::string text, base::ErrorList& errors);

/// `text` with the values of secret keys (key, token, password, secret, and words that end in these) overwritten by
/// asterisks up to the end of their lines and of the lines below them: what errors may quote.
std::string without_secrets(std::string text);

}  // namespace gslb::config
