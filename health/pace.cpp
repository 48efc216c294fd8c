#include "health/pace.hpp"

#include <algorithm>

#include "health/mutation.hpp"

namespace gslb::health {

void Pace::resize(std::size_t sites, std::size_t services) {
  left_.assign(sites, std::nullopt);
  begun_.assign(sites, std::nullopt);
  service_left_.assign(services, std::nullopt);
}

bool Pace::is_first_of(std::span<const std::uint32_t> services, base::SteadyTime since) const noexcept {
  return std::none_of(services.begin(), services.end(),
                      [&](std::uint32_t s) { return service_left_[s] && *service_left_[s] > since; });
}

std::optional<base::SteadyTime> Pace::slot(base::SteadyTime now, std::uint16_t site,
                                           std::span<const std::uint32_t> services,
                                           const PaceSpec& spec) const noexcept {
  if (spec.every.count() == 0 || planted(Mutation::pace_ignored)) return std::nullopt;
  const base::SteadyTime since = now - spec.window;
  if (left_[site] && *left_[site] > since) return std::nullopt;
  std::optional<base::SteadyTime> last;
  for (const auto& left : left_) {
    if (left && *left > since) last = std::max(last.value_or(*left), *left);
  }
  if (!last || is_first_of(services, since)) return std::nullopt;
  return std::max(*last, begun_[site].value_or(now)) + spec.every;
}

void Pace::begin(std::uint16_t site, base::SteadyTime now) noexcept {
  if (!begun_[site]) begun_[site] = now;
}

void Pace::leave(base::SteadyTime now, std::uint16_t site, std::span<const std::uint32_t> services,
                 const PaceSpec& spec) noexcept {
  const base::SteadyTime since = now - spec.window;
  const bool site_left = left_[site] && *left_[site] > since;
  const bool others_left =
      std::any_of(left_.begin(), left_.end(), [&](const auto& left) { return left && *left > since; });
  // The first endpoint of a service does not open the way for all others of its site.
  const bool for_the_service = !site_left && others_left && is_first_of(services, since);
  if (!site_left && !for_the_service) left_[site] = now;
  for (const std::uint32_t s : services) service_left_[s] = now;
}

void Pace::learn(std::uint16_t site, base::SteadyTime when) noexcept {
  if (!left_[site] || *left_[site] < when) left_[site] = when;
}

}  // namespace gslb::health
