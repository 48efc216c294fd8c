// JSON about one balancer: `/gslb` of the HAProxy snippet, `/gslb/status.json` of the nginx one, or anybody else's.
//
//   {"servers": 3, "of": 4, "draining": false, "conn": 12, "limit": 400, "free": 388, "queue": 0,
//    "rate": 20.5, "errors": 0.01, "rt_ms": 12.5, "utilization": 0.4}
//   {"peers": [{"addr": "192.0.2.1:80", "up": true, "draining": false, "weight": 1, "rps": 10, "err_rate": 0, "rt_ms":
//   5}]}
#include <cmath>

#include "health/feeds/adapter.hpp"
#include "health/feeds/json_access.hpp"

namespace gslb::health {

namespace {

using namespace feeds;

constexpr double most = 1e12;

std::optional<double> quantity_at(const json::value& page, std::string_view name) {
  const auto value = number_at(page, {name});
  return value && *value >= 0 && *value <= most ? value : std::nullopt;
}

/// Nothing for more than an hour.
std::optional<base::Duration> milliseconds(double value) {
  if (value > 3'600'000) return std::nullopt;
  return std::chrono::duration_cast<base::Duration>(std::chrono::duration<double, std::milli>(value));
}

std::optional<base::Duration> milliseconds_at(const json::value& page, std::string_view name) {
  const auto value = quantity_at(page, name);
  return value ? milliseconds(*value) : std::nullopt;
}

class Page : public Adapter {
 public:
  explicit Page(const FeedSpec& spec) : target_(spec.target) {}

  FeedRequest ask(std::string_view secret) override {
    FeedRequest out;
    out.target = target_.empty() ? "/gslb" : target_;
    if (!secret.empty()) out.headers.emplace_back("Authorization", "Bearer " + std::string(secret));
    return out;
  }

  base::Result<FeedReading> read(const FeedAnswer& answer) override {
    // 503 is how the HAProxy snippet says that no server is left; its page is the same.
    if (answer.status != 503) {
      if (auto good = expect_success(answer, "the page"); !good) return good.error();
    }
    const auto page = parsed(answer.body, "the page");
    if (!page) return page.error();
    if (list_at(*page, {"peers"}) != nullptr) return of_peers(*page);
    return of_counts(*page);
  }

 private:
  base::Result<FeedReading> of_counts(const json::value& page) {
    const auto servers = quantity_at(page, "servers");
    if (!servers) return base::Error{"the page has neither \"servers\" nor \"peers\""};
    FeedReading out;
    const double of = std::max(*servers, quantity_at(page, "of").value_or(*servers));
    out.usable = static_cast<std::uint32_t>(std::min(*servers, 1e6));
    out.members = static_cast<std::uint32_t>(std::min(of, 1e6));
    out.capacity = of > 0 ? *servers / of : 0;
    out.says = out.usable > 0                        ? FeedSays::serving
               : truth_at(page, {"draining"}, false) ? FeedSays::draining
                                                     : FeedSays::failing;
    members_.clear();
    add_load(page, out);
    return out;
  }

  base::Result<FeedReading> of_peers(const json::value& page) {
    std::vector<Member> members;
    double rate = 0, failed = 0, slowness = 0;
    for (const json::value& peer : *list_at(page, {"peers"})) {
      Member member;
      member.name = text_at(peer, {"addr"});
      member.up = truth_at(peer, {"up"}, true);
      member.draining = truth_at(peer, {"draining"}, false);
      member.weight = quantity_at(peer, "weight").value_or(1);
      const double own_rate = quantity_at(peer, "rps").value_or(0);
      rate += own_rate;
      failed += own_rate * std::min(1.0, quantity_at(peer, "err_rate").value_or(0));
      slowness += own_rate * quantity_at(peer, "rt_ms").value_or(0);
      members.push_back(std::move(member));
    }
    FeedReading out = reading_of(members);
    members_ = std::move(members);
    out.rate = rate;
    if (rate > 0) {
      out.errors = std::min(1.0, failed / rate);  // sums round
      out.response_time = milliseconds(slowness / rate);
    }
    add_load(page, out);
    return out;
  }

  static void add_load(const json::value& page, FeedReading& out) {
    if (const auto connections = quantity_at(page, "conn")) out.connections = connections;
    out.connection_limit = quantity_at(page, "limit");
    // HAProxy's connslots: what is left, or -1 where a server has no limit.
    if (const auto left = number_at(page, {"free"}); left && *left >= 0 && out.connections && !out.connection_limit)
      out.connection_limit = *out.connections + *left;
    out.queue = quantity_at(page, "queue");
    if (const auto rate = quantity_at(page, "rate")) out.rate = rate;
    if (const auto errors = quantity_at(page, "errors"); errors && *errors <= 1) out.errors = errors;
    if (const auto time = milliseconds_at(page, "rt_ms")) out.response_time = time;
    out.utilization = quantity_at(page, "utilization");
  }

  std::string target_;
};

}  // namespace

std::unique_ptr<Adapter> page_adapter(const FeedSpec& spec) { return std::make_unique<Page>(spec); }

}  // namespace gslb::health
