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
#include <tuple>

#include "base/file.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "control/api.hpp"
#include "engine/export.hpp"
#include "engine/hosts.hpp"
#include "engine/serials.hpp"
#include "health/host_keeper.hpp"
#include "net/http_server.hpp"
#include "server/builder.hpp"
#include "server/challenge_keeper.hpp"
#include "server/challenge_survey.hpp"
#include "server/cookie_keeper.hpp"
#include "server/descriptor_limit.hpp"
#include "server/health_service.hpp"
#include "server/key_keeper.hpp"
#include "server/loader.hpp"
#include "server/republisher.hpp"
#include "server/signature_keeper.hpp"
#include "server/socket.hpp"
#include "server/views.hpp"
#include "server/workers.hpp"

namespace gslb::server {

namespace asio = boost::asio;

namespace {

/// Probes, control connections, files, and what is closing.
constexpr unsigned descriptors_beside_connections = 512;
/// How much longer than probes take the start waits for the addresses of hosts.
constexpr auto first_addresses = std::chrono::milliseconds(3000);

}  // namespace

struct Server::Impl final : control::Instance {
  explicit Impl(ServerOptions o) : options(std::move(o)) {}

  int run();
  base::Result<void> open_control();
  base::Result<void> start_serving();
  void wait_until_ready();
  void wait_for_signals();
  void keep_state();
  void keep_cookies();
  void follow_hosts(const engine::Snapshot& snapshot);
  void use_hosts();
  void finish(Loaded loaded, base::SteadyTime started,
              const std::vector<std::function<void(control::ReloadResult)>>& waiting);
  void publish(engine::SnapshotPtr changed, std::function<void()> done);
  void note_settings_that_need_a_restart(const config::ServerSpec& next);
  void note_warnings(const std::vector<std::string>& found);
  void fail(const std::string& why);

  control::StatusView status() override;
  std::vector<control::ServiceView> services() override { return view_services(health->view()); }
  void geo(const base::IpAddress& address, std::function<void(base::Result<control::GeoView>)> done) override;
  control::Present present() override;
  void in_background(std::function<void()> work, std::function<void()> done) override;
  void reload(const control::ReloadOptions& asked, std::function<void(control::ReloadResult)> done) override;
  void keys_view(std::function<void(std::vector<control::ZoneKeysView>)> done) override { keys.view(std::move(done)); }
  void order_keys(control::KeyOrder order, std::function<void(control::KeyOutcome)> done) override {
    keys.order(std::move(order), std::move(done));
  }
  void export_zone(std::string zone, std::optional<base::IpAddress> client,
                   std::function<void(base::Result<std::string>)> done) override;
  void order_challenge(control::ChallengeOrder order, std::function<void(control::ChallengeOutcome)> done) override {
    challenges.order(std::move(order), std::move(done));
  }
  void list_challenges(std::function<void(std::vector<control::ChallengeView>)> done) override {
    challenges.view(std::move(done));
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
  std::shared_ptr<const config::Config> config;  ///< of the running snapshot
  engine::SiteRegister sites;
  std::shared_ptr<net::TicketKeys> tickets = std::make_shared<net::TicketKeys>();
  std::shared_ptr<const net::TlsServer> tls;  ///< of the running configuration
  std::string state_directory;
  asio::io_context context{1};
  asio::signal_set signals{context, SIGHUP, SIGTERM, SIGINT};
  asio::steady_timer ready_timer{context};
  asio::steady_timer state_timer{context};
  asio::steady_timer cookie_timer{context};
  base::SteadyTime give_up_waiting{};
  base::WallTime started = base::wall_now();
  std::uint64_t configuration = 1;
  std::string last_reload_error;
  std::vector<std::string> warnings;
  std::vector<std::function<void(control::ReloadResult)>> reload_waiting;
  control::ReloadOptions reload_limits;  ///< of all who wait: the strictest move; databases are accepted if one says so
  bool reloading = false;
  int exit_code = 0;
  // Ended in the reverse order: control first, then what it shows, then the builder, since all hand it what is to be
  // freed; last what the builder's remaining work belongs to.
  Republisher republisher{builder, [this](engine::SnapshotPtr next, std::function<void()> done) {
                            publish(std::move(next), std::move(done));
                          }};
  SignatureKeeper signatures{context, republisher};
  ChallengeKeeper challenges{context, republisher, signatures};
  Builder builder;
  KeyKeeper keys{context, builder,
                 [this](const dns::Name& apex, zones::ZoneKeysPtr next, std::function<void(bool)> done) {
                   signatures.sign(apex, std::move(next), std::move(done));
                 },
                 [this] { return dns::UnixTime(std::chrono::seconds(signatures.now())); }};
  engine::KeysOf keys_of = [this](const zones::ZoneSpec& zone, base::ErrorList& errors) {
    return keys.keys_of(zone, errors);
  };
  Workers workers{builder};
  std::unique_ptr<HealthService> health;
  health::HostKeeper hosts{context, [this] { use_hosts(); }};
  unsigned host_changes_under_way = 0;
  std::unique_ptr<net::HttpServer> http;
};

int Server::Impl::run() {
  Loaded first =
      load(options.config_path, configuration, sites, tickets, {}, &signatures, keys_of, nullptr, &challenges);
  if (!first.snapshot) {
    std::fputs(first.errors.c_str(), stderr);
    return 4;
  }
  spec = first.config->server;
  config = first.config;
  tls = std::move(first.tls);
  base::configure_log(spec.log_format, spec.log_level);
  note_warnings(first.warnings);
  state_directory = usable_state_directory(spec);
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
  health =
      std::make_unique<HealthService>(seed(), [this](engine::GenerationPtr next) { workers.publish(std::move(next)); });
  if (!state_directory.empty()) {
    if (const auto kept = base::read_file(state_directory + "/health.json", 64 << 20)) {
      if (const auto restored = health->restore(*kept); !restored)
        base::log_warning("state not used: " + restored.error().what);
    }
    if (const auto kept = base::read_file(state_directory + "/hosts", 64 << 20)) {
      if (const auto restored = hosts.restore(*kept); !restored)
        base::log_warning("state not used: " + restored.error().what);
    }
  }
  auto longest = std::chrono::milliseconds(0);
  for (const health::Target& target : first.snapshot->targets) longest = std::max(longest, target.monitor.timeout);
  if (!engine::hosts_of(*first.snapshot).empty()) longest += first_addresses;
  give_up_waiting = base::steady_now() + longest + std::chrono::seconds(1);
  republisher.start_from(first.snapshot);
  health->adopt(first.snapshot);
  follow_hosts(*first.snapshot);
  first.snapshot = nullptr;
  keys.keep(std::move(first.signed_zones));
  if (!std::ranges::all_of(hosts.addresses(), [](const auto& host) { return host.second.empty(); })) use_hosts();
  signatures.look();
  challenges.start();
  wait_for_signals();
  wait_until_ready();
  context.run();

  http.reset();
  if (!state_directory.empty() && health) {
    if (const auto written = base::write_file_atomically(state_directory + "/health.json", health->state()); !written)
      base::log_warning(written.error().what);
    if (const auto written = base::write_file_atomically(state_directory + "/hosts", hosts.state()); !written)
      base::log_warning(written.error().what);
  }
  health.reset();
  workers.stop();
  base::log_info("ended");
  return exit_code;
}

base::Result<void> Server::Impl::open_control() {
  if (spec.control_socket.value.empty()) return {};
  http = std::make_unique<net::HttpServer>(context, control::make_api(*this));
  return http->listen_unix(spec.control_socket.value);
}

namespace {

std::vector<base::SocketAddress> usable(const std::vector<base::Sourced<base::SocketAddress>>& addresses) {
  std::vector<base::SocketAddress> out;
  for (const auto& address : addresses) {
    // What nobody wrote is not asked of a system that cannot give it.
    const bool by_default = address.where.file == nullptr;
    if (by_default && address.value.address.family == base::Family::v6 && !has_ipv6()) continue;
    out.push_back(address.value);
  }
  return out;
}

std::vector<base::SocketAddress> values(const std::vector<base::Sourced<base::SocketAddress>>& addresses) {
  std::vector<base::SocketAddress> out;
  out.reserve(addresses.size());
  for (const auto& address : addresses) out.push_back(address.value);
  return out;
}

bool same_connections(const config::ServerSpec& a, const config::ServerSpec& b) {
  const auto all = [](const config::ServerSpec& s) {
    return std::tuple(s.tcp_connections, s.tcp_per_prefix, s.tcp_prefix_v4, s.tcp_prefix_v6, s.tcp_idle);
  };
  return all(a) == all(b);
}

/// But for the certificate and its key, which are read again.
bool same_tls(const config::ServerSpec& a, const config::ServerSpec& b) {
  if (!a.tls || !b.tls) return a.tls.has_value() == b.tls.has_value();
  return values(a.tls->listen) == values(b.tls->listen) && a.tls->handshake == b.tls->handshake;
}

}  // namespace

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
  const bool known = hosts.settled() && host_changes_under_way == 0 && keys.settled();
  if ((known && health->view().all_judged) || base::steady_now() >= give_up_waiting) {
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
  keep_state();
  keep_cookies();
  return {};
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

/// Secrets of our own give way to new ones also where nobody ever reloads.
void Server::Impl::keep_cookies() {
  cookie_timer.expires_after(std::chrono::hours(1));
  cookie_timer.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    const auto change = [this](engine::Snapshot& snapshot) {
      if (!snapshot.manners.own_cookies) return false;
      auto kept = keep_cookie_secrets(state_directory, base::wall_now());
      if (kept.keys == snapshot.manners.cookies.keys) return false;
      snapshot.manners.cookies = std::move(kept);
      return true;
    };
    republisher.republish(change, [] {});
    keep_cookies();
  });
}

void Server::Impl::follow_hosts(const engine::Snapshot& snapshot) {
  hosts.follow(engine::hosts_of(snapshot), values(spec.resolvers));
}

/// As health changes do, but by way of the builder: records, targets and, in a signed zone, signatures are others.
void Server::Impl::use_hosts() {
  ++host_changes_under_way;
  const auto change = [this, known = hosts.addresses()](engine::Snapshot& snapshot) {
    const auto done = engine::follow_hosts(snapshot, known, &signatures.store(), signatures.clock());
    if (!done) base::log_error("new addresses of hosts are not used: " + done.error().what);
    return static_cast<bool>(done);
  };
  republisher.republish(change, [this] { --host_changes_under_way; });
}

void Server::Impl::keep_state() {
  if (state_directory.empty()) return;
  state_timer.expires_after(std::chrono::seconds(10));
  state_timer.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    builder.post([folder = state_directory, verdicts = health->state(), addresses = hosts.state()] {
      for (const auto& [name, text] : {std::pair("/health.json", &verdicts), std::pair("/hosts", &addresses)})
        if (const auto written = base::write_file_atomically(folder + name, *text); !written)
          base::log_warning(written.error().what);
    });
    keep_state();
  });
}

void Server::Impl::export_zone(std::string zone, std::optional<base::IpAddress> client,
                               std::function<void(base::Result<std::string>)> done) {
  builder.post([this, generation = health->view().generation, zone = std::move(zone), client, done = std::move(done)] {
    auto text = engine::export_zone(*generation, {zone, client, signatures.clock()}, signatures.store());
    asio::post(context, [done, text = std::move(text)] { done(text); });
  });
}

void Server::Impl::geo(const base::IpAddress& address, std::function<void(base::Result<control::GeoView>)> done) {
  builder.post([this, address, snapshot = health->view().generation->snapshot, done = std::move(done)]() mutable {
    const auto found = engine::whereabouts(*snapshot, address);
    auto view = found ? base::Result<control::GeoView>(control::geo_view(*found)) : found.error();
    asio::post(context, [view = std::move(view), done = std::move(done)] { done(view); });
  });
}

control::Present Server::Impl::present() {
  HealthView view = health->view();
  return {std::move(view.generation), std::move(view.states), config};
}

void Server::Impl::in_background(std::function<void()> work, std::function<void()> done) {
  builder.post([this, work = std::move(work), done = std::move(done)]() mutable {
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
  builder.post([this, waiting = std::exchange(reload_waiting, {}), limits = std::exchange(reload_limits, {}),
                begun = base::steady_now(), number = configuration + 1, known = hosts.addresses(),
                running = present()] {
    const engine::SnapshotPtr judged_by = limits.accept_geo ? nullptr : running.generation->snapshot;
    Loaded loaded =
        load(options.config_path, number, sites, tickets, known, &signatures, keys_of, judged_by, &challenges);
    if (loaded.snapshot && limits.max_move) refuse_larger_move(loaded, running, *limits.max_move);
    if (loaded.snapshot) republisher.start_from(loaded.snapshot);
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
    config = loaded.config;
    if (tls && loaded.tls) {
      tls = std::move(loaded.tls);
      workers.use(tls);
    }
    note_warnings(loaded.warnings);
    note_warnings(engine::serials_that_go_back(*health->view().generation->snapshot, *loaded.snapshot));
    spec.resolvers = loaded.config->server.resolvers;
    health->adopt(loaded.snapshot);
    follow_hosts(*loaded.snapshot);
    keys.keep(std::move(loaded.signed_zones));
    signatures.look();
    ++configuration;
    last_reload_error.clear();
  } else {
    last_reload_error = loaded.errors;
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

void Server::Impl::note_settings_that_need_a_restart(const config::ServerSpec& next) {
  warnings.clear();
  const auto note = [&](bool same, const char* key) {
    if (same) return;
    warnings.push_back(std::string(key) + " has changed; it takes effect at the next start");
    base::log_warning(warnings.back());
  };
  note(!options.listen.empty() || values(next.listen) == values(spec.listen), "listen");
  note(options.threads != 0 || next.threads == spec.threads, "threads");
  note(next.state.value == spec.state.value, "state");
  note(next.control_socket.value == spec.control_socket.value, "control.socket");
  note(same_connections(next, spec), "tcp");
  note(same_tls(next, spec), "tls");
  note(values(next.proxy.listen) == values(spec.proxy.listen) && next.proxy.from == spec.proxy.from, "proxy");
  base::configure_log(next.log_format, next.log_level);
}

control::StatusView Server::Impl::status() {
  const HealthView view = health->view();
  const engine::Snapshot& snapshot = *view.generation->snapshot;
  const Totals totals = workers.totals();
  control::StatusView out;
  out.version = GSLB_VERSION;
  out.pid = ::getpid();
  out.started = started;
  out.ready = workers.running();
  out.configuration = snapshot.configuration;
  out.plan = view.generation->epoch;
  out.loaded = snapshot.loaded;
  out.last_reload_error = last_reload_error;
  out.warnings = warnings;
  out.warnings.insert(out.warnings.end(), keys.warnings().begin(), keys.warnings().end());
  out.warnings.insert(out.warnings.end(), signatures.warnings().begin(), signatures.warnings().end());
  for (const auto& zone : snapshot.signatures) {
    if (zone == nullptr) continue;
    const base::WallTime end{std::chrono::seconds(zone->first_expiration())};
    out.signatures_end = out.signed_zones == 0 ? end : std::min(out.signatures_end, end);
    ++out.signed_zones;
  }
  out.signatures_made = signatures.made();
  for (const auto& address : addresses()) out.listen.push_back(base::to_string(address));
  for (const auto& address : tls_addresses()) out.listen.push_back("tls:" + base::to_string(address));
  out.zones = static_cast<unsigned>(snapshot.zones.all().size());
  out.services = static_cast<unsigned>(snapshot.services.size());
  out.targets = static_cast<unsigned>(view.states.size());
  const auto count = [&](auto matches) {
    return static_cast<unsigned>(std::count_if(view.states.begin(), view.states.end(), matches));
  };
  out.targets_up = count([](const health::TargetState& s) { return s.verdict == health::Verdict::up; });
  if (!out.ready) {
    const unsigned judged = count([](const health::TargetState& s) { return s.verdict != health::Verdict::unknown; });
    out.not_ready_reason = view.all_judged ? "waiting for the zones' other name servers and parents: their keys"
                                           : "waiting for the first verdicts: " + std::to_string(judged) + " of " +
                                                 std::to_string(out.targets) + " targets";
  }
  out.queries = totals.queries;
  out.answers = totals.answers;
  out.dropped = totals.dropped;
  out.limited = totals.limited;
  out.sites = view_sites(view, workers.counters());
  return out;
}

Server::Server(ServerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Server::~Server() = default;
int Server::run() { return impl_->run(); }

}  // namespace gslb::server
