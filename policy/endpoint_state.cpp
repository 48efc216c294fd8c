#include "policy/endpoint_state.hpp"

#include <algorithm>

namespace gslb::policy {

bool taken_out(const EndpointState& state) noexcept {
  return state.ordered == health::OrderKind::drain || state.ordered == health::OrderKind::down;
}

bool is_up(const EndpointState& state) noexcept {
  if (state.ordered) return state.ordered == health::OrderKind::up;
  return state.verdict == health::Verdict::up && state.feed > 0;
}

double effective_weight(const Endpoint& endpoint, const EndpointState& state) noexcept {
  if (!is_up(state)) return 0;
  return std::max(endpoint.weight, 1U) * (state.ramp / 1000.0) * (state.grade / 1000.0) *
         (state.feed > 0 ? state.feed / 1000.0 : 1);
}

EndpointState better(const Endpoint& endpoint, const EndpointState& a, const EndpointState& b) noexcept {
  const double one = effective_weight(endpoint, a);
  const double two = effective_weight(endpoint, b);
  const bool first = one != two ? one > two : !taken_out(a) || taken_out(b);
  EndpointState out = first ? a : b;
  const EndpointState& other = first ? b : a;
  if (other.in_motion)
    out.until_change = out.in_motion ? std::min(out.until_change, other.until_change) : other.until_change;
  out.in_motion = out.in_motion || other.in_motion;
  return out;
}

EndpointState whole_state(const Endpoint& endpoint, const EndpointState& v4, const EndpointState& v6) noexcept {
  if (endpoint.v4 && endpoint.v6) return better(endpoint, v4, v6);
  return endpoint.v6 ? v6 : v4;
}

std::vector<EndpointState> states_under(Aspect aspect, const Service& service, const ServiceStates& states) {
  if (aspect != Aspect::whole()) return states[aspect.index()];
  std::vector<EndpointState> out;
  for (std::size_t e = 0; e < service.endpoints.size(); ++e)
    out.push_back(whole_state(service.endpoints[e], states[0][e], states[1][e]));
  return out;
}

}  // namespace gslb::policy
