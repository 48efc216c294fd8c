#include "config/gdnsd_zone.hpp"

#include <algorithm>
#include <array>

#include "config/import_text.hpp"
#include "config/include.hpp"

namespace gslb::config {

namespace {

struct Token {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool quoted = false;
};

/// One record or directive, which parentheses may spread over lines.
struct ZoneEntry {
  std::size_t begin = 0;
  std::size_t end = 0;  ///< without the line's end
  int line = 1;
  bool blank = false;  ///< starts with white space: the owner is that of before
  std::vector<Token> tokens;
};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return text;
}

/// Seconds of "1h30m" as a number; "" if it is none.
std::string seconds_of(std::string_view text) {
  std::uint64_t sum = 0;
  std::uint64_t number = 0;
  bool digits = false;
  for (const char c : upper(std::string(text))) {
    if (c >= '0' && c <= '9') {
      number = std::min<std::uint64_t>(number * 10 + static_cast<unsigned>(c - '0'), 0x7fffffff);
      digits = true;
      continue;
    }
    constexpr std::string_view units = "SMHDW";
    constexpr std::array<std::uint64_t, 5> lengths{1, 60, 3600, 86'400, 604'800};
    const std::size_t unit = units.find(c);
    if (unit == std::string_view::npos || !digits) return {};
    sum += number * lengths[unit];
    number = 0;
    digits = false;
  }
  if (text.empty()) return {};
  return std::to_string(std::min<std::uint64_t>(sum + number, 0x7fffffff));
}

class ZoneReader {
 public:
  ZoneReader(std::string zone, const FileSource& files, base::ErrorList& errors)
      : zone_(std::move(zone)), files_(files), errors_(errors), owner_(zone_) {}

  std::optional<GdnsdZone> run(const std::string& path, const std::string& ttl) {
    out_.text = "$TTL " + ttl + "\n";
    if (!read(path, zone_, ttl, {std::make_shared<base::SourceFile>(base::SourceFile{path, {}}), 0, 0}))
      return std::nullopt;
    return std::move(out_);
  }

 private:
  /// One file: what it sets ends with it.
  struct Scope {
    std::shared_ptr<const base::SourceFile> file;
    std::string first_origin;
    std::string origin;
    std::string ttl;
  };

  bool refuse(const base::SourcePosition& where, std::string what) {
    errors_.add(where, "", std::move(what));
    return false;
  }

  bool read(const std::string& path, const std::string& origin, const std::string& ttl,
            const base::SourcePosition& where) {
    if (depth_ >= max_include_depth) return refuse(where, "files include one another too deeply");
    if (++read_ > max_files) return refuse(where, "more than " + std::to_string(max_files) + " files");
    auto text = files_.read(path);
    if (!text) return refuse(where, text.error().what);
    total_ += text->size();
    if (total_ > max_total_size) return refuse(where, path + " is too large");
    ++depth_;
    Scope scope{std::make_shared<base::SourceFile>(base::SourceFile{path, std::move(*text)}), origin, origin, ttl};
    const bool sound = read_entries(scope);
    --depth_;
    return sound;
  }

  bool read_entries(Scope& scope) {
    std::size_t at = 0;
    int line = 1;
    while (at < scope.file->text.size()) {
      ZoneEntry entry;
      if (!next(*scope.file, at, line, entry))
        return refuse({scope.file, entry.line, 1}, "a parenthesis that does not end");
      if (!take(scope, entry)) return false;
    }
    return true;
  }

  static bool next(const base::SourceFile& file, std::size_t& at, int& line, ZoneEntry& entry) {
    const std::string& text = file.text;
    entry.begin = at;
    entry.line = line;
    entry.blank = is_blank(text[at]);
    int depth = 0;
    while (at < text.size() && (text[at] != '\n' || depth > 0)) {
      const char c = text[at];
      if (c == ';') {
        while (at < text.size() && text[at] != '\n') ++at;
      } else if (c == '\n') {
        ++line;
        ++at;
      } else if (is_blank(c)) {
        ++at;
      } else if (c == '(' || c == ')') {
        depth += c == '(' ? 1 : -1;
        ++at;
      } else {
        entry.tokens.push_back(token(text, at, line));
      }
    }
    entry.end = at;
    if (at < text.size()) ++at;
    ++line;
    return depth <= 0;
  }

  static Token token(const std::string& text, std::size_t& at, int& line) {
    Token out{at, at, text[at] == '"'};
    if (out.quoted) ++at;
    constexpr std::string_view ends = " \t\r\n;()\"";
    while (at < text.size()) {
      if (text[at] == '\\' && at + 1 < text.size()) {
        at += 2;
        continue;
      }
      if (out.quoted ? text[at] == '"' : ends.find(text[at]) != std::string_view::npos) break;
      if (text[at] == '\n') ++line;
      ++at;
    }
    if (out.quoted && at < text.size()) ++at;
    out.end = at;
    return out;
  }

  static std::string text_of_token(const Scope& scope, const Token& token) {
    return scope.file->text.substr(token.begin, token.end - token.begin);
  }
  base::SourcePosition place(const Scope& scope, const ZoneEntry& entry, const Token& token) const {
    return {scope.file, entry.line, token.begin >= entry.begin ? static_cast<int>(token.begin - entry.begin) + 1 : 1};
  }

  /// "@Z" and "@F", also as the last label; anything else stays.
  std::string written_out(const Scope& scope, const std::string& text) const {
    for (const auto& [mark, name] : {std::pair("@Z", &zone_), std::pair("@F", &scope.first_origin)}) {
      if (text == mark) return *name;
      if (text.ends_with(std::string(".") + mark)) return text.substr(0, text.size() - 2) + *name;
    }
    return text;
  }
  std::string absolute(const Scope& scope, const std::string& name) const {
    std::string text = written_out(scope, name);
    if (text == "@") return scope.origin;
    if (text.ends_with('.')) return text;
    return text + "." + (scope.origin == "." ? "" : scope.origin);
  }

  bool take(Scope& scope, const ZoneEntry& entry) {
    if (entry.tokens.empty()) {
      copy(scope, entry, "");
      return true;
    }
    const std::string first = text_of_token(scope, entry.tokens[0]);
    if (first.starts_with('$') && !entry.blank) return take_directive(scope, entry, upper(first));
    if (!entry.blank) owner_ = absolute(scope, first);
    std::size_t at = entry.blank ? 0 : 1;
    std::string ttl;
    std::string word;
    for (; at < entry.tokens.size(); ++at) {
      word = text_of_token(scope, entry.tokens[at]);
      if (word[0] >= '0' && word[0] <= '9') {
        ttl = word;
      } else if (upper(word) != "IN") {
        break;
      }
    }
    if (at < entry.tokens.size() && (upper(word) == "DYNA" || upper(word) == "DYNC"))
      return take_dynamic(scope, entry, at, ttl);
    // The owner of before may have been that of a record that is not here any more.
    copy(scope, entry, entry.blank ? owner_ : "");
    return true;
  }

  bool take_dynamic(const Scope& scope, const ZoneEntry& entry, std::size_t at, const std::string& ttl) {
    const base::SourcePosition where = place(scope, entry, entry.tokens[at]);
    if (at + 1 >= entry.tokens.size()) return refuse(where, "no plugin is named");
    const std::string what = text_of_token(scope, entry.tokens[at + 1]);
    const std::size_t mark = what.find('!');
    DynamicName name;
    name.owner = owner_;
    name.plugin = what.substr(0, mark);
    if (mark != std::string::npos) name.resource = what.substr(mark + 1);
    name.where = where;
    const std::size_t slash = ttl.find('/');
    name.ttl = ttl.empty() ? scope.ttl : seconds_of(ttl.substr(0, slash));
    if (slash != std::string::npos) name.ttl_min = seconds_of(ttl.substr(slash + 1));
    out_.dynamic.push_back(std::move(name));
    out_.text += "; " + owner_ + " is a service\n";
    return true;
  }

  bool take_directive(Scope& scope, const ZoneEntry& entry, const std::string& name) {
    const base::SourcePosition where = place(scope, entry, entry.tokens[0]);
    if (entry.tokens.size() < 2) return refuse(where, name + " without a value");
    const std::string value = text_of_token(scope, entry.tokens[1]);
    if (name == "$TTL") {
      scope.ttl = seconds_of(value);
      if (scope.ttl.empty()) return refuse(where, "\"" + value + "\" is no time");
      out_.text += "$TTL " + scope.ttl + "\n";
      return true;
    }
    if (name == "$ORIGIN") {
      scope.origin = absolute(scope, value);
      out_.text += "$ORIGIN " + scope.origin + "\n";
      return true;
    }
    if (name != "$INCLUDE") return refuse(where, name + " is no directive of gdnsd");
    std::string path = entry.tokens[1].quoted ? value.substr(1, value.size() - 2) : value;
    if (!path.starts_with('/')) path.insert(0, scope.file->path.substr(0, scope.file->path.rfind('/') + 1));
    const std::string origin =
        entry.tokens.size() > 2 ? absolute(scope, text_of_token(scope, entry.tokens[2])) : scope.origin;
    out_.text += "; from " + path + "\n$ORIGIN " + origin + "\n";
    if (!read(path, origin, scope.ttl, where)) return false;
    out_.text += "$ORIGIN " + scope.origin + "\n$TTL " + scope.ttl + "\n";
    return true;
  }

  /// The entry as it was written, but for names that only gdnsd knows.
  void copy(const Scope& scope, const ZoneEntry& entry, const std::string& owner) {
    out_.text += owner;
    std::size_t at = entry.begin;
    for (const Token& token : entry.tokens) {
      const std::string text = text_of_token(scope, token);
      out_.text += scope.file->text.substr(at, token.begin - at) + (token.quoted ? text : written_out(scope, text));
      at = token.end;
    }
    out_.text += scope.file->text.substr(at, entry.end - at) + "\n";
  }

  const std::string zone_;
  const FileSource& files_;
  base::ErrorList& errors_;
  std::string owner_;
  GdnsdZone out_;
  unsigned depth_ = 0;
  std::size_t read_ = 0;
  std::size_t total_ = 0;
};

}  // namespace

std::optional<GdnsdZone> read_gdnsd_zone(const std::string& path, const std::string& zone, const std::string& ttl,
                                         const FileSource& files, base::ErrorList& errors) {
  return ZoneReader(zone, files, errors).run(path, ttl);
}

}  // namespace gslb::config
