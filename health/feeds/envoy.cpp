// Envoy's admin interface: /clusters?format=json. What has its default value is left out of it.
#include "health/feeds/adapter.hpp"
#include "health/feeds/json_access.hpp"

namespace gslb::health {

namespace {

using namespace feeds;

/// `eds_health_status` stays HEALTHY for a host that Envoy ejected: it is up only if nothing speaks against it.
Member member_of(const json::value& host) {
  Member out;
  out.name = name_of(text_at(host, {"address", "socket_address", "address"}),
                     number_at(host, {"address", "socket_address", "port_value"}));
  const std::string said = text_at(host, {"health_status", "eds_health_status"});
  bool wrong = !(said.empty() || said == "HEALTHY" || said == "DEGRADED" || said == "UNKNOWN" || said == "DRAINING");
  for (const std::string_view flag : {"failed_active_health_check", "failed_outlier_check", "pending_active_hc",
                                      "excluded_via_immediate_hc_fail", "active_hc_timeout"})
    wrong = wrong || truth_at(host, {"health_status", flag}, false);
  out.draining = said == "DRAINING" || truth_at(host, {"health_status", "pending_dynamic_removal"}, false);
  out.up = !wrong;
  out.weight = std::clamp(number_at(host, {"weight"}).value_or(1), 0.0, 1e6);
  return out;
}

struct Totals {
  double requests = 0, errors = 0, active = 0;
};

void add_stats(const json::value& host, Totals& totals) {
  const json::array* stats = list_at(host, {"stats"});
  if (stats == nullptr) return;
  for (const json::value& one : *stats) {
    const std::string name = text_at(one, {"name"});
    const double value = std::clamp(number_at(one, {"value"}).value_or(0), 0.0, 1e15);
    if (name == "rq_total") totals.requests += value;
    if (name == "rq_error") totals.errors += value;
    if (name == "rq_active") totals.active += value;
  }
}

class Envoy : public Adapter {
 public:
  explicit Envoy(const FeedSpec& spec) : cluster_(spec.object), target_(spec.target) {}

  FeedRequest ask(std::string_view) override {
    FeedRequest out;
    out.target = target_.empty() ? "/clusters?format=json" : target_;
    return out;
  }

  base::Result<FeedReading> read(const FeedAnswer& answer) override {
    if (auto good = expect_success(answer, "Envoy"); !good) return good.error();
    const auto page = parsed(answer.body, "Envoy");
    if (!page) return page.error();
    const json::array* clusters = list_at(*page, {"cluster_statuses"});
    if (clusters == nullptr) return base::Error{"Envoy's answer has no cluster_statuses"};
    for (const json::value& cluster : *clusters) {
      if (text_at(cluster, {"name"}) != cluster_) continue;
      std::vector<Member> members;
      Totals totals;
      if (const json::array* hosts = list_at(cluster, {"host_statuses"})) {
        for (const json::value& host : *hosts) {
          members.push_back(member_of(host));
          add_stats(host, totals);
        }
      }
      // A cluster whose discovery has not answered yet has no hosts, either.
      if (members.empty()) return base::Error{"Envoy's cluster \"" + cluster_ + "\" has no hosts"};
      FeedReading out = reading_of(members);
      members_ = std::move(members);
      out.connections = totals.active;
      out.requests_counted = static_cast<std::uint64_t>(totals.requests);
      out.errors_counted = static_cast<std::uint64_t>(std::min(totals.errors, totals.requests));
      return out;
    }
    return base::Error{"Envoy has no cluster \"" + cluster_ + "\""};
  }

 private:
  std::string cluster_, target_;
};

}  // namespace

std::unique_ptr<Adapter> envoy_adapter(const FeedSpec& spec) { return std::make_unique<Envoy>(spec); }

}  // namespace gslb::health
