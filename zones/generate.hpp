// zones/generate.hpp: the range and the templates of $GENERATE, as BIND defines them. Private to zones/.
//
//   $GENERATE 1-254 host-$ A 192.0.2.$          range, owner, [TTL] [class] type, data
//   $GENERATE 0-30/2 ${0,3} CNAME ${1,3,x}.lab  ${offset,width,base}: d o x X; n N: nibbles, lowest first
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace gslb::zones {

inline constexpr std::uint32_t most_generated = 65536;           ///< records of one $GENERATE
inline constexpr std::uint32_t most_generated_in_all = 1 << 20;  ///< records of all in a file and what it includes

struct GenerateRange {
  std::uint32_t start = 0;
  std::uint32_t stop = 0;  ///< included
  std::uint32_t step = 1;
  std::uint64_t count() const noexcept { return (std::uint64_t{stop} - start) / step + 1; }
};

/// "start-stop" or "start-stop/step", numbers to 2^31-1.
[[nodiscard]] std::optional<GenerateRange> parse_range(std::string_view text);

/// `text` with each $ and ${offset,width,base} replaced by the number; \$ stays as it is, $$ is a \$. Appended to
/// `out`.
[[nodiscard]] base::Result<void> expand_template(std::string_view text, std::uint32_t number, std::string& out);

}  // namespace gslb::zones
