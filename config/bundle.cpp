#include "config/bundle.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <set>

#include "base/hash.hpp"

namespace gslb::config {

namespace {

constexpr std::string_view head = "gslb-bundle 1\n";
constexpr std::string_view foot = "end ";
constexpr std::size_t foot_octets = 4 + 16 + 1;
constexpr std::size_t longest_path = 512;

bool is_plain(std::string_view path) {
  if (path.empty() || path.size() > longest_path || path.front() == '/') return false;
  if (std::ranges::any_of(path, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; })) return false;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view part = path.substr(at, end - at);
    if (part.empty() || part == "." || part == "..") return false;
    at = end + 1;
  }
  return true;
}

base::Error damaged(const std::string& what) { return base::Error{"the bundle is damaged: " + what}; }

}  // namespace

std::string name_of_bundle(std::string_view text) {
  char out[17];
  std::snprintf(out, sizeof out, "%016llx",
                static_cast<unsigned long long>(base::hash_bytes(text.data(), text.size(), 0)));
  return out;
}

base::Result<std::string> to_text(const Bundle& bundle) {
  std::string out(head);
  for (const BundledFile& file : bundle.files) {
    if (!is_plain(file.path)) return base::Error{"\"" + file.path + "\" cannot be pushed: the path leads elsewhere"};
    out += std::to_string(file.content.size()) + " " + file.path + "\n" + file.content + "\n";
    if (out.size() + foot_octets > longest_bundle)
      return base::Error{"the files are larger than " + std::to_string(longest_bundle >> 20) + " MiB together"};
  }
  return out + std::string(foot) + name_of_bundle(out) + "\n";
}

base::Result<Bundle> parse_bundle(std::string_view text) {
  if (!text.starts_with(head)) return base::Error{"this is no bundle of configuration files"};
  if (text.size() < head.size() + foot_octets) return damaged("it is cut short");
  const std::string_view end = text.substr(text.size() - foot_octets);
  const std::string_view all = text.substr(0, text.size() - foot_octets);
  if (!end.starts_with(foot) || end.back() != '\n') return damaged("it is cut short");
  if (end.substr(foot.size(), 16) != name_of_bundle(all)) return damaged("its hash is another");
  Bundle out;
  std::set<std::string_view> seen;
  std::string_view rest = all.substr(head.size());
  while (!rest.empty()) {
    const std::size_t line = rest.find('\n');
    const std::size_t space = rest.find(' ');
    if (line == std::string_view::npos || space >= line) return damaged("a file without a name");
    std::size_t size = 0;
    const auto read = std::from_chars(rest.data(), rest.data() + space, size);
    if (read.ec != std::errc{} || read.ptr != rest.data() + space || rest.substr(0, space) != std::to_string(size))
      return damaged("a file without a size");
    const std::string_view path = rest.substr(space + 1, line - space - 1);
    rest.remove_prefix(line + 1);
    if (size >= rest.size() || rest[size] != '\n') return damaged("a file is cut short");
    if (!is_plain(path)) return damaged("the path of a file leads elsewhere");
    if (!seen.insert(path).second) return damaged("a file comes twice");
    if (out.files.size() == most_bundled_files)
      return base::Error{"a bundle has at most " + std::to_string(most_bundled_files) + " files"};
    out.files.push_back({std::string(path), std::string(rest.substr(0, size))});
    rest.remove_prefix(size + 1);
  }
  if (out.files.empty()) return damaged("there is no file in it");
  return out;
}

}  // namespace gslb::config
