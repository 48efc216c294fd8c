#include "zones/master_file.hpp"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "dns/rdata.hpp"
#include "zones/generate.hpp"
#include "zones/master_lexer.hpp"

namespace gslb::zones {

namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool equal_no_case(std::string_view a, std::string_view upper) noexcept {
  return std::ranges::equal(a, upper, [](char x, char y) { return (x >= 'a' && x <= 'z' ? x - 'a' + 'A' : x) == y; });
}

std::string upper_case(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return upper;
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t longest = 60;
  return '"' + base::printable(text.substr(0, longest)) + (text.size() > longest ? "…" : "") + '"';
}

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
  const auto problem = [&](const char* what) { return Problem{token.place(), in_quotes(token.text) + what, {}}; };
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

/// Whether `text` is one quoted string and nothing else.
bool is_one_quoted(std::string_view text) noexcept {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return false;
  for (std::size_t at = 1; at + 1 < text.size(); ++at) {
    if (text[at] == '\\') {
      if (++at + 1 == text.size()) return false;
    } else if (text[at] == '"') {
      return false;
    }
  }
  return true;
}

/// What is in the quotation marks, with \" made plain: a file name, or the data of a $GENERATE.
std::string unquoted(std::string_view text) {
  if (!is_one_quoted(text)) return std::string(text);
  std::string out;
  for (std::size_t at = 1; at + 1 < text.size(); ++at) {
    if (text[at] == '\\' && text[at + 1] != '"') out += text[at++];
    if (text[at] == '\\') ++at;
    out += text[at];
  }
  return out;
}

/// What a file shares with those it includes.
struct Scan {
  MasterRecordSink& sink;
  base::ErrorList& errors;
  int reported = 0;
  bool gave_up = false;
  std::vector<std::string> open;  ///< paths, the outermost first
  std::size_t included = 0;
  std::uint64_t generated = 0;
};

class Scanner {
 public:
  Scanner(Scan& scan, const std::shared_ptr<const base::SourceFile>& file, dns::Name origin, std::uint32_t ttl,
          bool ttl_fixed)
      : scan_(scan), file_(file), in_(file->text), origin_(std::move(origin)), ttl_(ttl), ttl_fixed_(ttl_fixed) {}

  void run() {
    scan_.open.push_back(std::filesystem::path(file_->path).lexically_normal().string());
    while (!in_.at_end() && scan_.reported < max_master_file_errors) {
      in_.begin_entry();
      try {
        entry();
      } catch (const Problem& problem) {
        report(problem);
        in_.skip_entry();
      }
    }
    scan_.open.pop_back();
    if (in_.at_end() || scan_.gave_up) return;
    scan_.gave_up = true;
    scan_.errors.add({file_, in_.line(), 1}, {}, "too many errors: the file was not read from here on");
  }

 private:
  void report(const Problem& problem) {
    ++scan_.reported;
    scan_.errors.add({file_, problem.where.line, problem.where.column}, {}, problem.what, problem.hint);
  }

  void entry() {
    const bool blank_owner = in_.at_blank();
    Token first;
    if (!in_.next(first)) return;
    if (!blank_owner && first.text[0] == '$') return directive(first);
    Token token = first;
    if (!blank_owner) {
      owner_ = Owner::bad;
      name_ = parse_name(first);
      owner_ = Owner::good;
      if (!in_.next(token)) throw Problem{first.place(), "a type and data must follow the owner name", {}};
    } else if (owner_ == Owner::none) {
      throw Problem{first.place(), "the first record of a file needs an owner name", {}};
    }
    record(first, token);
  }

  dns::Name parse_name(const Token& token) const {
    if (auto name = dns::Name::parse(token.text, origin_)) return std::move(*name);
    throw Problem{token.place(), in_quotes(token.text) + " is no domain name", {}};
  }

  /// `token` is what follows the owner.
  void record(const Token& first, Token token) {
    const std::uint32_t ttl = take_ttl_and_class(first, token);
    const dns::Rtype type = parse_type(token);
    Place data_place;
    const std::string_view data = in_.rest(data_place);
    rdata_.clear();
    if (const auto parsed = dns::parse_rdata(type, data, origin_, rdata_); !parsed)
      throw Problem{data_place, parsed.error().what, {}};
    if (owner_ == Owner::bad) return;  // a blank owner after a name that was reported
    if (auto wrong = scan_.sink.add({name_.wire(), type, ttl, rdata_, file_.get(), first.line}))
      throw Problem{first.place(), std::move(*wrong), {}};
  }

  /// Leaves `token` at the type. @return the TTL
  std::uint32_t take_ttl_and_class(const Token& first, Token& token) {
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
        return ttl;
      }
      if (!in_.next(token)) throw Problem{first.place(), "a type and data must follow", {}};
    }
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
      const std::string near = base::nearest_word(
          upper_case(token.text.substr(0, 16)),
          {"A", "AAAA", "CAA", "CNAME", "DNAME", "DS", "HTTPS", "MX", "NS", "PTR", "SOA", "SRV", "SVCB", "TXT"});
      throw Problem{token.place(), in_quotes(token.text) + " is no record type",
                    near.empty() ? std::string() : "did you mean " + near + "?"};
    }
    type_text_ = token.text;
    return type_ = *type;
  }

  // ---- directives

  void directive(const Token& name) {
    if (equal_no_case(name.text, "$TTL")) {
      ttl_ = parse_ttl(value_of(name));
      ttl_fixed_ = true;
    } else if (equal_no_case(name.text, "$ORIGIN")) {
      origin_ = parse_name(value_of(name));
    } else if (equal_no_case(name.text, "$INCLUDE")) {
      return include(name);
    } else if (equal_no_case(name.text, "$GENERATE")) {
      return generate(name);
    } else {
      const std::string near =
          base::nearest_word(upper_case(name.text.substr(0, 16)), {"$GENERATE", "$INCLUDE", "$ORIGIN", "$TTL"});
      throw Problem{name.place(),
                    in_quotes(name.text) + " is not known: the directives are $GENERATE, $INCLUDE, $ORIGIN and $TTL",
                    near.empty() ? std::string() : "did you mean " + near + "?"};
    }
    end_of_directive();
  }

  Token value_of(const Token& directive) {
    Token value;
    if (!in_.next(value)) throw Problem{directive.place(), std::string(directive.text) + " needs a value", {}};
    return value;
  }

  void end_of_directive() {
    if (Token more; in_.next(more)) throw Problem{more.place(), in_quotes(more.text) + " is one word too many", {}};
  }

  void include(const Token& directive) {
    const Token written = value_of(directive);
    dns::Name origin = origin_;
    if (Token token; in_.next(token)) {
      origin = parse_name(token);
      end_of_directive();
    }
    const std::filesystem::path name(unquoted(written.text));
    const auto path = (std::filesystem::path(file_->path).parent_path() / name).lexically_normal();
    const auto refuse = [&](std::string what) { return Problem{written.place(), std::move(what), {}}; };
    if (const auto again = std::ranges::find(scan_.open, path.string()); again != scan_.open.end()) {
      std::string chain;
      for (auto each = again; each != scan_.open.end(); ++each) chain += *each + " includes ";
      throw refuse("this includes without end: " + chain + path.string());
    }
    if (scan_.open.size() >= max_include_depth)
      throw refuse("more than " + std::to_string(max_include_depth) + " files include one another");
    if (++scan_.included > max_included_files)
      throw refuse("more than " + std::to_string(max_included_files) + " files are included");
    const auto file = scan_.sink.open(path.string());
    if (!file) throw refuse(file.error().what);
    Scanner(scan_, *file, std::move(origin), ttl_, ttl_fixed_).run();
  }

  void generate(const Token& directive) {
    const auto more = [&](const char* what) {
      Token token;
      if (!in_.next(token)) throw Problem{directive.place(), std::string("$GENERATE needs ") + what, {}};
      return token;
    };
    const Token range_text = more("a range");
    const auto range = parse_range(range_text.text);
    if (!range)
      throw Problem{range_text.place(), in_quotes(range_text.text) + " is no range", "such as 1-254 or 0-100/10"};
    scan_.generated += range->count();
    if (range->count() > most_generated || scan_.generated > most_generated_in_all)
      throw Problem{range_text.place(),
                    range->count() > most_generated ? "this makes more than 65,536 records"
                                                    : "$GENERATE makes more than 1,048,576 records in all",
                    {}};
    const Token owner = more("an owner");
    Token token = more("a type");
    const std::uint32_t ttl = take_ttl_and_class(directive, token);
    const dns::Rtype type = parse_type(token);
    Place data_place;
    const std::string data = unquoted(in_.rest(data_place));
    for (std::uint64_t number = range->start; number <= range->stop; number += range->step)
      generate_one(owner, ttl, type, data, data_place, static_cast<std::uint32_t>(number));
  }

  void generate_one(const Token& owner, std::uint32_t ttl, dns::Rtype type, const std::string& data, Place data_place,
                    std::uint32_t number) {
    const auto refuse = [&](Place where, const std::string& what) {
      return Problem{where, "for " + std::to_string(number) + ": " + what, {}};
    };
    const auto expanded = [&](std::string_view text, Place where, std::string& out) {
      out.clear();
      if (const auto done = expand_template(text, number, out); !done) throw refuse(where, done.error().what);
    };
    expanded(owner.text, owner.place(), generated_owner_);
    const auto name = dns::Name::parse(generated_owner_, origin_);
    if (!name) throw refuse(owner.place(), in_quotes(generated_owner_) + " is no domain name");
    expanded(data, data_place, generated_data_);
    rdata_.clear();
    if (const auto parsed = dns::parse_rdata(type, generated_data_, origin_, rdata_); !parsed)
      throw refuse(data_place, parsed.error().what);
    if (const auto wrong = scan_.sink.add({name->wire(), type, ttl, rdata_, file_.get(), owner.line}))
      throw refuse(owner.place(), *wrong);
  }

  enum class Owner : std::uint8_t { none, good, bad };

  Scan& scan_;
  const std::shared_ptr<const base::SourceFile> file_;
  MasterLexer in_;

  dns::Name origin_;
  std::uint32_t ttl_;  ///< of a record that says none
  bool ttl_fixed_;     ///< by $TTL
  dns::Name name_;     ///< the owner last written
  Owner owner_ = Owner::none;
  std::string_view type_text_;
  dns::Rtype type_{};
  std::string generated_owner_;
  std::string generated_data_;
  std::vector<std::uint8_t> rdata_;
};

}  // namespace

void scan_master_file(const std::shared_ptr<const base::SourceFile>& file, const dns::Name& origin,
                      std::uint32_t default_ttl, MasterRecordSink& sink, base::ErrorList& errors) {
  Scan scan{sink, errors, 0, false, {}, 0, 0};
  Scanner(scan, file, origin, default_ttl, false).run();
}

}  // namespace gslb::zones
