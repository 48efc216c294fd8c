#include "server/views.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "engine/fed.hpp"
#include "engine/target_states.hpp"
#include "health/ramp.hpp"

namespace gslb::server {

namespace {

std::string why_of(const policy::Service& service, const health::TargetState& state, const policy::EndpointState& input,
                   const health::Order* order) {
  if (order != nullptr) {
    const std::string held = input.verdict == health::Verdict::up ? " (counts as up)" : " (counts as down)";
    return health::describe(*order, base::wall_now()) + (order->kind == health::OrderKind::hold ? held : "");
  }
  if (policy::taken_out(input)) return "comes back after an order: up for `rise` intervals first";
  if (service.observe && state.verdict == health::Verdict::down)
    return "down: " + state.reason + "; observed only, answered all the same";
  const std::uint16_t ramp = input.ramp;
  const bool held = input.held;
  switch (state.verdict) {
    case health::Verdict::down:
      return "down: " + state.reason;
    case health::Verdict::unknown:
      return "no probe has passed yet";
    case health::Verdict::up:
      break;
  }
  if (held) return "up, but `failback` holds its tier back";
  if (ramp < 1000) {
    if (!state.returned_at) return "slowstart after an order, " + std::to_string(ramp / 10) + " % of its weight";
    const auto left = *state.returned_at + service.slowstart - base::steady_now();
    return "slowstart, full in " + base::human_duration(std::max(left, base::Duration{}));
  }
  if (state.restored) return "verdict from before the restart, not confirmed yet";
  if (state.in_motion) return std::to_string(state.streak) + " against: " + state.reason;
  return {};
}

/// @param address  one of the endpoint's, and its target
control::EndpointView view_endpoint(const HealthView& health, const engine::TargetStates& states, std::size_t s,
                                    std::size_t e, const base::IpAddress& address, std::uint32_t target) {
  const engine::Snapshot& snapshot = *health.generation->snapshot;
  const policy::Service& service = snapshot.services[s].service;
  const policy::Endpoint& endpoint = service.endpoints[e];
  const auto f = static_cast<std::size_t>(address.family);
  const policy::EndpointState& input = health.inputs[s][f][e];
  control::EndpointView view;
  view.address = base::to_string(address);
  view.site = snapshot.sites[endpoint.site.value].name;
  view.configured = endpoint.weight;
  view.weight = endpoint.weight == 0 ? 0 : policy::effective_weight(endpoint, input);
  view.probed = target != engine::not_probed;
  const health::Order* order = health::effective(health.orders, service.name, view.site, view.address);
  if (order != nullptr) view.ordered = health::to_string(order->kind);
  if (view.probed) {
    view.state = states[target];
  } else {
    view.state.verdict = health::Verdict::up;
    view.state.reason = "not probed";
    view.state.since = snapshot.loaded;
  }
  view.why = why_of(service, view.state, input, order);
  if (!endpoint.host.empty()) view.why = "of " + endpoint.host + (view.why.empty() ? "" : ": " + view.why);
  return view;
}

/// A host that nobody has said any address of.
control::EndpointView view_unresolved(const HealthView& health, std::size_t s, std::size_t e) {
  const engine::Snapshot& snapshot = *health.generation->snapshot;
  const policy::Endpoint& endpoint = snapshot.services[s].service.endpoints[e];
  control::EndpointView view;
  view.address = endpoint.host;
  view.site = snapshot.sites[endpoint.site.value].name;
  view.configured = endpoint.weight;
  view.state.since = snapshot.loaded;
  view.why = "no resolver has said its addresses yet";
  return view;
}

std::string mode_text(policy::Mode mode) {
  switch (mode) {
    case policy::Mode::normal:
      return "serving normally";
    case policy::Mode::fail_open:
      return "fail-open: too little is up, answering as if all were";
    case policy::Mode::last_resort:
      return "last resort: for some clients all that exists is drained or forced down, and answers all the same";
    case policy::Mode::fenced:
      return "serving normally; clients outside every fence get the fallback or SERVFAIL";
    case policy::Mode::nothing:
      return "no member to answer with for some clients: fallback or SERVFAIL";
  }
  return {};
}

/// "IPv4: clients kept from tier 1 for 12 s; up again for 3 s, back in 597 s (failback: after)"
std::string held_text(const policy::Service& service, const std::array<policy::Latch, 2>& latches) {
  const base::SteadyTime now = base::steady_now();
  std::string out;
  for (std::size_t f = 0; f < 2; ++f) {
    const policy::Latch& latch = latches[f];
    if (latch.floor == 0) continue;
    if (service.alias && f == 1) continue;  // one answer for both
    const std::string family = service.alias ? "" : f == 0 ? "IPv4: " : "IPv6: ";
    out += (out.empty() ? "" : "; ") + family + "clients left for tier " + std::to_string(latch.floor + 1) + " " +
           base::human_duration(now - latch.since) + " ago";
    if (!latch.back) continue;
    out += ", a better one is up for " + base::human_duration(now - *latch.back);
    out += service.failback.mode == policy::Failback::Mode::manual
               ? ": gslbctl failback lets them go back"
               : ": back in " + base::human_duration(std::max(
                                    base::Duration{}, base::Duration(*latch.back + service.failback.wait - now)));
  }
  return out;
}

}  // namespace

std::vector<control::ServiceView> view_services(const HealthView& health) {
  std::vector<control::ServiceView> out;
  const engine::Snapshot& snapshot = *health.generation->snapshot;
  const engine::TargetStates states(snapshot, health.states);
  for (std::size_t s = 0; s < snapshot.services.size(); ++s) {
    const policy::Service& service = snapshot.services[s].service;
    control::ServiceView view;
    view.name = service.name;
    view.policy = service.policy_name;
    view.worst = health.generation->plans[s]->worst;
    view.mode = service.reflect != policy::Reflect::nothing ? "reflects who asks" : mode_text(view.worst);
    view.held = held_text(service, health.latches[s]);
    for (std::size_t e = 0; e < service.endpoints.size(); ++e) {
      const policy::Endpoint& endpoint = service.endpoints[e];
      for (const auto family : {base::Family::v4, base::Family::v6}) {
        const std::uint32_t target = snapshot.target_of[s][static_cast<std::size_t>(family)][e];
        if (const auto& address = endpoint.address(family))
          view.endpoints.push_back(view_endpoint(health, states, s, e, *address, target));
      }
      if (!endpoint.host.empty() && !endpoint.has(policy::Aspect::whole()))
        view.endpoints.push_back(view_unresolved(health, s, e));
    }
    out.push_back(std::move(view));
  }
  for (const engine::OtherTarget& other : snapshot.other_targets) {
    out[other.service].endpoints.push_back(
        view_endpoint(health, states, other.service, other.endpoint, other.address, other.target));
  }
  return out;
}

std::vector<control::SiteView> view_sites(const HealthView& health,
                                          const std::vector<const engine::Counters*>& counters) {
  const engine::Snapshot& snapshot = *health.generation->snapshot;
  const engine::TargetStates states(snapshot, health.states);
  std::vector<control::SiteView> out(snapshot.sites.size());
  std::vector<std::vector<std::uint32_t>> targets(out.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i].name = snapshot.sites[i].name;
    for (const engine::Counters* counter : counters)
      out[i].answers += counter->site_answers[snapshot.site_counter[i]].read();
  }
  for (std::size_t s = 0; s < snapshot.services.size(); ++s) {
    for (std::size_t f = 0; f < 2; ++f) {
      for (std::size_t e = 0; e < snapshot.target_of[s][f].size(); ++e) {
        const policy::Endpoint& endpoint = snapshot.services[s].service.endpoints[e];
        if (!endpoint.address(static_cast<base::Family>(f))) continue;
        auto& of_site = targets[endpoint.site.value];
        const std::uint32_t target = snapshot.target_of[s][f][e];
        if (target == engine::not_probed) {
          ++out[endpoint.site.value].endpoints;
          ++out[endpoint.site.value].up;
        } else if (std::find(of_site.begin(), of_site.end(), target) == of_site.end()) {
          of_site.push_back(target);
        }
      }
    }
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::vector<base::Duration> latencies;
    for (const std::uint32_t target : targets[i]) {
      const health::TargetState& state = states[target];
      ++out[i].endpoints;
      out[i].up += state.verdict == health::Verdict::up ? 1 : 0;
      if (state.since >= out[i].since) {
        out[i].since = state.since;
        out[i].checks = state.reason;
      }
      if (state.verdict == health::Verdict::up) latencies.push_back(state.latency);
    }
    if (targets[i].empty()) out[i].checks = out[i].endpoints > 0 ? "not probed" : "no endpoints";
    if (latencies.empty()) continue;
    const auto middle = latencies.begin() + static_cast<std::ptrdiff_t>(latencies.size() / 2);
    std::nth_element(latencies.begin(), middle, latencies.end());
    out[i].latency = *middle;
  }
  return out;
}

control::StatusView view_status(const HealthView& health, const std::vector<const engine::Counters*>& counters) {
  const engine::Snapshot& snapshot = *health.generation->snapshot;
  const auto count = [&](auto matches) {
    return static_cast<unsigned>(std::count_if(health.states.begin(), health.states.end(), matches));
  };
  control::StatusView out;
  out.configuration = snapshot.configuration;
  out.plan = health.generation->epoch;
  out.loaded = snapshot.loaded;
  for (const auto& zone : snapshot.signatures) {
    if (zone == nullptr) continue;
    const base::WallTime end{std::chrono::seconds(zone->first_expiration())};
    out.signatures_end = out.signed_zones == 0 ? end : std::min(out.signatures_end, end);
    ++out.signed_zones;
  }
  out.zones = static_cast<unsigned>(snapshot.zones.all().size());
  out.services = static_cast<unsigned>(snapshot.services.size());
  out.targets = static_cast<unsigned>(health.states.size());
  out.targets_up = count([](const health::TargetState& s) { return s.verdict == health::Verdict::up; });
  const unsigned judged = count([](const health::TargetState& s) { return s.verdict != health::Verdict::unknown; });
  out.not_ready_reason = health.all_judged ? "waiting for the zones' other name servers and parents: their keys"
                                           : "waiting for the first verdicts: " + std::to_string(judged) + " of " +
                                                 std::to_string(out.targets) + " targets";
  out.sites = view_sites(health, counters);
  return out;
}

namespace {

/// Something that the feed is about works, whatever the feed says.
bool works(const HealthView& health, std::size_t feed) {
  const engine::Snapshot& snapshot = *health.generation->snapshot;
  for (std::size_t s = 0; s < snapshot.services.size(); ++s) {
    for (std::size_t e = 0; e < snapshot.services[s].service.endpoints.size(); ++e) {
      const auto feeds = engine::feeds_of(snapshot, s, e);
      if (std::ranges::find(feeds, feed) == feeds.end()) continue;
      const policy::Endpoint& endpoint = snapshot.services[s].service.endpoints[e];
      if (policy::is_up(policy::whole_state(endpoint, health.inputs[s][0][e], health.inputs[s][1][e]))) return true;
    }
  }
  return false;
}

void add_own(const health::FeedState& read, control::FeedView& out) {
  out.here = true;
  out.asked = read.asked;
  out.failed = read.failed;
  out.problem = read.problem;
  if (!read.read) return;
  out.members = read.reading.members;
  out.usable = read.reading.usable;
  out.connections = read.reading.connections;
  out.connection_limit = read.reading.connection_limit;
  out.queue = read.reading.queue;
  out.rate = read.reading.rate;
  out.errors = read.reading.errors;
  out.response_time = read.reading.response_time.value_or(base::Duration{});
  for (const health::Member& member : read.members) {
    if (member.draining) {
      out.broken.push_back(member.name + " (draining)");
    } else if (!member.up) {
      out.broken.push_back(member.name);
    }
  }
}

}  // namespace

std::vector<control::FeedView> view_feeds(const HealthView& health, const std::vector<health::FeedState>& read) {
  std::vector<control::FeedView> out;
  const engine::Snapshot& snapshot = *health.generation->snapshot;
  for (std::size_t f = 0; f < snapshot.feeds.size(); ++f) {
    const health::FeedSpec& spec = snapshot.feeds[f];
    const health::FeedEffect& effect = health.feeds[f];
    control::FeedView& view = out.emplace_back();
    view.name = spec.name;
    view.site = spec.site;
    view.kind = to_string(spec.kind);
    view.known = effect.known;
    view.says = effect.drained ? "draining" : effect.disagrees ? "failing" : effect.serving ? "serving" : "unknown";
    view.share = effect.drained ? 0 : effect.share / 1000.0;
    if (effect.utilization > 0) view.utilization = effect.utilization / 100.0;
    view.age = effect.age;
    view.disagrees = effect.disagrees && works(health, f);
    const auto own = std::ranges::find(read, spec.name, [](const health::FeedState& s) { return s.spec.name; });
    if (own != read.end()) add_own(*own, view);
  }
  return out;
}

}  // namespace gslb::server
