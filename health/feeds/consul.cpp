// Consul: /v1/health/service/NAME, with blocking queries.
#include <charconv>
#include <utility>

#include "health/feeds/adapter.hpp"
#include "health/feeds/json_access.hpp"

namespace gslb::health {

namespace {

using namespace feeds;

constexpr std::chrono::seconds longest_wait{55}, shortest_wait{1};

enum class Status : std::uint8_t { passing, warning, critical, maintenance };

/// The worst of an entry's checks. Maintenance is a check with a name of its own.
Status status_of(const json::value& entry) {
  Status worst = Status::passing;
  const json::array* checks = list_at(entry, {"Checks"});
  if (checks == nullptr) return worst;
  for (const json::value& check : *checks) {
    const std::string id = text_at(check, {"CheckID"});
    const std::string said = text_at(check, {"Status"});
    Status status = said == "passing" ? Status::passing : said == "warning" ? Status::warning : Status::critical;
    if (id == "_node_maintenance" || id.starts_with("_service_maintenance")) status = Status::maintenance;
    worst = std::max(worst, status);
  }
  return worst;
}

Member member_of(const json::value& entry) {
  Member out;
  std::string address = text_at(entry, {"Service", "Address"});
  if (address.empty()) address = text_at(entry, {"Node", "Address"});
  out.name = name_of(std::move(address), number_at(entry, {"Service", "Port"}));
  const Status status = status_of(entry);
  out.up = status <= Status::warning;
  out.draining = status == Status::maintenance;
  const double passing = number_at(entry, {"Service", "Weights", "Passing"}).value_or(1);
  const double warning = number_at(entry, {"Service", "Weights", "Warning"}).value_or(1);
  out.weight = std::clamp(passing, 0.0, 65535.0);
  if (status == Status::warning && passing > 0 && warning <= 0) out.up = false;
  return out;
}

/// How much of its weight an entry has in its present state: a warning lowers it.
double share_of(const json::value& entry) {
  if (status_of(entry) != Status::warning) return 1;
  const double passing = number_at(entry, {"Service", "Weights", "Passing"}).value_or(1);
  const double warning = number_at(entry, {"Service", "Weights", "Warning"}).value_or(1);
  return passing > 0 ? std::clamp(warning / passing, 0.0, 1.0) : 1;
}

class Consul : public Adapter {
 public:
  explicit Consul(const FeedSpec& spec)
      : service_(spec.object),
        data_center_(spec.space),
        wait_(
            std::clamp(std::chrono::duration_cast<std::chrono::seconds>(spec.hold / 2), shortest_wait, longest_wait)) {}

  FeedRequest ask(std::string_view secret) override {
    FeedRequest out;
    out.target = "/v1/health/service/" + url_escaped(service_) + "?stale";
    if (!data_center_.empty()) out.target += "&dc=" + url_escaped(data_center_);
    if (index_ > 0) {
      out.target += "&index=" + std::to_string(index_) + "&wait=" + std::to_string(wait_.count()) + "s";
      out.waits = wait_ + base::Duration(wait_) / 16;  // what Consul adds itself, so that not all come at once
    }
    if (!secret.empty()) out.headers.emplace_back("X-Consul-Token", secret);
    return out;
  }

  base::Result<FeedReading> read(const FeedAnswer& answer) override {
    const std::uint64_t known = std::exchange(index_, 0);  // for good only if all of it can be used
    if (auto good = expect_success(answer, "Consul"); !good) return good.error();
    if (answer.header("x-consul-results-filtered-by-acls") == "true")
      return base::Error{"Consul leaves out what the token may not read"};
    if (answer.header("x-consul-knownleader") == "false") return base::Error{"Consul has no leader"};
    const auto page = parsed(answer.body, "Consul");
    if (!page) return page.error();
    const json::array* entries = page->if_array();
    if (entries == nullptr) return base::Error{"Consul's answer is no list"};
    std::vector<Member> members;
    double all = 0, usable = 0;
    for (const json::value& entry : *entries) {
      Member member = member_of(entry);
      all += member.weight;
      if (member.up && !member.draining) usable += member.weight * share_of(entry);
      members.push_back(std::move(member));
    }
    if (members.empty()) return base::Error{"Consul knows no instance of \"" + service_ + "\""};
    FeedReading out = reading_of(members);
    if (all > 0) out.capacity = std::clamp(usable / all, 0.0, 1.0);
    members_ = std::move(members);
    index_ = known;
    follow(answer.header("x-consul-index"));
    return out;
  }

  /// That a fault has ended is no change that Consul would answer for: it is asked without waiting.
  void lost() override { index_ = 0; }

 private:
  /// An index that went back means that Consul's state was restored: ask from the beginning.
  void follow(std::string_view text) {
    std::uint64_t index = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) index = 0;
    if (index < index_) {
      index_ = 0;
    } else {
      index_ = std::max<std::uint64_t>(index, 1);
    }
  }

  std::string service_, data_center_;
  std::chrono::seconds wait_;  ///< a reading must not get too old while nothing changes
  std::uint64_t index_ = 0;
};

}  // namespace

std::unique_ptr<Adapter> consul_adapter(const FeedSpec& spec) { return std::make_unique<Consul>(spec); }

}  // namespace gslb::health
