// config/keys.hpp: which keys a mapping knows, as tables that the reader, the documentation and the schema share.
#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/node.hpp"

namespace gslb::config {

/// One key of one mapping, and how its value is read into a T.
template <class T>
struct Key {
  std::string_view name;
  std::string_view type;     ///< "duration", "list of addresses": for people
  std::string_view meaning;  ///< one line
  void (*read)(const Node& value, T& out);
  bool required = false;
};

template <class T>
struct KeyTable {
  std::string_view mapping;  ///< "zones.*.soa"; "" is the top
  std::span<const Key<T>> keys;
  std::span<const std::string_view> later = {};  ///< words of the design that this version does not support
};

/// The fields of a mapping by their names. Keys that no table knows are errors.
class Fields {
 public:
  Fields(const Node& node, const std::vector<std::string>& known, std::span<const std::string_view> later);
  const Node* find(std::string_view name) const;

 private:
  std::vector<Node> fields_;
};

template <class T>
std::vector<std::string> names_of(const KeyTable<T>& table) {
  std::vector<std::string> names;
  for (const Key<T>& key : table.keys) names.emplace_back(key.name);
  return names;
}

/// Reads a mapping in the order of its table, so that a key may rely on those above it.
/// @return false if `node` is no mapping.
template <class T>
bool read_mapping(const Node& node, const KeyTable<T>& table, T& out) {
  const Fields fields(node, names_of(table), table.later);
  if (node.kind() != Node::Kind::mapping) return false;
  for (const Key<T>& key : table.keys) {
    if (const Node* field = fields.find(key.name)) {
      key.read(*field, out);
    } else if (key.required) {
      node.error_at_key("needs \"" + std::string(key.name) + "\"", std::string(key.meaning));
    }
  }
  return true;
}

template <class T, std::size_t A, std::size_t B>
constexpr std::array<Key<T>, A + B> operator+(const std::array<Key<T>, A>& a, const std::array<Key<T>, B>& b) {
  std::array<Key<T>, A + B> out{};
  std::copy(b.begin(), b.end(), std::copy(a.begin(), a.end(), out.begin()));
  return out;
}

/// What people and tools want to know about a key.
struct KeyInfo {
  std::string_view name;
  std::string_view type;
  std::string_view meaning;
  bool required;
};
struct MappingInfo {
  std::string_view mapping;
  std::vector<KeyInfo> keys;
};

template <class T>
MappingInfo describe(const KeyTable<T>& table) {
  MappingInfo out{table.mapping, {}};
  for (const Key<T>& key : table.keys) out.keys.push_back({key.name, key.type, key.meaning, key.required});
  return out;
}

/// Every mapping with fixed keys, from the top down.
std::vector<MappingInfo> known_keys();

}  // namespace gslb::config
