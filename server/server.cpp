#include "server/server.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cstdio>
#include <random>
#include <thread>

#include "base/log.hpp"
#include "base/text.hpp"
#include "config/bundle.hpp"
#include "control/agent.hpp"
#include "control/api.hpp"
#include "control/order_json.hpp"
#include "engine/hosts.hpp"
#include "engine/judging.hpp"
#include "health/shared_keys.hpp"
#include "server/descriptor_limit.hpp"
#include "server/server_impl.hpp"
#include "server/settings.hpp"
#include "server/socket.hpp"

namespace gslb::server {

namespace asio = boost::asio;

namespace {

/// Probes, control connections, files, and what is closing.
constexpr unsigned descriptors_beside_connections = 512;
/// Over a restart.
constexpr std::size_t events_kept = 500;
/// How much longer than probes take the start waits for the addresses of hosts.
constexpr auto first_addresses = std::chrono::milliseconds(3000);

}  // namespace

int Server::Impl::run() {
  Loaded first = load_first();
  if (!first.snapshot) {
    std::fputs(first.errors.c_str(), stderr);
    return 4;
  }
  spec = first.config->server;
  first_sharing = first.config->sharing;
  config = first.config;
  tls = std::move(first.tls);
  base::configure_log(spec.log_format, spec.log_level);
  note_warnings(first.warnings);
  const std::string state_directory = usable_state_directory(spec);
  if (const auto opened = open_control(); !opened) {
    base::log_error(opened.error().what);
    return 1;
  }
  for (const base::SocketAddress& address : addresses()) {
    if (const auto free = check_free(address, SOCK_DGRAM); !free) {
      base::log_error(free.error().what);
      return 1;
    }
  }
  for (const base::SocketAddress& address : tls_addresses()) {
    if (const auto free = check_free(address, SOCK_STREAM); !free) {
      base::log_error(free.error().what);
      return 1;
    }
  }
  std::random_device seed;
  sharing = std::make_unique<SharingKeeper>(SharingKeeper::Hooks{
      [this] {
        health::Report report = health->own_report();
        const auto read = feed_keeper->shared();
        report.shared.insert(report.shared.end(), read.begin(), read.end());
        return report;
      },
      [this](const health::Report& report, base::SteadyTime arrival) { deliver(report, arrival); },
      [this](const std::string& node, const std::string& orders, const auto& answer) {
        asio::post(context, [this, node, orders, answer] { answer(exchange->take(node, orders)); });
      },
      [this](const std::vector<std::uint64_t>& ids, const auto& done) { health->probe(ids, done); },
      [this](const health::SharedPush& push) { health->push(push); },
      [this](unsigned all, unsigned up) { health->references(all, up); }});
  health = std::make_unique<HealthService>(
      seed(), [this](engine::GenerationPtr next) { workers.publish(std::move(next)); }, journal,
      [this] { sharing->changed(); });
  desk = std::make_unique<OrderDesk>(context, *health, workers,
                                     [this](health::Event event) { journal.add(std::move(event)); });
  targets = std::make_unique<TargetDesk>(context, *health, *sharing);
  feed_keeper = std::make_unique<FeedKeeper>(
      context, [this](const std::string& feed, const health::FeedReading& reading, base::SteadyTime when) {
        health->feed(feed, reading, when);
        watch_drain(feed, reading, when);
      });
  exchange = std::make_unique<OrderExchange>(context, desk->keeper());
  latches = std::make_unique<LatchExchange>(*health);
  desk->keeper().open(state_directory);
  desk->keeper().start();
  take_up_state(state_directory);
  auto longest = std::chrono::milliseconds(0);
  for (const health::Target& target : first.snapshot->targets) longest = std::max(longest, target.monitor.timeout);
  if (!engine::hosts_of(*first.snapshot).empty()) longest += first_addresses;
  // Others report every second.
  const std::chrono::seconds spare(first.config->sharing.vantages.size() > 1 ? 2 : 1);
  give_up_waiting = base::steady_now() + longest + spare;
  keepers.republisher().start_from(first.snapshot);
  health->adopt(first.snapshot);
  keepers.start(first, state_directory);
  first = {};
  const auto shared = start_sharing();
  if (const auto open = shared ? open_agent() : shared; !open) {
    base::log_error(open.error().what);
    exit_code = 1;
  } else {
    wait_for_signals();
    wait_until_ready();
    context.run();
  }

  registrar.end();
  agent.reset();
  http.reset();
  sharing->stop();
  feed_keeper.reset();
  state->write();
  exchange.reset();
  latches.reset();
  desk.reset();
  targets.reset();
  health.reset();
  workers.stop();
  base::log_info("ended");
  return exit_code;
}

/// The machine's own files say where state is kept; what was pushed is found there.
Loaded Server::Impl::load_first() {
  Loaded own = keepers.load(options.config_path, "", configuration, sites, tickets, {}, nullptr);
  if (!own.snapshot) return own;
  pushed->open(usable_state_directory(own.config->server));
  configs.know(pushed->record());
  const PushedFiles::Choice choice = pushed->choose(options.config_path);
  if (choice.edited) leave_for_edited_files();
  if (choice.main.empty()) return own;
  Loaded other = keepers.load(options.config_path, choice.main, configuration, sites, tickets, {}, nullptr);
  if (other.snapshot) return other;
  own.warnings.push_back("what was pushed cannot be loaded, this machine's own files are used");
  base::log_error(own.warnings.back() + ":\n" + other.errors);
  return own;
}

/// On the thread of sharing.
void Server::Impl::deliver(const health::Report& report, base::SteadyTime arrival) {
  std::optional<std::uint32_t> orders;
  for (const health::SharedState& one : report.shared)
    if (one.key == health::orders_key()) orders = one.value;
  asio::post(context, [this, name = report.vantage, orders, record = health::record_in(report), arrival] {
    if (orders) exchange->heard(name, *orders);
    if (!record) return;
    nodes.heard(name, *record, arrival);
    nodes.compare(own_record(), base::steady_now());
  });
  if (const auto taken = health->report(report, arrival); !taken) base::log_warning(taken.error().what);
}

/// Whoever drains the site next wants to know how long that takes.
void Server::Impl::watch_drain(const std::string& feed, const health::FeedReading& reading, base::SteadyTime when) {
  const auto feed_spec = std::ranges::find(config->feeds, feed, &health::FeedSpec::name);
  if (feed_spec == config->feeds.end()) return;
  if (const auto tail = desk->fed(feed, feed_spec->site, reading, when))
    note_event(health::EventKind::order, feed_spec->site + ": clients had left " +
                                             base::human_duration(std::chrono::ceil<std::chrono::seconds>(*tail)) +
                                             " after the drain (1 % of the requests are left)");
}

void Server::Impl::read_store(const health::Listing& listing) {
  exchange->read(listing, *store.store());
  latches->read(listing, *store.store());
  configs.read_store(listing, *store.store());
  const std::string self = sharing->running() ? vantage : host_name();
  key_exchange.read(listing, self);
  nodes.read(listing, self, base::steady_now());
  nodes.compare(own_record(), base::steady_now());
}

base::Result<void> Server::Impl::start_sharing() {
  std::string self = host_name();
  if (!config->sharing.certificate.empty()) {
    const auto name = vantage_name(config->sharing, options.vantage);
    if (!name) return name.error();
    self = vantage = *name;
    health->follow(vantages_of(config->sharing, vantage), fresh_for(config->sharing));
    if (auto begun = sharing->start(config->sharing, self); !begun) return begun;
  }
  follow_others(self);
  feed_keeper->follow(config->feeds, config->sharing, vantage);
  return {};
}

void Server::Impl::follow_others(const std::string& self) {
  // One that neither has others nor a store has no need of a name.
  const bool alone = !sharing->running() && config->etcd.endpoints.empty();
  exchange->follow(sharing->running() ? config->sharing : health::SharingSpec{}, alone ? "" : self);
  std::vector<std::string> reporting;
  for (const health::VantageSpec& one : config->sharing.vantages) reporting.push_back(one.name);
  nodes.follow(reporting);
  store.follow(config->etcd, self);
}

health::NodeRecord Server::Impl::own_record() {
  const engine::GenerationPtr generation = health->view().generation;
  return {generation->snapshot->shared_hash, static_cast<std::uint32_t>(engine::weights_hash(*generation)),
          generation->epoch, health::mark_of(desk->keeper().all())};
}

base::Result<void> Server::Impl::open_control() {
  if (spec.control_socket.value.empty()) return {};
  http = std::make_unique<net::HttpServer>(context, control::make_api(*this),
                                           net::HttpServerLimits{.body_octets = config::longest_bundle});
  return http->listen_unix(spec.control_socket.value);
}

base::Result<void> Server::Impl::open_agent() {
  if (spec.agent.empty()) return {};
  agent = std::make_unique<net::LineServer>(context, [this](std::string_view line) {
    return control::agent_answer(line, services(), orders(), base::wall_now());
  });
  for (const base::SocketAddress& address : usable(spec.agent))
    if (const auto bound = agent->listen(address); !bound) return bound.error();
  return {};
}

std::vector<base::SocketAddress> Server::Impl::addresses() const {
  return options.listen.empty() ? usable(spec.listen) : options.listen;
}

std::vector<base::SocketAddress> Server::Impl::tls_addresses() const {
  return spec.tls ? usable(spec.tls->listen) : std::vector<base::SocketAddress>{};
}

unsigned Server::Impl::threads() const {
  const unsigned wanted = options.threads != 0 ? options.threads : spec.threads;
  return wanted != 0 ? wanted : std::max(1U, std::thread::hardware_concurrency());
}

/// DESIGN section 10: until then resolvers move on to another name server.
void Server::Impl::wait_until_ready() {
  if ((keepers.settled() && health->view().all_judged) || base::steady_now() >= give_up_waiting) {
    if (const auto serving = start_serving(); !serving) fail(serving.error().what);
    return;
  }
  ready_timer.expires_after(std::chrono::milliseconds(10));
  ready_timer.async_wait([this](const boost::system::error_code& error) {
    if (!error) wait_until_ready();
  });
}

base::Result<void> Server::Impl::start_serving() {
  const Listen listen{addresses(), tls_addresses(), values(spec.proxy.listen)};
  StreamSettings settings{.idle = spec.tcp_idle, .proxies = spec.proxy.from};
  if (spec.tls) settings.handshake = spec.tls->handshake;
  const auto listeners = static_cast<unsigned>((2 * listen.plain.size() + listen.tls.size()) * threads());
  const ConnectionLimits limits{
      .connections = raise_descriptor_limit(spec.tcp_connections, listeners + descriptors_beside_connections),
      .per_prefix = spec.tcp_per_prefix,
      .prefix_length = {static_cast<std::uint8_t>(spec.tcp_prefix_v4), static_cast<std::uint8_t>(spec.tcp_prefix_v6)}};
  auto bound = workers.start(listen, threads(), settings, limits, tls);
  if (!bound) return bound;
  std::string where;
  for (const auto& address : addresses()) where += (where.empty() ? "" : " ") + base::to_string(address);
  for (const auto& address : tls_addresses()) where += " tls:" + base::to_string(address);
  const auto view = health->view();
  base::log_info(
      "serving",
      {{"listen", where},
       {"zones", view.generation->snapshot->zones.all().size()},
       {"services", view.generation->snapshot->services.size()},
       {"startup_ms", std::chrono::duration_cast<std::chrono::milliseconds>(base::wall_now() - started).count()}});
  state->keep();
  configs.start();
  registrar.follow(config->registration);
  keepers.keep_cookies();
  return {};
}

void Server::Impl::note_event(health::EventKind kind, std::string what) {
  health::Event event;
  event.when = base::wall_now();
  event.kind = kind;
  event.what = std::move(what);
  journal.add(std::move(event));
}

void Server::Impl::fail(const std::string& why) {
  base::log_error(why);
  exit_code = 1;
  context.stop();
}

void Server::Impl::wait_for_signals() {
  signals.async_wait([this](const boost::system::error_code& error, int signal) {
    if (error) return;
    if (signal != SIGHUP) {
      base::log_info("ending", {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
      return context.stop();
    }
    reload({}, [](const control::ReloadResult&) {});
    wait_for_signals();
  });
}

void Server::Impl::take_up_state(const std::string& directory) {
  const auto verdicts = [this](const std::string& kept) { return health->restore(kept); };
  const auto happened = [this](const std::string& kept) -> base::Result<void> {
    auto read = control::events_from_json(kept);
    if (!read) return base::Error{"the file of events is damaged: " + read.error().what};
    journal.restore(std::move(read->events));
    return {};
  };
  const auto kept_events = [this] {
    health::EventFilter newest;
    newest.most = events_kept;
    const auto [events, last] = journal.find(newest);
    return control::events_to_json(events, last);
  };
  const auto addresses = [this](const std::string& kept) { return keepers.hosts().restore(kept); };
  state.emplace(context, keepers.builder(), directory,
                std::vector<StateFiles::Part>{{"health.json", [this] { return health->state(); }, verdicts},
                                              {"hosts", [this] { return keepers.hosts().state(); }, addresses},
                                              {"store", [this] { return store.state(); },
                                               [this](const std::string& kept) { return store.restore(kept); }},
                                              {"events.json", kept_events, happened}});
  state->restore();
}

Server::Server(ServerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Server::~Server() = default;
int Server::run() { return impl_->run(); }

}  // namespace gslb::server
