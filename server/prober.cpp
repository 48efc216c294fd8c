#include "server/prober.hpp"

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <random>

#include "base/hash.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "config/report.hpp"
#include "control/json.hpp"
#include "engine/probe_targets.hpp"
#include "health/host_keeper.hpp"
#include "net/http_server.hpp"
#include "server/builder.hpp"
#include "server/feed_keeper.hpp"
#include "server/loader.hpp"
#include "server/probe_service.hpp"
#include "server/settings.hpp"
#include "server/sharing_keeper.hpp"
#include "server/state_files.hpp"

namespace gslb::server {

namespace asio = boost::asio;

struct Prober::Impl {
  explicit Impl(ProberOptions o) : options(std::move(o)) {}
  ~Impl() { sharing.stop(); }  // it asks `probes`, which tells it of changes: the thread of one has to end first
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  int run() {
    base::ErrorList errors;
    auto first = config::load(options.config_path, errors);
    if (!first) {
      std::fputs(config::report(errors).c_str(), stderr);
      return 4;
    }
    config = std::move(*first);
    base::configure_log(config.server.log_format, config.server.log_level);
    const auto name = vantage_name(config.sharing, options.vantage);
    if (!name) {
      std::fprintf(stderr, "gslb-prober: %s\n", name.error().what.c_str());
      return 4;
    }
    if (config.sharing.certificate.empty()) {
      std::fprintf(stderr, "gslb-prober: %s names no other vantage to report to: set `vantages` and `vantage`\n",
                   options.config_path.c_str());
      return 4;
    }
    if (const auto opened = open_control(); !opened) return fail(opened.error().what);
    const std::string directory = usable_state_directory(config.server);
    state.emplace(context, builder, directory,
                  std::vector<StateFiles::Part>{{"health.json", [this] { return probes.state(); },
                                                 [this](const std::string& kept) { return probes.restore(kept); }},
                                                {"hosts", [this] { return hosts.state(); },
                                                 [this](const std::string& kept) { return hosts.restore(kept); }}});
    state->restore();
    self = *name;
    follow();
    if (const auto began = sharing.start(config.sharing, *name); !began) return fail(began.error().what);
    state->keep();
    base::log_info("probing", {{"vantage", *name}, {"targets", probes.view().targets}});
    wait_for_signals();
    context.run();
    http.reset();
    state->write();
    base::log_info("ended");
    return 0;
  }

  static int fail(const std::string& why) {
    base::log_error(why);
    return 1;
  }

  base::Result<void> open_control() {
    if (config.server.control_socket.value.empty()) return {};
    http = std::make_unique<net::HttpServer>(
        context,
        [this](const net::ServerRequest& request, const net::HttpServer::Reply& reply) { reply(serve(request)); });
    return http->listen_unix(config.server.control_socket.value);
  }

  net::ServerResponse serve(const net::ServerRequest& request) {
    if (request.target == "/v1/status" && request.method == "GET")
      return {.status = 200, .content_type = "application/json", .body = control::to_json(status()), .headers = {}};
    if (request.target == "/v1/reload" && request.method == "POST") {
      const control::ReloadResult result = reload();
      return {.status = result.ok ? 200U : 422U,
              .content_type = "application/json",
              .body = control::to_json(result),
              .headers = {}};
    }
    return {.status = 404,
            .content_type = "application/json",
            .body = control::to_json(control::ApiError{"gslb-prober serves only /v1/status and /v1/reload",
                                                       "ask a name server, by its own --socket"}),
            .headers = {}};
  }

  control::StatusView status() {
    control::StatusView out;
    const ProbeService::View view = probes.view();
    out.program = "gslb-prober";
    out.version = GSLB_VERSION;
    out.pid = ::getpid();
    out.started = started;
    out.loaded = loaded;
    out.configuration = configurations;
    out.targets = static_cast<unsigned>(view.targets);
    out.targets_up = static_cast<unsigned>(view.up);
    out.ready = view.judged == view.targets;
    if (!out.ready)
      out.not_ready_reason = "waiting for the first verdicts: " + std::to_string(view.judged) + " of " +
                             std::to_string(view.targets) + " targets";
    out.last_reload_error = last_reload_error;
    out.sharing = sharing.view();
    return out;
  }

  /// Probes what the configuration and the hosts' addresses make of it.
  void follow() {
    hosts.follow(engine::probed_hosts(config), values(config.server.resolvers));
    feeds.follow(config.feeds, config.sharing, self);
    probe();
  }

  void probe() {
    std::vector<health::Target> targets = engine::probe_targets(config, hosts.addresses());
    // Services say how they are to name servers; a prober that hears nothing must not call that a silence.
    std::erase_if(targets, [](const health::Target& target) { return health::waits_for_pushes(target.monitor); });
    probes.adopt(std::move(targets), config.hash);
  }

  control::ReloadResult reload() {
    const base::SteadyTime begun = base::steady_now();
    control::ReloadResult result;
    base::ErrorList errors;
    if (auto next = config::load(options.config_path, errors)) {
      config = std::move(*next);
      base::configure_log(config.server.log_format, config.server.log_level);
      ++configurations;
      loaded = base::wall_now();
      last_reload_error.clear();
      follow();
      sharing.follow(config.sharing);
      result.ok = true;
      base::log_info("reloaded", {{"configuration", configurations}});
    } else {
      last_reload_error = result.errors = config::report(errors);
      base::log_error("reload refused, the running configuration stays:\n" + last_reload_error);
    }
    result.configuration = configurations;
    result.took = base::steady_now() - begun;
    return result;
  }

  void wait_for_signals() {
    signals.async_wait([this](const boost::system::error_code& error, int signal) {
      if (error) return;
      if (signal != SIGHUP) {
        base::log_info("ending", {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
        return context.stop();
      }
      reload();
      wait_for_signals();
    });
  }

  health::Report report() {
    health::Report out = probes.report();
    const auto read = feeds.shared();
    out.shared.insert(out.shared.end(), read.begin(), read.end());
    return out;
  }

  ProberOptions options;
  std::string self;
  config::Config config;
  asio::io_context context{1};
  asio::signal_set signals{context, SIGHUP, SIGTERM, SIGINT};
  base::WallTime started = base::wall_now();
  base::WallTime loaded = started;
  std::uint64_t configurations = 1;
  std::string last_reload_error;
  Builder builder;
  FeedKeeper feeds{context, {}};
  SharingKeeper sharing{{[this] { return report(); },
                         [](const health::Report&, base::SteadyTime) {},
                         {},
                         [this](const std::vector<std::uint64_t>& ids, const auto& done) { probes.probe(ids, done); }}};
  ProbeService probes{std::random_device()(), [this] { sharing.changed(); }};
  health::HostKeeper hosts{context, [this] { probe(); }};
  std::optional<StateFiles> state;
  std::unique_ptr<net::HttpServer> http;
};

Prober::Prober(ProberOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Prober::~Prober() = default;
int Prober::run() { return impl_->run(); }

}  // namespace gslb::server
