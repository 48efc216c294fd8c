// Eureka: the instances of an application. A hint: it is late by up to two minutes, and keeps the dead when it doubts
// itself; a lease that has run out counts as gone.
#include "health/feeds/adapter.hpp"
#include "health/feeds/json_access.hpp"

namespace gslb::health {

namespace {

using namespace feeds;

/// @param newest  the latest renewal of any instance, in milliseconds: what "now" is where Eureka runs, about
Member member_of(const json::value& instance, double newest) {
  Member out;
  std::string address = text_at(instance, {"ipAddr"});
  if (address.empty()) address = text_at(instance, {"hostName"});
  out.name = name_of(std::move(address), number_at(instance, {"port", "$"}));
  const std::string status = text_at(instance, {"status"});
  out.up = status == "UP";
  out.draining = status == "OUT_OF_SERVICE";
  const double lease = number_at(instance, {"leaseInfo", "durationInSecs"}).value_or(90) * 1000;
  const auto renewed = number_at(instance, {"leaseInfo", "lastRenewalTimestamp"});
  if (renewed && *renewed > 0 && newest - *renewed > lease) out.up = false;
  return out;
}

class Eureka : public Adapter {
 public:
  explicit Eureka(const FeedSpec& spec)
      : application_(spec.object), base_(spec.target.empty() ? "/eureka" : spec.target) {}

  FeedRequest ask(std::string_view) override {
    FeedRequest out;
    out.target = base_ + "/apps/" + url_escaped(application_);
    out.headers.emplace_back("Accept", "application/json");
    return out;
  }

  base::Result<FeedReading> read(const FeedAnswer& answer) override {
    if (answer.status == 404) return base::Error{"Eureka knows no application \"" + application_ + "\""};
    if (auto good = expect_success(answer, "Eureka"); !good) return good.error();
    const auto page = parsed(answer.body, "Eureka");
    if (!page) return page.error();
    const json::value* found = at(*page, {"application", "instance"});
    if (found == nullptr) return base::Error{"Eureka's answer has no instances"};
    // A single one may stand there by itself.
    const json::array one{*found};
    const json::array& instances = found->is_array() ? found->get_array() : one;
    double newest = 0;
    for (const json::value& instance : instances)
      newest = std::max(newest, number_at(instance, {"leaseInfo", "lastRenewalTimestamp"}).value_or(0));
    if (instances.empty()) return base::Error{"Eureka's application has no instances"};
    members_.clear();
    for (const json::value& instance : instances) members_.push_back(member_of(instance, newest));
    return reading_of(members_);
  }

 private:
  std::string application_, base_;
};

}  // namespace

std::unique_ptr<Adapter> eureka_adapter(const FeedSpec& spec) { return std::make_unique<Eureka>(spec); }

}  // namespace gslb::health
