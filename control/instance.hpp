// control/instance.hpp: what the control API needs of a running server; server/ implements it, tests fake it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "control/acme_views.hpp"
#include "control/config_views.hpp"
#include "control/feed_view.hpp"
#include "control/geo_view.hpp"
#include "control/key_views.hpp"
#include "control/order_views.hpp"
#include "control/probe_json.hpp"
#include "control/reasons.hpp"
#include "control/sharing_views.hpp"
#include "health/event_log.hpp"
#include "health/push.hpp"
#include "health/target.hpp"
#include "policy/shares.hpp"

namespace gslb::control {

struct EndpointView {
  std::string address;  ///< "192.0.2.10"
  std::string site;
  health::TargetState state;  ///< verdict `up` with reason "not probed" for endpoints without a monitor
  bool probed = true;
  double weight = 0;  ///< effective, same unit as `configured`
  double configured = 0;
  std::string ordered;  ///< "up", "drain", "down": what people ordered; "hold": its verdict stays as it was; else ""
  std::string
      why;  ///< why the weight is not the configured one: "slowstart, full in 42 s", "down: connect refused"; else ""
};

struct ServiceView {
  std::string name;  ///< absolute owner name without final dot: "www.gslb.example.org"
  std::string policy;
  std::string mode;  ///< `worst` in words: "serving normally", "fail-open: no member is up", "answers the fallback"
  std::string held;  ///< whom `failback` keeps from a better tier: "IPv4: from tier 1 for 12 s, …"; else ""
  std::vector<EndpointView> endpoints;
  policy::Mode worst = policy::Mode::normal;  ///< of what its clients get; not in JSON
};

struct SiteView {
  std::string name;
  unsigned endpoints = 0;  ///< endpoint addresses there
  unsigned up = 0;
  base::WallTime since{};     ///< of the newest change of one of them
  std::string checks;         ///< last reason of one of them: "http 200"
  base::Duration latency{};   ///< median of its targets' last successful probes; 0: none
  std::uint64_t answers = 0;  ///< answers that named an endpoint of the site, since start
};

struct StatusView {
  std::string program = "gslbd";  ///< or "gslb-prober", which serves nothing
  std::string version;
  std::int64_t pid = 0;
  base::WallTime started{};
  bool ready = false;            ///< sockets bound
  std::string not_ready_reason;  ///< "waiting for the first verdicts: 2 of 6 targets"
  std::vector<std::string> listen;
  std::uint64_t configuration = 0;  ///< counts loaded configurations, from 1
  std::uint64_t plan = 0;           ///< counts published generations
  base::WallTime loaded{};
  std::string last_reload_error;  ///< "" if the last reload succeeded
  unsigned zones = 0, services = 0, targets = 0, targets_up = 0;
  std::uint64_t queries = 0, answers = 0, dropped = 0;
  std::uint64_t limited = 0;  ///< queries over the rate limit: a bare TC or nothing
  unsigned signed_zones = 0;
  std::uint64_t signatures_made = 0;  ///< since start; queries never add to it
  base::WallTime signatures_end{};    ///< when the first of those that are served ends, if it is not renewed before
  std::vector<SiteView> sites;
  SharingView sharing;  ///< with other vantages, where there are any
  StoreView store;
  std::vector<NodeView> nodes;  ///< the other name servers
  std::vector<std::string> warnings;
};

struct ReloadOptions {
  bool accept_geo = false;         ///< new databases are used however many clients they move
  std::optional<double> max_move;  ///< refuse if a larger part of a service's clients would move, 0 to 1
};

struct ReloadResult {
  bool ok = false;
  std::uint64_t configuration = 0;  ///< the one that runs now
  std::string errors;               ///< as `gslbctl check` prints them; nothing was loaded
  base::Duration took{};
  bool refused = false;    ///< sound, but more would move than was allowed; `errors` says what
  std::string difference;  ///< if so: the same as JSON
};

class Instance {
 public:
  virtual ~Instance() = default;
  virtual StatusView status() = 0;
  /// All services, in the order of the configuration.
  virtual std::vector<ServiceView> services() = 0;
  /// Believes a shared store that was refused, from now on. @return false if there is no store
  virtual bool accept_store() = 0;
  /// What sites' balancers and registries say, in the order of the configuration.
  virtual std::vector<FeedView> feeds() = 0;
  /// The orders of people that hold, and those that ended within a day, by id.
  virtual std::vector<OrderView> orders() = 0;
  /// Gives or ends orders. `done` is called on the control thread, once the answers of all nodes obey that can be
  /// reached.
  virtual void order(const OrderRequest& request, std::function<void(OrderOutcome)> done) = 0;
  /// The events that the filter holds, and the id of the newest there is.
  virtual std::pair<std::vector<health::Event>, std::uint64_t> events(const health::EventFilter& filter) = 0;
  /// Probes what a person means by `target`, once; `done` is called on the control thread, within the monitors'
  /// timeouts and, of other vantages, a few seconds.
  /// @param from  "all", "here", or the name of a vantage
  virtual void probe_now(const std::string& target, const std::string& from,
                         std::function<void(base::Result<std::vector<ProbeView>>)> done) = 0;
  /// What a service says of itself, for all that a person means by `target` and that waits for pushes.
  /// @param monitor  only for the monitor of this name; "" for each
  /// @return the keys of the targets
  virtual base::Result<std::vector<std::string>> push(const std::string& target, const std::string& monitor,
                                                      const health::Push& push) = 0;
  /// What is known of an address. `done` is called on the control thread; it fails if a file has changed.
  virtual void geo(const base::IpAddress& address, std::function<void(base::Result<GeoView>)> done) = 0;
  /// What answers now, for questions about it.
  virtual Present present() = 0;
  /// Runs `work` on the thread for what takes long, then `done` on the control thread.
  virtual void in_background(std::function<void()> work, std::function<void()> done) = 0;
  /// Loads the configuration anew in the background; `done` is called on the control thread.
  virtual void reload(const ReloadOptions& options, std::function<void(ReloadResult)> done) = 0;
  virtual ConfigView config_view() = 0;
  /// Tries another configuration, or only says what it would do; `done` is called on the control thread, once answers
  /// come from it or it is refused. While it is on trial, the server takes it back by itself.
  virtual void push_config(ConfigPush push, std::function<void(ConfigPushOutcome)> done) = 0;
  /// Back to the machine's own files, from a trial too.
  virtual void leave_config(const std::string& author, const std::string& reason,
                            std::function<void(ConfigPushOutcome)> done) = 0;
  /// The keys of all zones that are to be signed, by zone. `done` is called on the control thread.
  virtual void keys_view(std::function<void(std::vector<ZoneKeysView>)> done) = 0;
  /// `done` is called on the control thread, once the order is carried out or refused.
  virtual void order_keys(KeyOrder order, std::function<void(KeyOutcome)> done) = 0;
  /// Writes a zone as a master file in the background; `done` is called on the control thread.
  /// @param client  steered names as this client gets them now; without it, with every endpoint that some client gets
  virtual void export_zone(std::string zone, std::optional<base::IpAddress> client,
                           std::function<void(base::Result<std::string>)> done) = 0;

  // ACME challenges; each `done` is called on the control thread.
  /// Sets or clears one; told when workers answer with it.
  virtual void order_challenge(ChallengeOrder order, std::function<void(ChallengeOutcome)> done) = 0;
  virtual void list_challenges(std::function<void(std::vector<ChallengeView>)> done) = 0;
  /// Asks each name server once, over DNS; told within some ten seconds. An error if there is no such zone.
  virtual void ask_name_servers(ChallengeQuestion question,
                                std::function<void(base::Result<std::vector<NameServerView>>)> done) = 0;
};

}  // namespace gslb::control
