// policy/endpoint_state.hpp: what is known of an address of an endpoint while a plan is made.
//
// Pure. Threads: any.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "health/order_kind.hpp"
#include "health/target.hpp"
#include "policy/load.hpp"
#include "policy/service.hpp"

namespace gslb::policy {

struct EndpointState {
  health::Verdict verdict = health::Verdict::up;
  bool in_motion = false;
  base::Duration until_change{};  ///< if in motion: the earliest change of the verdict
  std::uint16_t ramp = 1000;      ///< slow start, in thousandths
  std::uint16_t grade = 1000;     ///< what its speed and its failures leave of its weight, in thousandths
  std::uint16_t feed = 1000;      ///< what its site's feeds leave of its weight, in thousandths; 0: they drain it
  bool held = false;              ///< clients have not come back to its tier yet (`failback`)
  std::optional<SiteLoad> load;   ///< of its site; nothing: it is not measured
  /// What people ordered, but for `hold`: it wins over the verdict, which stays what was judged.
  std::optional<health::OrderKind> ordered;
  bool operator==(const EndpointState&) const = default;
};

/// People took it out: drained, or forced down.
bool taken_out(const EndpointState& state) noexcept;
/// It may be answered: judged up, and neither taken out nor drained by a feed; or forced up.
bool is_up(const EndpointState& state) noexcept;

/// For each endpoint, of each family; entries without an address are not read.
using ServiceStates = std::array<std::vector<EndpointState>, 2>;

/// What is known of an endpoint that has two addresses: the better of them, so that it is there while either is.
EndpointState better(const Endpoint& endpoint, const EndpointState& a, const EndpointState& b) noexcept;
/// What is known of an endpoint as a whole.
EndpointState whole_state(const Endpoint& endpoint, const EndpointState& v4, const EndpointState& v6) noexcept;
/// Of each endpoint.
std::vector<EndpointState> states_under(Aspect aspect, const Service& service, const ServiceStates& states);

/// The effective weight of an endpoint: configured (1 where that is 0) × slow start × grade × feeds, or 0 unless
/// is_up().
double effective_weight(const Endpoint& endpoint, const EndpointState& state) noexcept;

}  // namespace gslb::policy
