#include "config/include.hpp"

#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

#include "base/file.hpp"
#include "config/node.hpp"
#include "config/values.hpp"

namespace gslb::config {

namespace {

constexpr std::string_view wildcards = "*?[";

/// Paths that match, sorted; relative patterns start at `folder`.
std::vector<std::string> expand(const std::string& folder, const std::string& pattern) {
  std::string whole;
  if (!pattern.starts_with('/')) {
    for (const char c : folder) {
      if (c == '\\' || wildcards.find(c) != std::string_view::npos) whole += '\\';
      whole += c;
    }
  }
  whole += pattern;
  std::vector<std::string> paths;
  glob_t found{};
  if (::glob(whole.c_str(), 0, nullptr, &found) == 0) {
    for (std::size_t i = 0; i < found.gl_pathc; ++i)
      paths.push_back(std::filesystem::path(found.gl_pathv[i]).lexically_normal().string());
  }
  ::globfree(&found);
  return paths;
}

/// One file however it is spelled.
std::string identity(const std::string& path) {
  std::error_code problem;
  const auto real = std::filesystem::weakly_canonical(path, problem);
  return problem ? path : real.string();
}

class Reader {
 public:
  explicit Reader(base::ErrorList& errors) : errors_(errors) {}

  std::optional<Document> read(const std::string& path, std::optional<std::string> text) {
    if (!text) text = content(path, nullptr);
    if (!text) return std::nullopt;
    remember(path, text->size());
    auto root = parse_yaml(path, std::move(*text), errors_);
    if (!root) return std::nullopt;
    document_.root = std::move(*root);
    include_from(document_.root, 1);
    return std::move(document_);
  }

 private:
  /// @param from  where the file is named; null for the main file
  std::optional<std::string> content(const std::string& path, const Node* from) {
    auto text = base::read_file(path, max_file_size);
    struct stat info {};
    if (text && ::stat(path.c_str(), &info) == 0)
      document_.modified = std::max<std::int64_t>(document_.modified, info.st_mtim.tv_sec);
    if (text) return std::move(*text);
    if (from != nullptr) {
      from->error(text.error().what);
    } else {
      errors_.add({}, "", text.error().what);
    }
    return std::nullopt;
  }

  void remember(const std::string& path, std::size_t size) {
    document_.files.push_back(path);
    identities_.push_back(identity(path));
    total_ += size;
  }

  void include_from(Value& root, std::size_t depth) {
    if (root.kind != Value::Kind::mapping) return;
    // A copy: merging adds to the entries that are being read.
    std::vector<Value> lists;
    for (const Entry& entry : root.entries) {
      if (entry.key.text == "include") lists.push_back(entry.value);
    }
    for (const Value& list : lists) {
      const Node node(list, errors_, "include");
      for (const Node& item : node.items()) include_pattern(item, depth);
    }
  }

  void include_pattern(const Node& item, std::size_t depth) {
    const std::string* pattern = item.text();
    if (pattern == nullptr) return;
    if (pattern->empty() || pattern->find('\0') != std::string::npos) {
      item.error(in_quotes(*pattern) + " is not a file name");
      return;
    }
    const std::string folder = folder_of(item.where());
    const auto paths = expand(folder, *pattern);
    const bool is_pattern = pattern->find_first_of(wildcards) != std::string::npos;
    std::error_code problem;
    const std::string parent = (pattern->starts_with('/') ? "" : folder) + pattern->substr(0, pattern->rfind('/') + 1);
    if (paths.empty() && !(is_pattern && std::filesystem::is_directory(parent.empty() ? "." : parent, problem)))
      item.error("there is no file " + in_quotes(*pattern),
                 "looked in " + (folder.empty() ? std::string("./") : folder));
    for (const std::string& path : paths) include_file(item, path, depth);
  }

  void include_file(const Node& item, const std::string& path, std::size_t depth) {
    if (std::find(identities_.begin(), identities_.end(), identity(path)) != identities_.end()) {
      item.error(in_quotes(path) + " is read already", "a file can be included once, and never by itself");
      return;
    }
    if (depth > max_include_depth) {
      item.error("includes go more than " + std::to_string(max_include_depth) + " deep");
      return;
    }
    if (document_.files.size() >= max_files) {
      if (document_.files.size() == max_files && !std::exchange(full_, true))
        item.error("more than " + std::to_string(max_files) + " files");
      return;
    }
    auto text = content(path, &item);
    if (!text) return;
    remember(path, text->size());
    if (total_ > max_total_size) {
      if (!std::exchange(full_, true))
        item.error("all files together are larger than " + std::to_string(max_total_size >> 20) + " MiB");
      return;
    }
    auto root = parse_yaml(path, std::move(*text), errors_);
    if (!root || root->kind == Value::Kind::null) return;
    if (root->kind != Value::Kind::mapping) {
      errors_.add(root->where, "", "must be a mapping");
      return;
    }
    Value part = std::move(*root);
    include_from(part, depth + 1);
    merge(std::move(part));
  }

  /// Joins what `part` says into the whole; what is said twice stays twice, for the readers to refuse.
  void merge(Value part) {
    auto& whole = document_.root.entries;
    for (Entry& entry : part.entries) {
      if (entry.key.text == "include") continue;
      const auto same =
          std::find_if(whole.begin(), whole.end(), [&](const Entry& e) { return e.key.text == entry.key.text; });
      if (same != whole.end() && same->value.kind == Value::Kind::mapping && entry.value.kind == Value::Kind::mapping) {
        std::move(entry.value.entries.begin(), entry.value.entries.end(), std::back_inserter(same->value.entries));
      } else {
        whole.push_back(std::move(entry));
      }
    }
  }

  base::ErrorList& errors_;
  Document document_;
  std::vector<std::string> identities_;
  std::size_t total_ = 0;
  bool full_ = false;
};

}  // namespace

std::optional<Document> read_document(const std::string& path, std::optional<std::string> text,
                                      base::ErrorList& errors) {
  return Reader(errors).read(path, std::move(text));
}

}  // namespace gslb::config
