// tests/control/fake_instance.hpp: a server that says what the test wants it to say.
#pragma once

#include <utility>

#include "control/instance.hpp"

namespace gslb::control {

inline base::WallTime at(long long unix_seconds) { return base::WallTime(std::chrono::seconds(unix_seconds)); }

inline EndpointView endpoint(std::string address, std::string site, health::Verdict verdict) {
  EndpointView out;
  out.address = std::move(address);
  out.site = std::move(site);
  out.state.verdict = verdict;
  out.weight = out.configured = 3;
  return out;
}

class FakeInstance : public Instance {
 public:
  FakeInstance() {
    state.version = "1.2.3";
    state.pid = 4711;
    state.ready = true;
    state.configuration = 7;
    for (const char* name : {"www.gslb.example.org", "www.eu.gslb.example.org", "api.gslb.example.org"}) {
      ServiceView& service = list.emplace_back();
      service.name = name;
      service.policy = "near";
      service.mode = "serving normally";
      service.endpoints.push_back(endpoint("192.0.2.10", "fra", health::Verdict::up));
    }
  }
  StatusView status() override { return state; }
  std::vector<ServiceView> services() override { return list; }
  bool accept_store() override { return has_store; }
  bool has_store = false;
  std::vector<FeedView> feeds() override { return fed; }
  std::vector<FeedView> fed;
  std::vector<OrderView> orders() override { return given; }
  void order(const OrderRequest& request, std::function<void(OrderOutcome)> done) override {
    requests.push_back(request);
    done(said);
  }
  std::pair<std::vector<health::Event>, std::uint64_t> events(const health::EventFilter& filter) override {
    filters.push_back(filter);
    return {happened, 42};
  }
  void probe_now(const std::string& target, const std::string& from,
                 std::function<void(base::Result<std::vector<ProbeView>>)> done) override {
    if (target != "www") return done(base::Error{"nothing is named " + target});
    done(std::vector<ProbeView>{{from == "all" ? "here" : from, "192.0.2.10", "192.0.2.10 http 80 /", true, false,
                                 "passed", "http 200", std::chrono::milliseconds(3)}});
  }
  base::Result<std::vector<std::string>> push(const std::string& target, const std::string& monitor,
                                              const health::Push& push) override {
    if (target != "www/fra") return base::Error{"nothing is named " + target};
    pushes.emplace_back(monitor, push);
    return std::vector<std::string>{"192.0.2.10 push alive"};
  }
  std::vector<std::pair<std::string, health::Push>> pushes;
  std::vector<OrderView> given;
  std::vector<OrderRequest> requests;
  OrderOutcome said;
  std::vector<health::EventFilter> filters;
  std::vector<health::Event> happened;
  void geo(const base::IpAddress& address, std::function<void(base::Result<GeoView>)> done) override {
    GeoView view = geography;
    view.address = base::to_string(address);
    done(geo_error.empty() ? base::Result<GeoView>(view) : base::Error{geo_error});
  }
  Present present() override { return now; }
  void in_background(std::function<void()> work, std::function<void()> done) override {
    work();
    done();
  }
  void reload(const ReloadOptions& options, std::function<void(ReloadResult)> done) override {
    accepted_geo = options.accept_geo;
    limits = options;
    ++reloads;
    done(outcome);
  }
  void export_zone(std::string zone, std::optional<base::IpAddress> client,
                   std::function<void(base::Result<std::string>)> done) override {
    if (zone != "gslb.example.org") return done(base::Error{"there is no zone \"" + zone + "\""});
    done("; as " + (client ? base::to_string(*client) : std::string("all")) + "\n");
  }
  void order_challenge(ChallengeOrder order, std::function<void(ChallengeOutcome)> done) override {
    if (order.name == "nowhere") return done({{}, {}, "no challenge can be set at nowhere", "try www"});
    std::erase_if(challenges, [&](const ChallengeView& c) { return order.value.empty() || c.value == order.value; });
    const auto until = base::WallTime(std::chrono::sys_days(std::chrono::year(2026) / 11 / 23)) + order.lasts;
    if (order.lasts != base::Duration::zero())
      challenges.push_back({"_acme-challenge." + order.name, order.value, until});
    done({"_acme-challenge." + order.name, challenges, {}, {}});
  }
  void list_challenges(std::function<void(std::vector<ChallengeView>)> done) override { done(challenges); }
  void ask_name_servers(ChallengeQuestion question,
                        std::function<void(base::Result<std::vector<NameServerView>>)> done) override {
    asked = question;
    if (lagging-- > 0)
      return done(std::vector<NameServerView>{{"ns1.example.org", "192.0.2.1:53", true, ""},
                                              {"ns2.example.org", "192.0.2.2:53", false, "does not answer"}});
    done(std::vector<NameServerView>{{"ns1.example.org", "192.0.2.1:53", true, ""}});
  }

  ConfigView config_view() override { return config; }
  void push_config(ConfigPush push, std::function<void(ConfigPushOutcome)> done) override {
    pushed.push_back(std::move(push));
    done(push_outcome);
  }
  void leave_config(const std::string& author, const std::string& reason,
                    std::function<void(ConfigPushOutcome)> done) override {
    left.emplace_back(author, reason);
    done(push_outcome);
  }
  ConfigView config;
  std::vector<ConfigPush> pushed;
  std::vector<std::pair<std::string, std::string>> left;
  ConfigPushOutcome push_outcome{true, false, {}, "answers are the same\n", 0, "all 3 hold (1 ms)\n", {}, 8};
  void keys_view(std::function<void(std::vector<ZoneKeysView>)> done) override { done(keys); }
  void order_keys(KeyOrder order, std::function<void(KeyOutcome)> done) override {
    key_orders.push_back(std::move(order));
    done(key_outcome);
  }

  std::vector<ChallengeView> challenges;
  ChallengeQuestion asked;
  int lagging = 0;  ///< how often a name server will lag yet
  StatusView state;
  std::vector<ServiceView> list;
  GeoView geography;
  std::string geo_error;
  ReloadResult outcome{true, 8, {}, std::chrono::milliseconds(250)};
  Present now;
  ReloadOptions limits;
  int reloads = 0;
  bool accepted_geo = false;
  std::vector<ZoneKeysView> keys;
  std::vector<KeyOrder> key_orders;
  KeyOutcome key_outcome{true, "made key 4711, a CSK", {}};
};

}  // namespace gslb::control
