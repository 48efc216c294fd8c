// health/pattern.hpp: a regular expression that hostile text cannot make slow: RE2, whose time is linear in the text.
//
// Immutable; any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace gslb::health {

class Pattern {
 public:
  /// Compiles RE2's syntax (https://github.com/google/re2/wiki/Syntax): Perl's without back references and look-around.
  /// @return the pattern, or what is wrong with it: "missing ): a(b"
  [[nodiscard]] static base::Result<std::shared_ptr<const Pattern>> compile(const std::string& text);
  ~Pattern();
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;

  /// As it was written.
  const std::string& text() const noexcept { return text_; }
  /// Whether it matches anywhere in `subject`, which may be any octets.
  bool found_in(std::string_view subject) const;

 private:
  struct Impl;
  Pattern(std::string text, std::unique_ptr<Impl> impl);
  std::string text_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gslb::health
