#include "control/agent.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "control/endpoint_use.hpp"
#include "control/service_names.hpp"

namespace gslb::control {

namespace {

struct Asked {
  bool local = false;
  std::string service, site, address;
};

Asked read(std::string_view line) {
  constexpr std::string_view local = "local ";
  Asked out;
  out.local = line.starts_with(local);
  if (out.local) line.remove_prefix(local.size());
  const auto next = [&line] {
    const std::size_t end = std::min(line.find('/'), line.size());
    std::string part(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
    return part;
  };
  out.service = canonical(next());
  out.site = next();
  out.address = next();
  return out;
}

std::string remark(const std::string& text) { return "# " + base::printable(text) + "\n"; }

/// Since when people keep new answers away from an endpoint, and how long old ones live; nothing if they do not.
const OrderView* draining(const std::vector<OrderView>& orders, const ServiceView& service,
                          const EndpointView& endpoint) {
  const OrderView* first = nullptr;
  for (const OrderView& one : orders) {
    const health::Order& order = one.order;
    if (order.kind != health::OrderKind::drain || order.ended) continue;
    if (!order.scope.holds(service.name, endpoint.site, endpoint.address)) continue;
    if (first == nullptr || order.given < first->order.given) first = &one;
  }
  return first;
}

std::string of_own_servers(const ServiceView& service, const std::vector<const EndpointView*>& endpoints,
                           const std::vector<OrderView>& orders, base::WallTime now) {
  // Where all that exists is drained, it answers all the same: its clients go on coming.
  if (service.worst == policy::Mode::last_resort || service.worst == policy::Mode::fail_open) return "ready\n";
  base::Duration left{};
  for (const EndpointView* endpoint : endpoints) {
    const OrderView* order = endpoint->ordered == "drain" ? draining(orders, service, *endpoint) : nullptr;
    if (order == nullptr) return "ready\n";
    left = std::max<base::Duration>(left, order->order.given + order->ttl + resolver_tail - now);
  }
  if (left <= base::Duration{}) return "drain\n";
  return "ready # drain in " + base::human_duration(left) + ", when clients have stopped coming\n";
}

std::string of_other_site(const ServiceView& service, const std::vector<const EndpointView*>& endpoints) {
  double weight = 0, configured = 0;
  bool drained = true, known = false;
  bool up = false;
  for (const EndpointView* endpoint : endpoints) {
    weight += std::max(0.0, endpoint->weight);
    configured += std::max(0.0, endpoint->configured);
    drained = drained && endpoint->ordered == "drain";
    known = known || !endpoint->ordered.empty() || endpoint->state.verdict != health::Verdict::unknown;
    up = up || counts_as_up(*endpoint);
  }
  if (drained) return "drain\n";
  if (!known) return remark("no verdict yet");
  if (service.worst == policy::Mode::fail_open) return "ready up 100% # fail-open\n";
  if (up) return "ready up " + std::to_string(percent_of(weight, configured)) + "%\n";
  const EndpointView& broken = *endpoints.back();
  return "ready down #" + base::printable(broken.why.empty() ? broken.state.reason : broken.why) + "\n";
}

}  // namespace

std::string agent_answer(std::string_view line, const std::vector<ServiceView>& services,
                         const std::vector<OrderView>& orders, base::WallTime now) {
  const Asked asked = read(line);
  if (asked.service.empty()) return remark("agent-send \"SERVICE/SITE\\n\" says what is asked for");
  const std::vector<ServiceView> found = meant(services, asked.service);
  if (found.empty()) return remark("no service is named " + asked.service);
  if (found.size() > 1) return remark("several services are named " + asked.service);
  std::vector<const EndpointView*> endpoints;
  for (const EndpointView& endpoint : found[0].endpoints) {
    if (!asked.site.empty() && endpoint.site != asked.site) continue;
    if (asked.address.empty() || endpoint.address == asked.address) endpoints.push_back(&endpoint);
  }
  if (endpoints.empty()) return remark(asked.service + " has no endpoint there");
  return asked.local ? of_own_servers(found[0], endpoints, orders, now) : of_other_site(found[0], endpoints);
}

}  // namespace gslb::control
