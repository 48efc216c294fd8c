#include "zones/master_file.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "dns/rdata.hpp"

namespace gslb::zones {

namespace {

enum class Kind : std::uint8_t { word, blank, newline, comment, open, close, quote, escape };

constexpr std::array<Kind, 256> make_kinds() {
  std::array<Kind, 256> kinds{};
  kinds[' '] = kinds['\t'] = kinds['\r'] = Kind::blank;
  kinds['\n'] = Kind::newline;
  kinds[';'] = Kind::comment;
  kinds['('] = Kind::open;
  kinds[')'] = Kind::close;
  kinds['"'] = Kind::quote;
  kinds['\\'] = Kind::escape;
  return kinds;
}
constexpr std::array<Kind, 256> kinds = make_kinds();

Kind kind_of(char c) noexcept { return kinds[static_cast<unsigned char>(c)]; }

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool equal_no_case(std::string_view a, std::string_view upper) noexcept {
  return std::ranges::equal(a, upper, [](char x, char y) { return (x >= 'a' && x <= 'z' ? x - 'a' + 'A' : x) == y; });
}

std::string quoted(std::string_view text) {
  constexpr std::size_t longest = 60;
  return '"' + base::printable(text.substr(0, longest)) + (text.size() > longest ? "…" : "") + '"';
}

struct Place {
  int line = 0;
  int column = 0;
};

/// What ends the reading of one entry.
struct Problem {
  Place where;
  std::string what;
  std::string hint;
};

struct Token {
  std::string_view text;
  int line = 0;
  const char* line_start = nullptr;
  Place place() const noexcept { return {line, static_cast<int>(text.data() - line_start) + 1}; }
};

std::uint32_t unit_seconds(char unit) noexcept {
  switch (unit) {
    case 's':
    case 'S':
      return 1;
    case 'm':
    case 'M':
      return 60;
    case 'h':
    case 'H':
      return 3600;
    case 'd':
    case 'D':
      return 86400;
    case 'w':
    case 'W':
      return 604800;
    default:
      return 0;
  }
}

/// "3600" or "1h30m".
std::uint32_t parse_ttl(const Token& token) {
  const auto problem = [&](const char* what) { return Problem{token.place(), quoted(token.text) + what, {}}; };
  std::uint64_t total = 0;
  std::size_t at = 0;
  while (at < token.text.size()) {
    if (!is_digit(token.text[at])) throw problem(" is no TTL");
    std::uint64_t number = 0;
    for (; at < token.text.size() && is_digit(token.text[at]); ++at) {
      number = number * 10 + static_cast<unsigned>(token.text[at] - '0');
      if (number > max_ttl) throw problem(" is more than a TTL can be, 2147483647 seconds");
    }
    const std::uint32_t unit = at < token.text.size() ? unit_seconds(token.text[at++]) : 1;
    if (unit == 0) throw problem(" is no TTL");
    total += number * unit;
    if (total > max_ttl) throw problem(" is more than a TTL can be, 2147483647 seconds");
  }
  return static_cast<std::uint32_t>(total);
}

class Scanner {
 public:
  Scanner(const std::shared_ptr<const base::SourceFile>& file, dns::Name origin, std::uint32_t default_ttl,
          MasterRecordSink& sink, base::ErrorList& errors)
      : file_(file),
        sink_(sink),
        errors_(errors),
        at_(file->text.data()),
        end_(at_ + file->text.size()),
        line_start_(at_),
        origin_(std::move(origin)),
        ttl_(default_ttl) {}

  void run() {
    while (at_ != end_ && reported_ < max_master_file_errors) {
      in_entry_ = true;
      depth_ = 0;
      try {
        entry();
      } catch (const Problem& problem) {
        report(problem);
        skip_entry();
      }
    }
    if (at_ != end_) errors_.add({file_, line_, 1}, {}, "too many errors: the file was not read from here on");
  }

 private:
  void report(const Problem& problem) {
    ++reported_;
    errors_.add({file_, problem.where.line, problem.where.column}, {}, problem.what, problem.hint);
  }

  Place here() const noexcept { return {line_, static_cast<int>(at_ - line_start_) + 1}; }

  void take_newline() noexcept {
    ++at_;
    ++line_;
    line_start_ = at_;
  }

  void take_comment() noexcept { at_ = std::find(at_, end_, '\n'); }

  void take_escape() noexcept {
    ++at_;
    if (at_ != end_ && *at_ != '\n') ++at_;
  }

  /// `at_` is at a quotation mark.
  void take_quoted() {
    const Place start = here();
    for (++at_; at_ != end_ && *at_ != '\n';) {
      if (*at_ == '\\') {
        take_escape();
      } else if (*at_++ == '"') {
        return;
      }
    }
    throw Problem{start, "this quotation mark is not closed on its line", {}};
  }

  /// Goes to the next token. @return false at the end of the entry, which is then behind `at_`
  bool skip_to_token() {
    for (; at_ != end_;) {
      switch (kind_of(*at_)) {
        case Kind::blank:
          ++at_;
          break;
        case Kind::comment:
          take_comment();
          break;
        case Kind::newline:
          take_newline();
          if (depth_ == 0) return in_entry_ = false;
          break;
        case Kind::open:
          if (depth_++ == 0) open_ = here();
          ++at_;
          break;
        case Kind::close:
          if (depth_ == 0) throw Problem{here(), "this parenthesis closes nothing", {}};
          --depth_;
          ++at_;
          break;
        default:
          return true;
      }
    }
    if (depth_ != 0) throw Problem{open_, "this parenthesis is not closed", {}};
    return in_entry_ = false;
  }

  bool next(Token& token) {
    if (!skip_to_token()) return false;
    const char* start = at_;
    token.line = line_;
    token.line_start = line_start_;
    for (; at_ != end_;) {
      const Kind kind = kind_of(*at_);
      if (kind == Kind::word) {
        ++at_;
      } else if (kind == Kind::escape) {
        take_escape();
      } else if (kind == Kind::quote) {
        take_quoted();
      } else {
        break;
      }
    }
    token.text = {start, static_cast<std::size_t>(at_ - start)};
    return true;
  }

  /// After a problem: to the end of the entry that has it.
  void skip_entry() noexcept {
    while (in_entry_ && at_ != end_) {
      try {
        Token token;
        while (next(token)) {
        }
      } catch (const Problem&) {  // another one in the same entry: the first was enough
        if (at_ != end_ && *at_ == ')') ++at_;
      }
    }
  }

  void entry() {
    const bool blank_owner = kind_of(*at_) == Kind::blank;
    Token first;
    if (!next(first)) return;
    if (!blank_owner && first.text[0] == '$') return directive(first);
    Token token = first;
    if (!blank_owner) {
      owner_ = Owner::bad;
      if (auto name = dns::Name::parse(first.text, origin_)) {
        name_ = std::move(*name);
        owner_ = Owner::good;
      } else {
        throw Problem{first.place(), quoted(first.text) + " is no domain name", {}};
      }
      if (!next(token)) throw Problem{first.place(), "a type and data must follow the owner name", {}};
    } else if (owner_ == Owner::none) {
      throw Problem{first.place(), "the first record of a file needs an owner name", {}};
    }
    record(first, token);
  }

  /// `token` is what follows the owner.
  void record(const Token& first, Token token) {
    std::uint32_t ttl = ttl_;
    bool has_ttl = false;
    bool has_class = false;
    for (;;) {
      if (is_digit(token.text[0]) && !has_ttl) {
        ttl = parse_ttl(token);
        has_ttl = true;
        if (!ttl_fixed_) ttl_ = ttl;
      } else if (!has_class && is_class(token)) {
        has_class = true;
      } else {
        break;
      }
      if (!next(token)) throw Problem{first.place(), "a type and data must follow", {}};
    }
    const dns::Rtype type = parse_type(token);
    Token data = token;
    take_rdata(data);
    rdata_.clear();
    if (const auto parsed = dns::parse_rdata(type, data.text, origin_, rdata_); !parsed)
      throw Problem{data_place_, parsed.error().what, {}};
    if (owner_ == Owner::bad) return;  // a blank owner after a name that was reported
    if (auto wrong = sink_.add({name_.wire(), type, ttl, rdata_, first.line}))
      throw Problem{first.place(), std::move(*wrong), {}};
  }

  static bool is_class(const Token& token) {
    if (equal_no_case(token.text, "IN") || equal_no_case(token.text, "CLASS1")) return true;
    const bool other = equal_no_case(token.text, "CH") || equal_no_case(token.text, "HS") ||
                       equal_no_case(token.text, "CS") ||
                       (token.text.size() > 5 && equal_no_case(token.text.substr(0, 5), "CLASS"));
    if (other) throw Problem{token.place(), "the only class is IN", {}};
    return false;
  }

  dns::Rtype parse_type(const Token& token) {
    if (token.text == type_text_) return type_;
    const auto type = dns::parse_rtype(token.text);
    if (!type) {
      std::string upper(token.text.substr(0, 16));
      for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      const std::string near = base::nearest_word(
          upper, {"A", "AAAA", "CAA", "CNAME", "DNAME", "DS", "HTTPS", "MX", "NS", "PTR", "SOA", "SRV", "SVCB", "TXT"});
      throw Problem{token.place(), quoted(token.text) + " is no record type",
                    near.empty() ? std::string() : "did you mean " + near + "?"};
    }
    type_text_ = token.text;
    return type_ = *type;
  }

  /// The rest of the entry, as one line: a view into the file where it is one, else put together in `joined_`.
  void take_rdata(Token& data) {
    data_place_ = here();
    if (!skip_to_token()) {
      data.text = {};
      return;
    }
    data_place_ = here();
    const char* const start = at_;
    const char* last = at_;  // behind the last octet that is not blank
    while (depth_ == 0) {
      const Kind kind = at_ == end_ ? Kind::newline : kind_of(*at_);
      if (kind == Kind::newline || kind == Kind::comment) {
        data.text = {start, static_cast<std::size_t>(last - start)};
        skip_to_token();
        return;
      }
      if (kind == Kind::open || kind == Kind::close) break;
      if (kind == Kind::escape) {
        take_escape();
      } else if (kind == Kind::quote) {
        take_quoted();
      } else {
        ++at_;
      }
      if (kind != Kind::blank) last = at_;
    }
    at_ = start;
    joined_.clear();
    for (Token token; next(token);) {
      if (!joined_.empty()) joined_ += ' ';
      joined_ += token.text;
    }
    data.text = joined_;
  }

  void directive(const Token& name) {
    if (equal_no_case(name.text, "$INCLUDE"))
      throw Problem{name.place(), "$INCLUDE is not supported: list the other file in files:", {}};
    if (equal_no_case(name.text, "$GENERATE"))
      throw Problem{name.place(), "$GENERATE is not supported: write the records out", {}};
    const bool is_ttl = equal_no_case(name.text, "$TTL");
    if (!is_ttl && !equal_no_case(name.text, "$ORIGIN"))
      throw Problem{name.place(), quoted(name.text) + " is not known: the directives are $ORIGIN and $TTL", {}};
    Token value;
    if (!next(value)) throw Problem{name.place(), std::string(name.text) + " needs a value", {}};
    if (is_ttl) {
      ttl_ = parse_ttl(value);
      ttl_fixed_ = true;
    } else if (auto origin = dns::Name::parse(value.text, origin_)) {
      origin_ = std::move(*origin);
    } else {
      throw Problem{value.place(), quoted(value.text) + " is no domain name", {}};
    }
    if (Token more; next(more)) throw Problem{more.place(), quoted(more.text) + " is one word too many", {}};
  }

  enum class Owner : std::uint8_t { none, good, bad };

  const std::shared_ptr<const base::SourceFile>& file_;
  MasterRecordSink& sink_;
  base::ErrorList& errors_;
  int reported_ = 0;

  const char* at_;
  const char* end_;
  const char* line_start_;
  int line_ = 1;
  int depth_ = 0;  ///< open parentheses
  Place open_;     ///< the outermost of them
  bool in_entry_ = false;

  dns::Name origin_;
  std::uint32_t ttl_;       ///< of a record that says none
  bool ttl_fixed_ = false;  ///< by $TTL
  dns::Name name_;          ///< the owner last written
  Owner owner_ = Owner::none;
  std::string_view type_text_;
  dns::Rtype type_{};
  Place data_place_;
  std::string joined_;
  std::vector<std::uint8_t> rdata_;
};

}  // namespace

void scan_master_file(const std::shared_ptr<const base::SourceFile>& file, const dns::Name& origin,
                      std::uint32_t default_ttl, MasterRecordSink& sink, base::ErrorList& errors) {
  Scanner(file, origin, default_ttl, sink, errors).run();
}

}  // namespace gslb::zones
