// server/server_impl.hpp: what a running server consists of. For the files server*.cpp of this folder alone.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>

#include "control/instance.hpp"
#include "health/sharing/node_watch.hpp"
#include "net/http_server.hpp"
#include "net/line_server.hpp"
#include "server/challenge_survey.hpp"
#include "server/config_desk.hpp"
#include "server/consul_registrar.hpp"
#include "server/feed_keeper.hpp"
#include "server/health_service.hpp"
#include "server/journal.hpp"
#include "server/keepers.hpp"
#include "server/key_exchange.hpp"
#include "server/latch_exchange.hpp"
#include "server/loader.hpp"
#include "server/order_desk.hpp"
#include "server/order_exchange.hpp"
#include "server/server.hpp"
#include "server/sharing_keeper.hpp"
#include "server/state_files.hpp"
#include "server/store_followers.hpp"
#include "server/store_keeper.hpp"
#include "server/target_desk.hpp"
#include "server/views.hpp"
#include "server/workers.hpp"

namespace gslb::server {

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
  void deliver(const health::Report& report, base::SteadyTime arrival);
  void watch_drain(const std::string& feed, const health::FeedReading& reading, base::SteadyTime when);
  void read_store(const health::Listing& listing);
  void follow_others(const std::string& self);
  health::NodeRecord own_record();
  void finish(Loaded loaded, base::SteadyTime started,
              const std::vector<std::function<void(control::ReloadResult)>>& waiting);
  void leave_for_edited_files();
  Loaded load_first();
  void load_pushed(std::optional<control::ConfigPush> push, ConfigDesk::Done done);
  Loaded load_next(const engine::SnapshotPtr& judged_by, health::HostAddresses known, std::uint64_t number);
  Reading reading() const;
  void ended_reload();
  void publish(engine::SnapshotPtr changed, std::function<void()> done);
  void note_settings_that_need_a_restart(config::ServerSpec next);
  void note_warnings(const std::vector<std::string>& found);
  void fail(const std::string& why);
  void note_event(health::EventKind kind, std::string what);

  control::StatusView status() override;
  std::vector<control::ServiceView> services() override { return view_services(health->view()); }
  std::vector<control::FeedView> feeds() override { return view_feeds(health->view(), feed_keeper->states()); }
  bool accept_store() override;
  std::vector<control::OrderView> orders() override { return desk->orders(); }
  void order(const control::OrderRequest& request, std::function<void(control::OrderOutcome)> done) override;
  std::pair<std::vector<health::Event>, std::uint64_t> events(const health::EventFilter& filter) override {
    return journal.find(filter);
  }
  void probe_now(const std::string& target, const std::string& from,
                 std::function<void(base::Result<std::vector<control::ProbeView>>)> done) override {
    targets->probe_now(target, from, vantage, std::move(done));
  }
  base::Result<std::vector<std::string>> push(const std::string& target, const std::string& monitor,
                                              const health::Push& push) override {
    return targets->push(target, monitor, push);
  }
  void geo(const base::IpAddress& address, std::function<void(base::Result<control::GeoView>)> done) override;
  control::Present present() override;
  void in_background(std::function<void()> work, std::function<void()> done) override;
  void reload(const control::ReloadOptions& asked, std::function<void(control::ReloadResult)> done) override;
  control::ConfigView config_view() override;
  void push_config(control::ConfigPush push, std::function<void(control::ConfigPushOutcome)> done) override {
    configs.push(std::move(push), std::move(done));
  }
  void leave_config(const std::string& author, const std::string& reason,
                    std::function<void(control::ConfigPushOutcome)> done) override {
    configs.leave(author, reason, std::move(done));
  }
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
  boost::asio::io_context context{1};
  boost::asio::signal_set signals{context, SIGHUP, SIGTERM, SIGINT};
  boost::asio::steady_timer ready_timer{context};
  base::SteadyTime give_up_waiting{};
  base::WallTime started = base::wall_now();
  std::uint64_t configuration = 1;
  health::NodeWatch nodes;
  std::string last_reload_error;
  std::vector<std::string> warnings;
  std::vector<std::function<void(control::ReloadResult)>> reload_waiting;
  control::ReloadOptions reload_limits;  ///< of all who wait: the strictest move; databases are accepted if one says so
  bool reloading = false;
  int exit_code = 0;
  Journal journal;
  std::shared_ptr<PushedFiles> pushed = std::make_shared<PushedFiles>();  ///< the builder's
  // Ended in the reverse order: control first, then what it shows, then what all of these hand what is to be freed.
  Keepers keepers{context, [this](engine::SnapshotPtr next, std::function<void()> done) {
                    publish(std::move(next), std::move(done));
                  }};
  Workers workers{keepers.builder()};
  std::unique_ptr<SharingKeeper> sharing;
  std::string vantage;  ///< which one this is; "" while it judges alone
  std::unique_ptr<HealthService> health;
  std::unique_ptr<FeedKeeper> feed_keeper;
  StoreKeeper store{context,
                    {[this] { return own_record(); }, [this](const health::Listing& listing) { read_store(listing); }}};
  ConfigDesk configs{context,
                     keepers.builder(),
                     options.config_path,
                     pushed,
                     {[this](std::optional<control::ConfigPush> push, ConfigDesk::Done done) {
                        load_pushed(std::move(push), std::move(done));
                      },
                      [this] { return reading(); },
                      [this](std::string what) { note_event(health::EventKind::configuration, std::move(what)); },
                      [this] { return store.store(); }}};
  KeyExchange key_exchange{keepers.keys(), [this] { return store.store(); }};
  std::unique_ptr<OrderDesk> desk;
  std::unique_ptr<TargetDesk> targets;
  std::unique_ptr<OrderExchange> exchange;
  StoreFollowers followers{
      context,
      {[this] { store.refresh(); },
       [this](const std::string& node) { return nodes.obeys(node, health::mark_of(desk->keeper().all())); }}};
  std::unique_ptr<LatchExchange> latches;
  std::optional<StateFiles> state;
  ConsulRegistrar registrar{context, host_name(),
                            [this] { return "serving " + std::to_string(config->zones.size()) + " zones"; }};
  std::unique_ptr<net::HttpServer> http;
  std::unique_ptr<net::LineServer> agent;
};

}  // namespace gslb::server
