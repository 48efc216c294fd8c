// dns/text_scanner.hpp: the fields of record data in presentation form (RFC 1035 section 5.1), one after the other.
//
// Reads one line without comments and parentheses. The first failure sticks and says what is wrong; code reads straight
// through and asks once. Borrows the text. Private to dns/.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/result.hpp"
#include "dns/name.hpp"

namespace gslb::dns {

class TextScanner {
 public:
  TextScanner(std::string_view text, const Name& origin) : rest_(text), origin_(origin) { skip_blanks(); }

  bool at_end() const noexcept { return rest_.empty(); }
  /// The next field as written, with quotes and escapes; `what` names it in errors.
  std::string_view field(const char* what);

  /// Passes over the next field if it is `text`, to the letter.
  bool skip_field(std::string_view text);

  /// The next field as ... , appended to `out` in wire form.
  void name(std::vector<std::uint8_t>& out, const char* what);
  void address(base::Family family, std::vector<std::uint8_t>& out);
  void u16(std::vector<std::uint8_t>& out, const char* what);
  void u32(std::vector<std::uint8_t>& out, const char* what);
  /// Seconds, or a time like "1h30m" (units w d h m s).
  void period(std::vector<std::uint8_t>& out, const char* what);
  /// A <character-string>: quoted or not, at most 255 octets.
  void character_string(std::vector<std::uint8_t>& out);

  /// A failure unless all text was read.
  base::Result<void> finish();
  void fail(std::string what);
  bool failed() const noexcept { return !error_.empty(); }

 private:
  void skip_blanks() noexcept;
  std::uint64_t number(const char* what, std::uint64_t most);

  std::string_view rest_;
  const Name& origin_;
  std::string error_;
};

}  // namespace gslb::dns
