// zones/master_lexer.hpp: the words of a master file's entries, with their places (RFC 1035 section 5.1).
//
//   text ──next()──► Token ... ──false──► the end of the entry
//
// Parentheses, comments, quotes and escapes are dealt with here; what the words mean is master_file.cpp's. Borrows the
// text. All of it is inline: a million names go through it in a fraction of a second. Private to zones/.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace gslb::zones {

struct Place {
  int line = 0;
  int column = 0;
};

/// What ends the reading of one entry; thrown.
struct Problem {
  Place where;
  std::string what;
  std::string hint;
};

struct Token {
  std::string_view text;  ///< as written, with quotes and escapes
  int line = 0;
  const char* line_start = nullptr;
  Place place() const noexcept { return {line, static_cast<int>(text.data() - line_start) + 1}; }
};

class MasterLexer {
 public:
  explicit MasterLexer(std::string_view text) noexcept : at_(text.data()), end_(at_ + text.size()), line_start_(at_) {}

  bool at_end() const noexcept { return at_ == end_; }
  bool at_blank() const noexcept { return kind_of(*at_) == Kind::blank; }
  int line() const noexcept { return line_; }
  Place here() const noexcept { return {line_, static_cast<int>(at_ - line_start_) + 1}; }

  void begin_entry() noexcept {
    in_entry_ = true;
    depth_ = 0;
  }

  /// The next word of the entry. @return false at its end, which is then passed
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

  /// The rest of the entry as one line: a view into the text where it is one, else put together in the lexer.
  /// @param where  set to where it starts
  std::string_view rest(Place& where) {
    where = here();
    if (!skip_to_token()) return {};
    where = here();
    const char* const start = at_;
    const char* last = at_;  // behind the last octet that is not blank
    while (depth_ == 0) {
      const Kind kind = at_ == end_ ? Kind::newline : kind_of(*at_);
      if (kind == Kind::newline || kind == Kind::comment) {
        skip_to_token();
        return {start, static_cast<std::size_t>(last - start)};
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
    return joined_;
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

 private:
  enum class Kind : std::uint8_t { word, blank, newline, comment, open, close, quote, escape };

  static constexpr std::array<Kind, 256> make_kinds() {
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

  static Kind kind_of(char c) noexcept {
    static constexpr std::array<Kind, 256> kinds = make_kinds();
    return kinds[static_cast<unsigned char>(c)];
  }

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

  const char* at_;
  const char* end_;
  const char* line_start_;
  int line_ = 1;
  int depth_ = 0;  ///< open parentheses
  Place open_;     ///< the outermost of them
  bool in_entry_ = false;
  std::string joined_;
};

}  // namespace gslb::zones
