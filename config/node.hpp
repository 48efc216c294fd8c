// config/node.hpp: a value of the tree together with its path, for readers that report every mistake and go on.
//
//   Value tree ──► Node{value, path, errors} ──► readers of values.hpp and read_*.cpp ──► specs
//
// Borrows: the tree and the error list, which outlive it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/source.hpp"
#include "config/yaml.hpp"

namespace gslb::config {

class Node {
 public:
  using Kind = Value::Kind;

  /// A whole document has an empty path.
  Node(const Value& value, base::ErrorList& errors, std::string path = {})
      : value_(&value), where_key_(value.where), path_(std::move(path)), errors_(&errors) {}

  Kind kind() const noexcept { return value_->kind; }
  const base::SourcePosition& where() const noexcept { return value_->where; }
  const base::SourcePosition& where_key() const noexcept { return where_key_; }  ///< of an item: where()
  const std::string& name() const noexcept { return name_; }                     ///< the key; "" for an item
  const std::string& path() const noexcept { return path_; }
  base::ErrorList& errors() const noexcept { return *errors_; }

  void error(std::string what, std::string hint = {}) const;         ///< about the value
  void error_at_key(std::string what, std::string hint = {}) const;  ///< about the entry as a whole

  /// The text of a scalar; otherwise an error and nothing.
  const std::string* text() const;
  /// The items of a list; one value alone counts as a list of it. An empty value is an error.
  std::vector<Node> items() const;
  /// The entries of a mapping; anything else is an error. A key that came before is an error and left out.
  std::vector<Node> fields() const;
  /// Whether this is a mapping with such a key.
  bool has_field(std::string_view name) const noexcept;
  /// The same value with a path that starts anew: inside a zone, paths do not repeat its name.
  Node without_path() const;

 private:
  Node(const Value& value, const base::SourcePosition& key, std::string name, std::string path, base::ErrorList& errors)
      : value_(&value), where_key_(key), name_(std::move(name)), path_(std::move(path)), errors_(&errors) {}

  const Value* value_;
  base::SourcePosition where_key_;
  std::string name_;
  std::string path_;
  base::ErrorList* errors_;
};

/// For messages: the text in quotes, printable, cut if long.
std::string in_quotes(std::string_view text);

/// For messages: "gslb.yaml:3:1".
std::string to_string(const base::SourcePosition& where);

/// For messages: "a, b, c", cut if long.
std::string listed(const std::vector<std::string>& words);

/// A hint: `did you mean "fra"?  (sites: fra, iad)`, or the parts of it that help.
std::string suggestion(std::string_view word, std::string_view plural, const std::vector<std::string>& candidates);

}  // namespace gslb::config
