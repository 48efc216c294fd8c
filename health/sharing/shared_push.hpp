// health/sharing/shared_push.hpp: what a service pushed to one name server, as that tells the others. Pure.
//
//   status=warn targets=12,7 note=disk 91 % full
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "health/push.hpp"

namespace gslb::health {

struct SharedPush {
  std::vector<std::uint64_t> targets;  ///< Target::id(); 1 to `most_pushed`
  Push push;
  friend bool operator==(const SharedPush&, const SharedPush&) = default;
};

inline constexpr std::size_t most_pushed = 1000;

std::string to_text(const SharedPush& push);
/// Fails if it is of another form.
[[nodiscard]] base::Result<SharedPush> parse_shared_push(std::string_view text);

}  // namespace gslb::health
