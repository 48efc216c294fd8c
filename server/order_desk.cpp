#include "server/order_desk.hpp"

#include <algorithm>
#include <set>

#include "engine/order_reach.hpp"

namespace gslb::server {

namespace asio = boost::asio;

namespace {

control::OrderOutcome refused(unsigned status, std::string what, std::string hint = {}) {
  control::OrderOutcome out;
  out.refused = status;
  out.what = std::move(what);
  out.hint = std::move(hint);
  return out;
}

bool takes_out(health::OrderKind kind) { return kind == health::OrderKind::drain || kind == health::OrderKind::down; }

/// Whether some service of those that are meant has a latch to be released.
bool keeps_clients_away(const engine::Snapshot& snapshot, const health::OrderScope& scope) {
  return std::ranges::any_of(snapshot.services, [&](const zones::SteeredName& name) {
    return name.service.failback.mode != policy::Failback::Mode::automatic && scope.holds(name.service.name, "", "");
  });
}

/// The sites of what was reached, if all that is there is in it; else none: what they do is also for others.
std::set<std::uint16_t> whole_sites(const engine::Snapshot& snapshot, const std::vector<engine::Reached>& reached) {
  const auto site_of = [&](const engine::Reached& one) {
    return snapshot.services[one.service].service.endpoints[one.endpoint].site.value;
  };
  std::set<std::uint16_t> sites;
  for (const engine::Reached& one : reached) sites.insert(site_of(one));
  const std::vector<engine::Reached> all = engine::reached_by(snapshot, {});
  const auto there =
      std::ranges::count_if(all, [&](const engine::Reached& one) { return sites.contains(site_of(one)); });
  return there == static_cast<std::ptrdiff_t>(reached.size()) ? sites : std::set<std::uint16_t>{};
}

std::uint64_t answers_of(const engine::Snapshot& snapshot, const std::set<std::uint16_t>& sites,
                         const Workers& workers) {
  std::uint64_t out = 0;
  for (const std::uint16_t site : sites) {
    for (const engine::Counters* counters : workers.counters())
      out += counters->site_answers[snapshot.site_counter[site]].read();
  }
  return out;
}

}  // namespace

OrderDesk::OrderDesk(asio::io_context& control, HealthService& health, const Workers& workers, OrderKeeper::Tell tell)
    : health_(health),
      workers_(workers),
      keeper_(
          control, [this](const std::vector<health::Order>& orders) { health_.obey(orders); }, std::move(tell)) {}

control::OrderView OrderDesk::view(const health::Order& order, const engine::Snapshot& snapshot) const {
  control::OrderView out;
  out.order = order;
  const std::vector<engine::Reached> reached = engine::reached_by(snapshot, order.scope);
  std::set<std::uint32_t> services;
  for (const engine::Reached& one : reached) services.insert(one.service);
  out.endpoints = static_cast<unsigned>(reached.size());
  out.services = static_cast<unsigned>(services.size());
  for (const std::uint32_t s : services)
    out.ttl = std::max<base::Duration>(out.ttl, std::chrono::seconds(snapshot.services[s].service.ttl));
  if (!takes_out(order.kind)) return out;
  const std::set<std::uint16_t> sites = whole_sites(snapshot, reached);
  if (!sites.empty()) out.answers = answers_of(snapshot, sites, workers_);
  const auto add = [](std::optional<double>& sum, const std::optional<double>& one) {
    if (one) sum = sum.value_or(0) + *one;
  };
  for (const std::uint16_t site : sites) {
    const std::string& name = snapshot.sites[site].name;
    const DrainTail::Left left = tails_.left(name, base::steady_now());
    add(out.connections, left.connections);
    add(out.requests, left.requests);
    if (const auto tail = tails_.tail(name)) out.tail = std::max(*tail, out.tail.value_or(base::Duration{}));
  }
  return out;
}

std::optional<base::Duration> OrderDesk::fed(const std::string& feed, const std::string& site,
                                             const health::FeedReading& reading, base::SteadyTime when) {
  const bool drained = std::ranges::any_of(keeper_.all(), [&](const health::Order& order) {
    return !order.ended && takes_out(order.kind) && order.scope.service.empty() && order.scope.address.empty() &&
           order.scope.holds("", site, "");
  });
  return tails_.see(feed, site, reading, drained, when);
}

std::vector<control::OrderView> OrderDesk::orders() {
  const engine::GenerationPtr now = health_.view().generation;
  std::vector<control::OrderView> out;
  const base::WallTime shown_since = base::wall_now() - health::OrderBook::kept_after;
  for (const health::Order& order : keeper_.all()) {
    if (!order.ended || *order.ended > shown_since) out.push_back(view(order, *now->snapshot));
  }
  return out;
}

control::OrderOutcome OrderDesk::order(const control::OrderRequest& request) {
  const engine::GenerationPtr now = health_.view().generation;
  const bool gives = request.verb == control::OrderRequest::Verb::give;
  control::OrderOutcome out = gives ? give(request, *now) : end(request, *now);
  if (out.refused == 0 && !keeper_.warnings().empty()) out.warning = keeper_.warnings().back();
  return out;
}

control::OrderOutcome OrderDesk::give(const control::OrderRequest& request, const engine::Generation& now) {
  auto scope = engine::scope_of(*now.snapshot, request.scope);
  if (!scope) return refused(404, scope.error().what);
  health::Order order;
  order.kind = request.kinds.front();
  order.scope = *std::move(scope);
  order.author = request.author;
  order.reason = request.reason;
  if (request.lasts) order.expires = base::wall_now() + *request.lasts;
  if (takes_out(order.kind)) {
    if (const auto broken = engine::broken_rule(now, order.scope)) {
      if (!request.force)
        return refused(
            409,
            "refused: the rule \"" + broken->rule + "\" of " + broken->service + " would not hold: " + broken->present,
            "wait, or --force if you must");
      order.forced = true;
    }
  }
  if (order.kind == health::OrderKind::failback && !keeps_clients_away(*now.snapshot, order.scope))
    return refused(409, health::to_string(order.scope) + ": nothing here keeps clients from a better tier",
                   "they go back by themselves; see `failback` of the service");
  if (order.kind == health::OrderKind::hold) order.not_up = engine::not_up_now(now, order.scope);
  const auto given = keeper_.give(std::move(order));
  if (!given) return refused(409, given.error().what);
  control::OrderOutcome out;
  out.orders.push_back(view(*given, *now.snapshot));
  return out;
}

control::OrderOutcome OrderDesk::end(const control::OrderRequest& request, const engine::Generation& now) {
  control::OrderOutcome out;
  if (request.verb == control::OrderRequest::Verb::end) {
    const auto ended = keeper_.end(request.id, request.author);
    if (!ended) return refused(404, ended.error().what, "gslbctl orders lists those that hold");
    out.orders.push_back(view(*ended, *now.snapshot));
    return out;
  }
  // What an order was given for may be gone from the configuration by now.
  const auto scope = engine::scope_of(*now.snapshot, request.scope);
  std::vector<health::Order> ended;
  if (scope) ended = keeper_.end(request.kinds, *scope, request.author);
  if (ended.empty()) {
    for (const health::Order& order : std::vector<health::Order>(keeper_.all())) {
      const bool meant = !order.ended && health::to_string(order.scope) == request.scope &&
                         std::ranges::find(request.kinds, order.kind) != request.kinds.end();
      if (!meant) continue;
      if (auto done = keeper_.end(std::to_string(order.id) + "@" + order.node, request.author))
        ended.push_back(*std::move(done));
    }
  }
  if (ended.empty())
    return refused(404, "no such order holds for " + request.scope,
                   "it is ended as it was given, or by its number: gslbctl orders lists them");
  for (const health::Order& order : ended) out.orders.push_back(view(order, *now.snapshot));
  return out;
}

}  // namespace gslb::server
