// health/witness.hpp: whether a vantage sees the world, or only that it is cut off from it. Pure.
//
// A vantage is cut off if every target outside its own site is down to it, these are at two sites or more, and none of
// its references answers. Any of the three alone proves nothing against it.
#pragma once

#include <optional>

#include "base/clock.hpp"

namespace gslb::health {

/// What a vantage saw of all targets that are not at its own site.
struct Outlook {
  bool sees_one = false;   ///< one of them is up
  bool two_sites = false;  ///< those that are down are at two sites or more
  unsigned references = 0;
  unsigned references_up = 0;
  /// @param alone  there is no other vantage: then only references that were given can prove anything
  bool cut_off(bool alone) const noexcept {
    if (sees_one || !two_sites) return false;
    return references == 0 ? !alone : references_up == 0;
  }
};

/// Of one vantage, over time.
class Witness {
 public:
  void step(base::SteadyTime now, bool cut_off) noexcept {
    cut_off_ = cut_off;
    if (cut_off) last_ = now;
  }
  bool cut_off() const noexcept { return cut_off_; }
  /// When it is believed again though it says down; none: it is.
  std::optional<base::SteadyTime> believed_at(base::SteadyTime now, base::Duration hold) const noexcept {
    if (!last_ || now - *last_ >= hold) return std::nullopt;
    return *last_ + hold;
  }

 private:
  bool cut_off_ = false;
  std::optional<base::SteadyTime> last_;  ///< when it last was cut off
};

}  // namespace gslb::health
