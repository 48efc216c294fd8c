#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cstdio>

#include "base/log.hpp"
#include "engine/export.hpp"
#include "server/server_impl.hpp"

// What the running server tells, and does, for those who ask over its control socket.

namespace gslb::server {

namespace asio = boost::asio;

control::StatusView Server::Impl::status() {
  control::StatusView out = view_status(health->view(), workers.counters());
  out.version = GSLB_VERSION;
  out.pid = ::getpid();
  out.started = started;
  out.ready = workers.running();
  if (out.ready) out.not_ready_reason.clear();
  out.last_reload_error = last_reload_error;
  out.warnings = warnings;
  for (const std::string& warning : desk->keeper().warnings()) out.warnings.push_back(warning);
  for (std::string& warning : keepers.warnings()) out.warnings.push_back(std::move(warning));
  out.sharing = sharing->view();
  out.store = store.view();
  for (const health::NodeWatch::Node& node : nodes.nodes())
    out.nodes.push_back({node.name, node.record.generation, node.silent, !node.configuration_differs.has_value(),
                         !node.weights_differ.has_value()});
  for (std::string& warning : nodes.alarms()) out.warnings.push_back(std::move(warning));
  for (std::string& warning : configs.warnings()) out.warnings.push_back(std::move(warning));
  if (!registrar.problem().empty()) out.warnings.push_back(registrar.problem());
  for (std::string& warning : store.warnings()) out.warnings.push_back(std::move(warning));
  out.signatures_made = keepers.signatures().made();
  for (const auto& address : addresses()) out.listen.push_back(base::to_string(address));
  for (const auto& address : tls_addresses()) out.listen.push_back("tls:" + base::to_string(address));
  const Totals totals = workers.totals();
  out.queries = totals.queries;
  out.answers = totals.answers;
  out.dropped = totals.dropped;
  out.limited = totals.limited;
  return out;
}

void Server::Impl::geo(const base::IpAddress& address, std::function<void(base::Result<control::GeoView>)> done) {
  keepers.builder().post(
      [this, address, snapshot = health->view().generation->snapshot, done = std::move(done)]() mutable {
        const auto found = engine::whereabouts(*snapshot, address);
        auto view = found ? base::Result<control::GeoView>(control::geo_view(*found)) : found.error();
        asio::post(context, [view = std::move(view), done = std::move(done)] { done(view); });
      });
}

void Server::Impl::export_zone(std::string zone, std::optional<base::IpAddress> client,
                               std::function<void(base::Result<std::string>)> done) {
  keepers.builder().post([this, generation = health->view().generation, zone = std::move(zone), client,
                          done = std::move(done)] {
    auto text =
        engine::export_zone(*generation, {zone, client, keepers.signatures().clock()}, keepers.signatures().store());
    asio::post(context, [done, text = std::move(text)] { done(text); });
  });
}

control::Present Server::Impl::present() {
  HealthView view = health->view();
  return {std::move(view.generation), std::move(view.states), config, std::move(view.orders)};
}

control::ConfigView Server::Impl::config_view() {
  control::ConfigView out = configs.view();
  out.file = options.config_path;
  char hash[17];
  std::snprintf(hash, sizeof hash, "%016llx",
                static_cast<unsigned long long>(health->view().generation->snapshot->shared_hash));
  out.hash = hash;
  out.configuration = configuration;
  return out;
}

/// For a configuration on trial.
Reading Server::Impl::reading() const {
  Reading out;
  out.sites.resize(engine::max_sites);
  for (const engine::Counters* counters : workers.counters()) {
    for (const engine::Counter& count : counters->rcodes) out.replies += count.read();
    out.failures += counters->rcodes[static_cast<std::size_t>(dns::Rcode::servfail)].read();
    for (std::size_t i = 0; i < engine::max_sites; ++i) out.sites[i] += counters->site_answers[i].read();
  }
  const engine::GenerationPtr now = health->view().generation;
  for (std::size_t i = 0; i < now->plans.size(); ++i) {
    const policy::Mode mode = now->plans[i]->worst;
    if (mode == policy::Mode::fail_open || mode == policy::Mode::last_resort || mode == policy::Mode::nothing)
      out.open.insert(now->snapshot->services[i].service.name);
  }
  return out;
}

void Server::Impl::in_background(std::function<void()> work, std::function<void()> done) {
  keepers.builder().post([this, work = std::move(work), done = std::move(done)]() mutable {
    work();
    asio::post(context, std::move(done));
  });
}

void Server::Impl::order(const control::OrderRequest& request, std::function<void(control::OrderOutcome)> done) {
  control::OrderOutcome outcome = desk->order(request);
  if (outcome.refused != 0) return done(std::move(outcome));
  store.refresh();
  exchange->spread([this, outcome = std::move(outcome),
                    done = std::move(done)](const std::vector<OrderExchange::Told>& told) mutable {
    std::vector<std::string> through_the_store;
    for (const health::NodeWatch::Node& node : nodes.nodes()) {
      if (!node.silent && std::ranges::find(told, node.name, &OrderExchange::Told::node) == told.end())
        through_the_store.push_back(node.name);
    }
    const auto add = [](control::OrderOutcome& to, const std::vector<OrderExchange::Told>& some) {
      for (const OrderExchange::Told& one : some) to.elsewhere.push_back({one.node, one.obeys, one.problem});
    };
    add(outcome, told);
    followers.wait(std::move(through_the_store),
                   [add, outcome = std::move(outcome), done = std::move(done)](const auto& others) mutable {
                     add(outcome, others);
                     done(std::move(outcome));
                   });
  });
}

bool Server::Impl::accept_store() {
  if (store.store() == nullptr) return false;
  exchange->forget_store();
  store.accept();
  base::log_warning("the shared store is believed from now on, by order");
  return true;
}

}  // namespace gslb::server
