// base/source.hpp: where in the operator's files something was written, and what is wrong with it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gslb::base {

/// A text file that was read whole; errors quote its lines.
struct SourceFile {
  std::string path;
  std::string text;
  /// Line `number` (counted from 1) without its end; empty beyond the last.
  std::string_view line(int number) const;
};

/// Lines and columns count from 1; line 0 means the whole file, a null file means "no file" (built in, command line).
struct SourcePosition {
  std::shared_ptr<const SourceFile> file;
  int line = 0;
  int column = 0;
};

/// A value and where it was written.
template <class T>
struct Sourced {
  T value{};
  SourcePosition where;
};

struct ConfigError {
  SourcePosition where;
  std::string path;  ///< "services.www.endpoints[1].site"; may be empty
  std::string what;  ///< "no site is named \"fraa\""
  std::string hint;  ///< stands behind the caret: "did you mean \"fra\"?"; may be empty
};

/// Collects errors so that all of them are reported together; and warnings, which refuse nothing.
class ErrorList {
 public:
  void add(SourcePosition where, std::string path, std::string what, std::string hint = {});
  void warn(SourcePosition where, std::string path, std::string what, std::string hint = {});
  bool empty() const noexcept { return errors_.empty(); }  ///< of errors
  const std::vector<ConfigError>& all() const noexcept { return errors_; }
  const std::vector<ConfigError>& warnings() const noexcept { return warnings_; }

 private:
  std::vector<ConfigError> errors_;
  std::vector<ConfigError> warnings_;
};

/// "file:line:column: path: what", the line, and a caret with the hint.
std::string to_string(const ConfigError& error);

/// "file:line:column: path: what": one line, for a log.
std::string headline(const ConfigError& error);

/// The member of `candidates` nearest to `word` by edit distance (swaps count one), if near enough to be meant; else
/// "".
std::string nearest_word(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace gslb::base
