#include "config/node.hpp"

#include <algorithm>
#include <unordered_map>

#include "base/text.hpp"

namespace gslb::config {

namespace {

constexpr std::size_t longest_quote = 60;
constexpr std::size_t longest_list = 16;
constexpr std::size_t short_list = 6;  // short enough to stand beside the word that was meant

std::string_view describe(Value::Kind kind) {
  switch (kind) {
    case Value::Kind::null:
      return "nothing";
    case Value::Kind::scalar:
      return "a single value";
    case Value::Kind::sequence:
      return "a list";
    case Value::Kind::mapping:
      return "a mapping";
  }
  return "";
}

std::string joined(const std::string& path, std::string_view name) {
  const std::string shown = base::printable(name.substr(0, longest_quote));
  return path.empty() ? shown : path + "." + shown;
}

}  // namespace

std::string in_quotes(std::string_view text) {
  const bool cut = text.size() > longest_quote;
  return "\"" + base::printable(text.substr(0, longest_quote)) + (cut ? "…\"" : "\"");
}

std::string to_string(const base::SourcePosition& where) {
  return (where.file ? where.file->path : "") + ":" + std::to_string(where.line) + ":" + std::to_string(where.column);
}

std::string listed(const std::vector<std::string>& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size() && i < longest_list; ++i)
    out += (i == 0 ? "" : ", ") + base::printable(words[i]);
  return words.size() > longest_list ? out + ", …" : out;
}

std::string suggestion(std::string_view word, std::string_view plural, const std::vector<std::string>& candidates) {
  if (candidates.empty()) return "there are no " + std::string(plural);
  std::string all = std::string(plural) + ": " + listed(candidates);
  const std::string meant = base::nearest_word(word, candidates);
  if (meant.empty()) return all;
  const std::string question = "did you mean \"" + base::printable(meant) + "\"?";
  return candidates.size() > short_list ? question : question + "  (" + all + ")";
}

void Node::error(std::string what, std::string hint) const {
  errors_->add(where(), path_, std::move(what), std::move(hint));
}

void Node::error_at_key(std::string what, std::string hint) const {
  errors_->add(where_key_, path_, std::move(what), std::move(hint));
}

const std::string* Node::text() const {
  if (kind() == Kind::scalar) return &value_->text;
  if (kind() == Kind::null) {
    error("needs a value");
  } else {
    error("must be a single value, not " + std::string(describe(kind())));
  }
  return nullptr;
}

std::vector<Node> Node::items() const {
  if (kind() == Kind::null) {
    error("needs a value");
    return {};
  }
  if (kind() != Kind::sequence) return {*this};
  std::vector<Node> out;
  out.reserve(value_->items.size());
  for (std::size_t i = 0; i < value_->items.size(); ++i) {
    const Value& item = value_->items[i];
    out.push_back(Node(item, item.where, "", path_ + "[" + std::to_string(i) + "]", *errors_));
  }
  return out;
}

std::vector<Node> Node::fields() const {
  if (kind() != Kind::mapping) {
    error(kind() == Kind::null ? "needs a value" : "must be a mapping, not " + std::string(describe(kind())));
    return {};
  }
  std::vector<Node> out;
  out.reserve(value_->entries.size());
  std::unordered_map<std::string_view, const Value*> seen;
  for (const Entry& entry : value_->entries) {
    Node field(entry.value, entry.key.where, entry.key.text, joined(path_, entry.key.text), *errors_);
    const auto [first, is_new] = seen.try_emplace(entry.key.text, &entry.key);
    if (is_new) {
      out.push_back(std::move(field));
    } else {
      field.error_at_key("is already set at " + to_string(first->second->where));
    }
  }
  return out;
}

bool Node::has_field(std::string_view name) const noexcept {
  return kind() == Kind::mapping && std::any_of(value_->entries.begin(), value_->entries.end(),
                                                [name](const Entry& entry) { return entry.key.text == name; });
}

Node Node::without_path() const { return {*value_, where_key_, name_, "", *errors_}; }

}  // namespace gslb::config
