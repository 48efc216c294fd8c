#include "config/vscf.hpp"

#include <glob.h>

#include <algorithm>
#include <filesystem>

#include "base/file.hpp"
#include "config/include.hpp"

namespace gslb::config {

namespace {

constexpr std::string_view not_plain = "][}{;#,\"=\\";

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash + 1);
}

/// What all files of one reading share.
struct Reading {
  const FileSource& files;
  base::ErrorList& errors;
  std::vector<std::string> open;  ///< from the main file down to the one that is read
  std::size_t total = 0;          ///< octets read
  std::size_t read = 0;           ///< files
  std::size_t values = 0;
  unsigned depth = 0;
};

/// Thrown inside of a reading, after its error was added; never leaves parse_vscf().
struct Refused {};

class Parser {
 public:
  Parser(Reading& reading, std::shared_ptr<const base::SourceFile> file) : reading_(reading), file_(std::move(file)) {}

  Value run() {
    skip();
    if (at_end() || text()[at_] != '[') {
      Value root = start(Value::Kind::mapping);
      fill_hash(root, '\0');
      return root;
    }
    Value root = value();
    skip();
    if (!at_end()) refuse(here(), "nothing may follow the array that the file is");
    return root;
  }

 private:
  const std::string& text() const { return file_->text; }
  bool at_end() const { return at_ >= text().size(); }
  base::SourcePosition here() const { return {file_, line_, static_cast<int>(at_ - line_begin_) + 1}; }

  [[noreturn]] void refuse(const base::SourcePosition& where, std::string what, std::string hint = {}) {
    reading_.errors.add(where, "", std::move(what), std::move(hint));
    throw Refused();
  }

  void step() {
    if (text()[at_++] != '\n') return;
    ++line_;
    line_begin_ = at_;
  }

  void skip() {
    while (!at_end()) {
      if (text()[at_] == '#' || text()[at_] == ';') {
        while (!at_end() && text()[at_] != '\n') step();
      } else if (is_blank(text()[at_])) {
        step();
      } else {
        return;
      }
    }
  }

  Value start(Value::Kind kind) {
    if (++reading_.values > max_values) refuse(here(), "more than " + std::to_string(max_values) + " values");
    Value out;
    out.kind = kind;
    out.where = here();
    return out;
  }

  /// One octet of a string, after the backslash of an escape.
  char escaped() {
    step();
    if (at_end()) refuse(here(), "the file ends in an escape");
    if (!is_digit(text()[at_])) {
      const char out = text()[at_];
      step();
      return out;
    }
    unsigned number = 0;
    for (int i = 0; i < 3; ++i) {
      if (at_end() || !is_digit(text()[at_])) refuse(here(), "an escape has three digits", "such as \\097");
      number = number * 10 + static_cast<unsigned>(text()[at_] - '0');
      step();
    }
    if (number > 255) refuse(here(), "an escape is at most \\255");
    return static_cast<char>(number);
  }

  Value string() {
    Value out = start(Value::Kind::scalar);
    if (text()[at_] == '"') {
      step();
      while (!at_end() && text()[at_] != '"') {
        if (text()[at_] == '\\') {
          out.text += escaped();
        } else {
          out.text += text()[at_];
          step();
        }
      }
      if (at_end()) refuse(out.where, "a quotation mark without its other");
      step();
      return out;
    }
    while (!at_end() && !is_blank(text()[at_])) {
      const char c = text()[at_];
      if (c == '\\') {
        out.text += escaped();
        continue;
      }
      if (not_plain.find(c) != std::string_view::npos) break;
      out.text += c;
      step();
    }
    if (out.text.empty()) refuse(here(), "a word is expected here, not `" + std::string(1, text()[at_]) + "`");
    return out;
  }

  Value value() {
    skip();
    if (at_end()) refuse(here(), "the file ends where a value is expected");
    const char c = text()[at_];
    if (c == '$') return included_value();
    if (c != '{' && c != '[') return string();
    if (++reading_.depth > max_depth) refuse(here(), "more than " + std::to_string(max_depth) + " levels");
    Value out = start(c == '{' ? Value::Kind::mapping : Value::Kind::sequence);
    step();
    if (c == '{') {
      fill_hash(out, '}');
    } else {
      fill_array(out);
    }
    --reading_.depth;
    return out;
  }

  /// @param end  '\0' for the end of the file
  void fill_hash(Value& hash, char end) {
    for (skip(); at_end() ? end != '\0' : text()[at_] != end; skip()) {
      if (at_end()) refuse(hash.where, "a hash that does not end", "a `}` is missing");
      if (text()[at_] == '$') {
        merge_included(hash);
      } else {
        Value key = string();
        skip();
        if (at_end() || text()[at_] != '=')
          refuse(here(), "`" + key.text + "` has no value", "write " + key.text + " => …");
        step();
        if (!at_end() && text()[at_] == '>') step();
        add(hash, {std::move(key), value()});
      }
      skip();
      if (!at_end() && text()[at_] == ',') step();
    }
    if (end != '\0') step();
  }

  void fill_array(Value& array) {
    for (skip(); at_end() || text()[at_] != ']'; skip()) {
      if (at_end()) refuse(array.where, "an array that does not end", "a `]` is missing");
      array.items.push_back(value());
      skip();
      if (!at_end() && text()[at_] == ',') step();
    }
    step();
  }

  void add(Value& hash, Entry entry) {
    for (const Entry& other : hash.entries) {
      if (other.key.text == entry.key.text) refuse(entry.key.where, "`" + entry.key.text + "` stands here twice");
    }
    hash.entries.push_back(std::move(entry));
  }

  Value included_value() {
    const base::SourcePosition where = here();
    bool is_folder = false;
    const std::vector<std::string> paths = included_paths(is_folder);
    if (paths.size() != 1) refuse(where, "a value is one file, not " + std::to_string(paths.size()));
    return read(paths[0], where);
  }

  void merge_included(Value& hash) {
    const base::SourcePosition where = here();
    bool is_folder = false;
    for (const std::string& path : included_paths(is_folder)) {
      Value included = read(path, where);
      if (included.kind != Value::Kind::mapping) refuse(where, path + " is an array, and a hash is needed here");
      for (Entry& entry : included.entries) add(hash, std::move(entry));
    }
  }

  std::vector<std::string> included_paths(bool& is_folder) {
    const base::SourcePosition where = here();
    constexpr std::string_view word = "$include{";
    if (text().compare(at_, word.size(), word) != 0) refuse(where, "only $include{…} begins with a dollar sign");
    for (std::size_t i = 0; i < word.size(); ++i) step();
    skip();
    if (at_end()) refuse(where, "an include that does not end");
    std::string path = string().text;
    skip();
    if (at_end() || text()[at_] != '}') refuse(here(), "a `}` ends an include");
    step();
    if (!path.starts_with('/')) path.insert(0, folder_of(file_->path));
    std::vector<std::string> paths = reading_.files.list(path, is_folder);
    if (paths.empty() && !is_folder) refuse(where, "no file fits " + path);
    return paths;
  }

  Value read(const std::string& path, const base::SourcePosition& where);

  Reading& reading_;
  std::shared_ptr<const base::SourceFile> file_;
  std::size_t at_ = 0;
  std::size_t line_begin_ = 0;
  int line_ = 1;
};

Value read_one(Reading& reading, const std::string& path, const base::SourcePosition& where) {
  const auto refuse = [&](std::string what) {
    reading.errors.add(where, "", std::move(what));
    throw Refused();
  };
  if (std::ranges::find(reading.open, path) != reading.open.end()) refuse(path + " includes itself");
  if (reading.open.size() >= max_include_depth) refuse("files include one another too deeply");
  if (++reading.read > max_files) refuse("more than " + std::to_string(max_files) + " files");
  auto text = reading.files.read(path);
  if (!text) refuse(text.error().what);
  reading.total += text->size();
  if (text->size() > max_file_size || reading.total > max_total_size) refuse(path + " is too large");
  reading.open.push_back(path);
  const auto file = std::make_shared<base::SourceFile>(base::SourceFile{path, std::move(*text)});
  Value out = Parser(reading, file).run();
  reading.open.pop_back();
  return out;
}

Value Parser::read(const std::string& path, const base::SourcePosition& where) {
  return read_one(reading_, path, where);
}

}  // namespace

FileSource files_of_system() {
  FileSource out;
  out.read = [](const std::string& path) { return base::read_file(path, max_file_size); };
  out.list = [](const std::string& pattern, bool& is_folder) {
    std::error_code ignored;
    is_folder = std::filesystem::is_directory(pattern, ignored);
    std::vector<std::string> paths;
    ::glob_t found{};
    const std::string whole = is_folder ? pattern + "/*" : pattern;
    if (::glob(whole.c_str(), 0, nullptr, &found) == 0) {
      for (std::size_t i = 0; i < found.gl_pathc; ++i) {
        if (std::filesystem::is_regular_file(found.gl_pathv[i], ignored)) paths.emplace_back(found.gl_pathv[i]);
      }
    }
    ::globfree(&found);
    return paths;
  };
  return out;
}

std::optional<Value> parse_vscf(const std::string& path, const FileSource& files, base::ErrorList& errors) {
  Reading reading{files, errors, {}, 0, 0, 0, 0};
  try {
    return read_one(reading, path, {});
  } catch (const Refused&) {
    return std::nullopt;
  }
}

}  // namespace gslb::config
