#include "server/server.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <cstdio>
#include <random>
#include <thread>

#include "base/log.hpp"
#include "base/text.hpp"
#include "control/agent.hpp"
#include "control/api.hpp"
#include "control/order_json.hpp"
#include "engine/export.hpp"
#include "engine/hosts.hpp"
#include "engine/judging.hpp"
#include "engine/serials.hpp"
#include "net/http_server.hpp"
#include "net/line_server.hpp"
#include "server/challenge_survey.hpp"
#include "server/descriptor_limit.hpp"
#include "server/feed_keeper.hpp"
#include "server/health_service.hpp"
#include "server/journal.hpp"
#include "server/keepers.hpp"
#include "server/loader.hpp"
#include "server/order_desk.hpp"
#include "server/settings.hpp"
#include "server/sharing_keeper.hpp"
#include "server/socket.hpp"
#include "server/state_files.hpp"
#include "server/store_keeper.hpp"
#include "server/views.hpp"
#include "server/workers.hpp"

namespace gslb::server {

namespace asio = boost::asio;

namespace {

/// Probes, control connections, files, and what is closing.
constexpr unsigned descriptors_beside_connections = 512;
/// Of whose reports the server makes its verdicts: its own vantage first.
std::vector<health::Vantage> vantages_of(const health::SharingSpec& spec, const std::string& own) {
  std::vector<health::Vantage> out;
  for (const health::VantageSpec& vantage : spec.vantages) {
    const bool is_own = vantage.name == own;
    out.insert(is_own ? out.begin() : out.end(), {vantage.name, vantage.site, vantage.region});
  }
  return out;
}

/// Over a restart.
constexpr std::size_t events_kept = 500;
/// A report counts until three could have come.
base::Duration fresh_for(const health::SharingSpec& spec) {
  return std::max<base::Duration>(std::chrono::seconds(5), 3 * spec.period);
}

/// How much longer than probes take the start waits for the addresses of hosts.
constexpr auto first_addresses = std::chrono::milliseconds(3000);

}  // namespace

struct Server::Impl final : control::Instance {
  explicit Impl(ServerOptions o) : options(std::move(o)) {}

  int run();
  base::Result<void> open_control();
  base::Result<void> open_agent();
  base::Result<void> start_serving();
  void wait_until_ready();
  void wait_for_signals();
  void take_up_state(const std::string& directory);
  base::Result<void> start_sharing();
  health::NodeRecord own_record();
  void finish(Loaded loaded, base::SteadyTime started,
              const std::vector<std::function<void(control::ReloadResult)>>& waiting);
  void publish(engine::SnapshotPtr changed, std::function<void()> done);
  void note_settings_that_need_a_restart(config::ServerSpec next);
  void note_warnings(const std::vector<std::string>& found);
  void fail(const std::string& why);
  void note_event(health::EventKind kind, std::string what);

  control::StatusView status() override;
  std::vector<control::ServiceView> services() override { return view_services(health->view()); }
  std::vector<control::FeedView> feeds() override { return view_feeds(health->view(), feed_keeper->states()); }
  bool failback(const std::string& service) override;
  bool accept_store() override;
  std::vector<control::OrderView> orders() override { return desk->orders(); }
  control::OrderOutcome order(const control::OrderRequest& request) override { return desk->order(request); }
  std::pair<std::vector<health::Event>, std::uint64_t> events(const health::EventFilter& filter) override {
    return journal.find(filter);
  }
  void probe_now(const std::string& target,
                 std::function<void(base::Result<std::vector<control::ProbeView>>)> done) override {
    desk->probe_now(target, std::move(done));
  }
  base::Result<std::vector<std::string>> push(const std::string& target, const std::string& monitor,
                                              const health::Push& push) override {
    return desk->push(target, monitor, push);
  }
  void geo(const base::IpAddress& address, std::function<void(base::Result<control::GeoView>)> done) override;
  control::Present present() override;
  void in_background(std::function<void()> work, std::function<void()> done) override;
  void reload(const control::ReloadOptions& asked, std::function<void(control::ReloadResult)> done) override;
  void keys_view(std::function<void(std::vector<control::ZoneKeysView>)> done) override {
    keepers.keys().view(std::move(done));
  }
  void order_keys(control::KeyOrder order, std::function<void(control::KeyOutcome)> done) override {
    keepers.keys().order(std::move(order), std::move(done));
  }
  void export_zone(std::string zone, std::optional<base::IpAddress> client,
                   std::function<void(base::Result<std::string>)> done) override;
  void order_challenge(control::ChallengeOrder order, std::function<void(control::ChallengeOutcome)> done) override {
    keepers.challenges().order(std::move(order), std::move(done));
  }
  void list_challenges(std::function<void(std::vector<control::ChallengeView>)> done) override {
    keepers.challenges().view(std::move(done));
  }
  void ask_name_servers(control::ChallengeQuestion question,
                        std::function<void(base::Result<std::vector<control::NameServerView>>)> done) override {
    survey_challenge(context, health->view().generation->snapshot, question, std::move(done));
  }

  std::vector<base::SocketAddress> addresses() const;
  std::vector<base::SocketAddress> tls_addresses() const;
  unsigned threads() const;

  ServerOptions options;
  config::ServerSpec spec;                       ///< of the start: what only a restart changes
  health::SharingSpec first_sharing;             ///< of the start
  std::shared_ptr<const config::Config> config;  ///< of the running snapshot
  engine::SiteRegister sites;
  std::shared_ptr<net::TicketKeys> tickets = std::make_shared<net::TicketKeys>();
  std::shared_ptr<const net::TlsServer> tls;  ///< of the running configuration
  asio::io_context context{1};
  asio::signal_set signals{context, SIGHUP, SIGTERM, SIGINT};
  asio::steady_timer ready_timer{context};
  base::SteadyTime give_up_waiting{};
  base::WallTime started = base::wall_now();
  std::uint64_t configuration = 1;
  std::uint64_t files_hash = 0;  ///< of the running configuration
  std::string last_reload_error;
  std::vector<std::string> warnings;
  std::vector<std::function<void(control::ReloadResult)>> reload_waiting;
  control::ReloadOptions reload_limits;  ///< of all who wait: the strictest move; databases are accepted if one says so
  bool reloading = false;
  int exit_code = 0;
  Journal journal;
  // Ended in the reverse order: control first, then what it shows, then what all of these hand what is to be freed.
  Keepers keepers{context, [this](engine::SnapshotPtr next, std::function<void()> done) {
                    publish(std::move(next), std::move(done));
                  }};
  Workers workers{keepers.builder()};
  std::unique_ptr<SharingKeeper> sharing;
  std::string vantage;  ///< which one this is; "" while it judges alone
  std::unique_ptr<HealthService> health;
  std::unique_ptr<FeedKeeper> feed_keeper;
  StoreKeeper store{context, {[this] { return own_record(); }, [](const health::Listing&) {}}};
  std::unique_ptr<OrderDesk> desk;
  std::optional<StateFiles> state;
  std::unique_ptr<net::HttpServer> http;
  std::unique_ptr<net::LineServer> agent;
};

int Server::Impl::run() {
  Loaded first = keepers.load(options.config_path, configuration, sites, tickets, {}, nullptr);
  if (!first.snapshot) {
    std::fputs(first.errors.c_str(), stderr);
    return 4;
  }
  spec = first.config->server;
  first_sharing = first.config->sharing;
  config = first.config;
  files_hash = first.files_hash;
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
  sharing = std::make_unique<SharingKeeper>(
      SharingKeeper::Hooks{[this] {
                             health::Report report = health->own_report();
                             const auto read = feed_keeper->shared();
                             report.shared.insert(report.shared.end(), read.begin(), read.end());
                             return report;
                           },
                           [this](const health::Report& report, base::SteadyTime arrival) {
                             if (const auto taken = health->report(report, arrival); !taken)
                               base::log_warning(taken.error().what);
                           },
                           [this](unsigned all, unsigned up) { health->references(all, up); }});
  health = std::make_unique<HealthService>(
      seed(), [this](engine::GenerationPtr next) { workers.publish(std::move(next)); },
      [this](health::Event event) { journal.add(std::move(event)); }, [this] { sharing->changed(); });
  desk = std::make_unique<OrderDesk>(context, *health, workers,
                                     [this](health::Event event) { journal.add(std::move(event)); });
  feed_keeper =
      std::make_unique<FeedKeeper>(context, [this](const std::string& feed, const health::FeedReading& reading,
                                                   base::SteadyTime when) { health->feed(feed, reading, when); });
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
  if (const auto started = shared ? open_agent() : shared; !started) {
    base::log_error(started.error().what);
    exit_code = 1;
  } else {
    wait_for_signals();
    wait_until_ready();
    context.run();
  }

  agent.reset();
  http.reset();
  sharing->stop();
  feed_keeper.reset();
  state->write();
  desk.reset();
  health.reset();
  workers.stop();
  base::log_info("ended");
  return exit_code;
}

base::Result<void> Server::Impl::start_sharing() {
  std::string self = host_name();
  if (!config->sharing.certificate.empty()) {
    const auto name = vantage_name(config->sharing, options.vantage);
    if (!name) return name.error();
    self = vantage = *name;
    health->follow(vantages_of(config->sharing, vantage), fresh_for(config->sharing));
    if (auto started = sharing->start(config->sharing, self); !started) return started;
  }
  store.follow(config->etcd, self);
  feed_keeper->follow(config->feeds, config->sharing, vantage);
  return {};
}

health::NodeRecord Server::Impl::own_record() {
  const engine::GenerationPtr generation = health->view().generation;
  return {files_hash, engine::weights_hash(*generation), generation->epoch};
}

bool Server::Impl::accept_store() {
  if (store.store() == nullptr) return false;
  store.accept();
  base::log_warning("the shared store is believed from now on, by order");
  return true;
}

base::Result<void> Server::Impl::open_control() {
  if (spec.control_socket.value.empty()) return {};
  http = std::make_unique<net::HttpServer>(context, control::make_api(*this));
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

void Server::Impl::export_zone(std::string zone, std::optional<base::IpAddress> client,
                               std::function<void(base::Result<std::string>)> done) {
  keepers.builder().post([this, generation = health->view().generation, zone = std::move(zone), client,
                          done = std::move(done)] {
    auto text =
        engine::export_zone(*generation, {zone, client, keepers.signatures().clock()}, keepers.signatures().store());
    asio::post(context, [done, text = std::move(text)] { done(text); });
  });
}

void Server::Impl::geo(const base::IpAddress& address, std::function<void(base::Result<control::GeoView>)> done) {
  keepers.builder().post(
      [this, address, snapshot = health->view().generation->snapshot, done = std::move(done)]() mutable {
        const auto found = engine::whereabouts(*snapshot, address);
        auto view = found ? base::Result<control::GeoView>(control::geo_view(*found)) : found.error();
        asio::post(context, [view = std::move(view), done = std::move(done)] { done(view); });
      });
}

control::Present Server::Impl::present() {
  HealthView view = health->view();
  return {std::move(view.generation), std::move(view.states), config, std::move(view.orders)};
}

void Server::Impl::in_background(std::function<void()> work, std::function<void()> done) {
  keepers.builder().post([this, work = std::move(work), done = std::move(done)]() mutable {
    work();
    asio::post(context, std::move(done));
  });
}

/// Reloads asked for while one is under way are one more, so that what was asked last is what is loaded.
void Server::Impl::reload(const control::ReloadOptions& asked, std::function<void(control::ReloadResult)> done) {
  reload_waiting.push_back(std::move(done));
  reload_limits.accept_geo = reload_limits.accept_geo || asked.accept_geo;
  if (auto& most = reload_limits.max_move; asked.max_move) most = std::min(*asked.max_move, most.value_or(1));
  if (reloading) return;
  reloading = true;
  keepers.builder().post([this, waiting = std::exchange(reload_waiting, {}), limits = std::exchange(reload_limits, {}),
                          begun = base::steady_now(), number = configuration + 1, known = keepers.hosts().addresses(),
                          running = present()] {
    const engine::SnapshotPtr judged_by = limits.accept_geo ? nullptr : running.generation->snapshot;
    Loaded loaded = keepers.load(options.config_path, number, sites, tickets, known, judged_by);
    if (loaded.snapshot && limits.max_move) refuse_larger_move(loaded, running, *limits.max_move);
    if (loaded.snapshot) keepers.republisher().start_from(loaded.snapshot);
    asio::post(context, [this, waiting, begun, loaded = std::move(loaded)]() mutable {
      finish(std::move(loaded), begun, waiting);
    });
  });
}

void Server::Impl::finish(Loaded loaded, base::SteadyTime begun,
                          const std::vector<std::function<void(control::ReloadResult)>>& waiting) {
  control::ReloadResult result;
  result.ok = loaded.snapshot != nullptr;
  if (result.ok) {
    note_settings_that_need_a_restart(loaded.config->server);
    if (!same_vantage(first_sharing, loaded.config->sharing))
      note_warnings({"vantage has changed; it takes effect at the next start"});
    config = loaded.config;
    if (tls && loaded.tls) {
      tls = std::move(loaded.tls);
      workers.use(tls);
    }
    note_warnings(loaded.warnings);
    note_warnings(engine::serials_that_go_back(*health->view().generation->snapshot, *loaded.snapshot));
    if (sharing->running()) health->follow(vantages_of(config->sharing, vantage), fresh_for(config->sharing));
    feed_keeper->follow(config->feeds, config->sharing, vantage);
    health->adopt(loaded.snapshot);
    keepers.follow(loaded);
    sharing->follow(config->sharing);
    store.follow(config->etcd, sharing->running() ? sharing->view().name : host_name());
    files_hash = loaded.files_hash;
    ++configuration;
    last_reload_error.clear();
    note_event(health::EventKind::configuration, "configuration " + std::to_string(configuration) + " was loaded");
  } else {
    last_reload_error = loaded.errors;
    note_event(health::EventKind::configuration,
               "a reload was refused, configuration " + std::to_string(configuration) + " goes on");
    base::log_error("reload refused, the running configuration stays:\n" + loaded.errors,
                    {{"configuration", configuration}});
  }
  result.configuration = configuration;
  result.errors = loaded.errors;
  result.refused = loaded.refused;
  result.difference = std::move(loaded.difference);
  result.took = base::steady_now() - begun;
  if (result.ok)
    base::log_info("reloaded", {{"configuration", configuration}, {"took", base::human_duration(result.took)}});
  for (const auto& done : waiting) done(result);
  reloading = false;
  if (!reload_waiting.empty()) {
    auto last = std::move(reload_waiting.back());
    reload_waiting.pop_back();
    reload({}, std::move(last));
  }
}

/// Through the control thread, as reloads go: a snapshot never overtakes the one that it was made from.
void Server::Impl::publish(engine::SnapshotPtr changed, std::function<void()> done) {
  asio::post(context, [this, changed = std::move(changed), done = std::move(done)]() mutable {
    if (changed) health->replace(std::move(changed));
    done();
  });
}

/// For the log and for `gslbctl status`; of very many, the first.
void Server::Impl::note_warnings(const std::vector<std::string>& found) {
  constexpr std::size_t most_noted = 20;
  for (std::size_t i = 0; i < std::min(found.size(), most_noted); ++i) {
    warnings.push_back(found[i]);
    base::log_warning(found[i]);
  }
  if (found.size() <= most_noted) return;
  warnings.push_back("and " + std::to_string(found.size() - most_noted) + " more: gslbctl check shows them");
  base::log_warning(warnings.back());
}

void Server::Impl::note_settings_that_need_a_restart(config::ServerSpec next) {
  base::configure_log(next.log_format, next.log_level);
  if (!options.listen.empty()) next.listen = spec.listen;
  if (options.threads != 0) next.threads = spec.threads;
  warnings.clear();
  for (const std::string& key : waiting_for_a_restart(spec, next))
    note_warnings({key + " has changed; it takes effect at the next start"});
}

bool Server::Impl::failback(const std::string& service) {
  const auto view = health->view();
  const auto& services = view.generation->snapshot->services;
  const auto found = std::find_if(services.begin(), services.end(),
                                  [&](const zones::SteeredName& name) { return name.service.name == service; });
  if (found == services.end() || !health->failback(static_cast<std::size_t>(found - services.begin()))) return false;
  base::log_info("clients were let back to the best tier", {{"service", service}});
  return true;
}

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

Server::Server(ServerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Server::~Server() = default;
int Server::run() { return impl_->run(); }

}  // namespace gslb::server
