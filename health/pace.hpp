// health/pace.hpp: how quickly sites may leave. Pure.
//
//   within `window`:   first site ─► at once      first endpoint of a service ─► at once
//                      each further site ─► `every` after it was judged down and the last one left, and judged anew
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "health/guard_spec.hpp"

namespace gslb::health {

class Pace {
 public:
  void resize(std::size_t sites, std::size_t services);

  /// When a target may leave that has to wait, be that past or not; none: it need not. Its site is noted with begin()
  /// meanwhile.
  std::optional<base::SteadyTime> slot(base::SteadyTime now, std::uint16_t site,
                                       std::span<const std::uint32_t> services, const PaceSpec& spec) const noexcept;
  /// A target of the site is judged down and waits, or is about to leave.
  void begin(std::uint16_t site, base::SteadyTime now) noexcept;
  /// None of the targets of the site waits any more.
  void settle(std::uint16_t site) noexcept { begun_[site].reset(); }
  /// A target leaves.
  void leave(base::SteadyTime now, std::uint16_t site, std::span<const std::uint32_t> services,
             const PaceSpec& spec) noexcept;

  /// When the site left, as far as it is known.
  std::optional<base::SteadyTime> left(std::uint16_t site) const noexcept { return left_[site]; }
  /// Another server says so. What is known here already stays.
  void learn(std::uint16_t site, base::SteadyTime when) noexcept;

 private:
  bool is_first_of(std::span<const std::uint32_t> services, base::SteadyTime since) const noexcept;

  std::vector<std::optional<base::SteadyTime>> left_;          ///< for each site
  std::vector<std::optional<base::SteadyTime>> begun_;         ///< for each site: since when one of its targets waits
  std::vector<std::optional<base::SteadyTime>> service_left_;  ///< for each service: when an endpoint last left
};

}  // namespace gslb::health
