#include "engine/ordered.hpp"

#include <algorithm>
#include <utility>

#include "health/ramp.hpp"

namespace gslb::engine {

namespace {

void look_again(std::optional<base::SteadyTime>& next, base::SteadyTime when) {
  next = std::min(next.value_or(when), when);
}

class Resolver {
 public:
  Resolver(const std::vector<health::Order>& orders, base::WallTime wall, base::SteadyTime now)
      : orders_(orders), wall_(wall), now_(now) {}

  Ordered of(const std::string& service, const std::string& site, const std::string& address) const {
    Ordered out;
    if (const health::Order* order = health::effective(orders_, service, site, address)) {
      out.kind = order->kind;
      out.held_up = !std::ranges::binary_search(order->not_up, health::held_key(service, address));
    }
    for (const health::Order& order : orders_) {
      const bool took_out = order.kind == health::OrderKind::drain || order.kind == health::OrderKind::down;
      if (!order.ended || !took_out || !order.scope.holds(service, site, address)) continue;
      const base::SteadyTime ended = now_ - std::max(base::Duration{}, wall_ - *order.ended);
      out.back = std::max(out.back.value_or(ended), ended);
    }
    return out;
  }

 private:
  const std::vector<health::Order>& orders_;
  base::WallTime wall_;
  base::SteadyTime now_;
};

bool says_something(const Ordered& ordered) { return ordered.kind || ordered.back; }

}  // namespace

void Ordered::apply(policy::EndpointState& state, base::Duration settle, base::Duration slowstart, base::SteadyTime now,
                    std::optional<base::SteadyTime>& next) {
  const bool judged_up = state.verdict == health::Verdict::up;
  if (kind == health::OrderKind::hold) {
    state.verdict = held_up ? health::Verdict::up : health::Verdict::down;
    if (!judged_up) state.ramp = 1000;
  } else if (kind) {
    state.ordered = kind;
    state.ramp = 1000;
  }
  if (kind) {
    state.in_motion = false;
    state.until_change = {};
    return;
  }
  if (!back) return;
  if (!judged_up) {  // it comes back as all do that were down
    back.reset();
    return;
  }
  base::SteadyTime settled = *back + settle;
  if (now < settled) {
    if (state.in_motion) settled = (back = now).value() + settle;
    state.ordered = health::OrderKind::drain;
    state.in_motion = true;
    state.until_change = settled - now;
    state.ramp = 1000;
    return look_again(next, settled);
  }
  const health::RampShare ramp = health::ramp(now, settled, slowstart);
  state.ramp = std::min(state.ramp, static_cast<std::uint16_t>(ramp.share));
  if (ramp.next_change) look_again(next, *ramp.next_change);
}

OrderedEndpoints::OrderedEndpoints(const Snapshot& snapshot, const std::vector<health::Order>& orders,
                                   base::WallTime wall, base::SteadyTime now) {
  if (orders.empty()) return;
  const Resolver resolver(orders, wall, now);
  of_service_.resize(snapshot.services.size());
  for (std::size_t s = 0; s < snapshot.services.size(); ++s) {
    const policy::Service& service = snapshot.services[s].service;
    std::array<std::vector<Ordered>, 2> found;
    bool any = false;
    for (std::size_t f = 0; f < 2; ++f) {
      found[f].resize(service.endpoints.size());
      for (std::size_t e = 0; e < service.endpoints.size(); ++e) {
        const policy::Endpoint& endpoint = service.endpoints[e];
        const auto& address = endpoint.address(static_cast<base::Family>(f));
        if (endpoint.inner != policy::Endpoint::no_inner || (!address && endpoint.host.empty())) continue;
        found[f][e] = resolver.of(service.name, snapshot.sites[endpoint.site.value].name,
                                  address ? base::to_string(*address) : endpoint.host);
        any = any || says_something(found[f][e]);
      }
    }
    if (any) of_service_[s] = std::move(found);
  }
  for (const OtherTarget& other : snapshot.other_targets) {
    const policy::Service& service = snapshot.services[other.service].service;
    of_others_.push_back(resolver.of(service.name, snapshot.sites[service.endpoints[other.endpoint].site.value].name,
                                     base::to_string(other.address)));
  }
}

Ordered* OrderedEndpoints::find(std::size_t service, std::size_t family, std::size_t endpoint) noexcept {
  if (service >= of_service_.size() || of_service_[service][family].empty()) return nullptr;
  Ordered& found = of_service_[service][family][endpoint];
  return says_something(found) ? &found : nullptr;
}

Ordered* OrderedEndpoints::find_other(std::size_t place) noexcept {
  return place < of_others_.size() && says_something(of_others_[place]) ? &of_others_[place] : nullptr;
}

}  // namespace gslb::engine
