#include "config/yaml.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <memory>
#include <sstream>
#include <utility>

#include "base/text.hpp"

namespace gslb::config {

namespace {

using File = std::shared_ptr<const base::SourceFile>;

/// Ends the parse with an error at a place; never leaves this file.
struct Refusal {
  base::SourcePosition where;
  std::string what;
  std::string hint;
};

base::SourcePosition position(const File& file, const YAML::Mark& mark) {
  if (mark.is_null()) return {file, 0, 0};
  return {file, mark.line + 1, mark.column + 1};
}

base::SourcePosition position(const File& file, std::string_view text, std::size_t offset) {
  base::SourcePosition where{file, 1, 1};
  for (const char c : text.substr(0, offset)) {
    ++where.column;
    if (c == '\n') {
      ++where.line;
      where.column = 1;
    }
  }
  return where;
}

/// Only printable UTF-8, line ends and no tabs.
void check_octets(const File& file, std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    const std::size_t length = base::utf8_length(text.substr(i));
    const bool line_end = c == '\n' || (c == '\r' && text.substr(i, 2) == "\r\n");
    const char* what = nullptr;
    if (c == '\t') what = "a tab: use spaces";
    if (c == 0) what = "a NUL octet: this is not a text file";
    if (length == 0) what = "not valid UTF-8";
    if (what == nullptr && (c < 0x20 || c == 0x7f) && !line_end) what = "a control character";
    if (what != nullptr) throw Refusal{position(file, text, i), what, {}};
    i += length;
  }
}

/// Flow brackets inside each other, before yaml-cpp's scanner keeps a token for each. Block structure is counted while
/// it is parsed.
void check_flow_depth(const File& file, std::string_view text) {
  std::size_t depth = 0;
  char quote = 0;
  char before = '\n';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool after_gap = before == ' ' || before == '\n' || before == '[' || before == '{' || before == ',';
    if (quote != 0) {
      if (c == '\\' && quote == '"') {
        ++i;
      } else if (c == quote) {
        quote = 0;
      }
    } else if ((c == '"' || c == '\'') && after_gap) {
      quote = c;
    } else if (c == '#' && after_gap) {
      i = std::min(text.find('\n', i), text.size() - 1);
    } else if (c == '[' || c == '{') {
      if (++depth > max_depth)
        throw Refusal{position(file, text, i), "nested more than " + std::to_string(max_depth) + " deep", {}};
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
    before = text[i];
  }
}

/// Turns yaml-cpp's events into a tree.
class Builder : public YAML::EventHandler {
 public:
  explicit Builder(File file) : file_(std::move(file)) { root_.where.file = file_; }

  Value take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) refuse(mark, "a second document starts here: a file holds one");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Value value = make(mark, anchor, Value::Kind::null, "");
    if (!stack_.empty() && stack_.back().key) value.where = stack_.back().key->where;
    add(std::move(value));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse_anchor(mark); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    Value value = make(mark, anchor, Value::Kind::scalar, tag);
    value.text = text;
    const bool plain = tag == "?";
    if (plain && text == "<<" && expects_key()) refuse(mark, "merge keys (<<) are not supported", "quote it as a name");
    add(std::move(value));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, make(mark, anchor, Value::Kind::sequence, tag));
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, make(mark, anchor, Value::Kind::mapping, tag));
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    Value value;
    std::optional<Value> key;  ///< of a mapping: read, its value not yet
  };

  [[noreturn]] void refuse(const YAML::Mark& mark, std::string what, std::string hint = {}) const {
    throw Refusal{position(file_, mark), std::move(what), std::move(hint)};
  }
  [[noreturn]] void refuse_anchor(const YAML::Mark& mark) const {
    refuse(mark, "anchors (&) and aliases (*) are not supported", "quote a text that starts with & or *");
  }

  Value make(const YAML::Mark& mark, YAML::anchor_t anchor, Value::Kind kind, const std::string& tag) {
    if (++values_ > max_values) refuse(mark, "more than " + base::with_thousands(max_values) + " values in one file");
    if (anchor != 0) refuse_anchor(mark);
    if (!tag.empty() && tag != "?" && tag != "!")
      refuse(mark, "tags (!) are not supported", "quote a text that starts with !");
    Value value;
    value.kind = kind;
    value.where = position(file_, mark);
    return value;
  }

  void open(const YAML::Mark& mark, Value value) {
    if (stack_.size() >= max_depth) refuse(mark, "nested more than " + std::to_string(max_depth) + " deep");
    stack_.push_back({std::move(value), {}});
  }

  void close() {
    Value value = std::move(stack_.back().value);
    stack_.pop_back();
    add(std::move(value));
  }

  bool expects_key() const {
    return !stack_.empty() && stack_.back().value.kind == Value::Kind::mapping && !stack_.back().key;
  }

  void add(Value value) {
    if (stack_.empty()) {
      root_ = std::move(value);
      return;
    }
    Frame& top = stack_.back();
    if (top.value.kind == Value::Kind::sequence) {
      top.value.items.push_back(std::move(value));
    } else if (top.key) {
      top.value.entries.push_back({std::move(*top.key), std::move(value)});
      top.key.reset();
    } else {
      if (value.kind != Value::Kind::scalar)
        throw Refusal{value.where, "a key must be a word", "put text with brackets in quotes, such as \"[::]:53\""};
      top.key = std::move(value);
    }
  }

  File file_;
  std::vector<Frame> stack_;
  Value root_;
  std::size_t values_ = 0;
  std::size_t documents_ = 0;
};

Value parse(const File& file, const std::string& text) {
  check_octets(file, text);
  check_flow_depth(file, text);
  Builder builder(file);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    parser.HandleNextDocument(builder);
  } catch (const YAML::Exception& problem) {
    throw Refusal{position(file, problem.mark), "not YAML: " + problem.msg, {}};
  }
  return builder.take();
}

bool is_secret(std::string_view key) {
  for (const std::string_view word : {"key", "token", "password", "secret"}) {
    if (!key.ends_with(word)) continue;
    const std::string_view before = key.substr(0, key.size() - word.size());
    if (before.empty() || before.back() == '_' || before.back() == '-') return true;
  }
  return false;
}

/// Where the value of the first secret key on `line` starts, or npos.
std::size_t secret_start(std::string_view line) {
  for (std::size_t colon = line.find(':'); colon != std::string_view::npos; colon = line.find(':', colon + 1)) {
    std::string_view key = line.substr(0, colon);
    while (!key.empty() && (key.back() == ' ' || key.back() == '"' || key.back() == '\'')) key.remove_suffix(1);
    key = key.substr(key.find_last_of(" \"'{[,") + 1);
    if (is_secret(key)) return colon + 1;
  }
  return std::string_view::npos;
}

}  // namespace

std::string without_secrets(std::string text) {
  constexpr std::size_t none = std::string::npos;
  std::size_t hidden_below = none;  // lines indented deeper than this belong to a secret
  bool value_missing = false;       // the secret's value has not come yet
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string_view line = std::string_view(text).substr(start, end - start);
    const std::size_t indent = line.find_first_not_of(" \r");
    std::size_t hide = none;
    if (indent != none) {
      if (hidden_below != none && (indent > hidden_below || value_missing)) {
        hide = indent;
        value_missing = false;
      } else {
        hidden_below = none;
        hide = secret_start(line);
        if (hide != none) {
          hidden_below = indent;
          value_missing = line.find_first_not_of(" \r", hide) == none;
        }
      }
    }
    if (hide != none) {
      for (std::size_t i = start + hide; i < end; ++i) {
        if (text[i] != ' ' && text[i] != '\r') text[i] = '*';
      }
    }
    start = end + 1;
  }
  return text;
}

std::optional<Value> parse_yaml(const std::string& path, std::string text, base::ErrorList& errors) {
  if (text.starts_with("\xef\xbb\xbf")) text.erase(0, 3);
  if (text.size() > max_file_size) {
    errors.add({std::make_shared<base::SourceFile>(base::SourceFile{path, {}}), 0, 0}, "",
               "is larger than " + std::to_string(max_file_size >> 20) + " MiB");
    return std::nullopt;
  }
  const auto file = std::make_shared<const base::SourceFile>(base::SourceFile{path, without_secrets(text)});
  try {
    return parse(file, text);
  } catch (const Refusal& refusal) {
    errors.add(refusal.where, "", refusal.what, refusal.hint);
  }
  return std::nullopt;
}

}  // namespace gslb::config
