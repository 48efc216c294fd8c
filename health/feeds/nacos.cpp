// Nacos: the instances of a service, by API 1, 2 or 3.
#include "health/feeds/adapter.hpp"
#include "health/feeds/json_access.hpp"

namespace gslb::health {

namespace {

using namespace feeds;

Member member_of(const json::value& host) {
  Member out;
  out.name = name_of(text_at(host, {"ip"}), number_at(host, {"port"}));
  out.weight = std::clamp(number_at(host, {"weight"}).value_or(1), 0.0, 10000.0);
  out.up = truth_at(host, {"healthy"}, true);
  out.draining = !truth_at(host, {"enabled"}, true) || out.weight == 0;
  return out;
}

class Nacos : public Adapter {
 public:
  explicit Nacos(const FeedSpec& spec) : service_(spec.object), name_space_(spec.space), api_(spec.api) {}

  FeedRequest ask(std::string_view secret) override {
    FeedRequest out;
    out.target = api_ == 1   ? "/nacos/v1/ns/instance/list"
                 : api_ == 3 ? "/nacos/v3/client/ns/instance/list"
                             : "/nacos/v2/ns/instance/list";
    out.target += "?serviceName=" + url_escaped(service_);
    if (!name_space_.empty()) out.target += "&namespaceId=" + url_escaped(name_space_);
    if (!secret.empty()) out.target += "&accessToken=" + url_escaped(secret);
    return out;
  }

  base::Result<FeedReading> read(const FeedAnswer& answer) override {
    if (auto good = expect_success(answer, "Nacos"); !good) return good.error();
    const auto page = parsed(answer.body, "Nacos");
    if (!page) return page.error();
    const json::value* data = &*page;
    if (api_ != 1) {
      const auto code = number_at(*page, {"code"});
      if (!code || *code != 0) return base::Error{"Nacos refuses: " + text_at(*page, {"message"})};
      data = at(*page, {"data"});
    }
    // API 3 gives the list itself.
    const json::array* hosts = data == nullptr ? nullptr : data->if_array();
    if (hosts == nullptr && data != nullptr) hosts = list_at(*data, {"hosts"});
    if (hosts == nullptr) return base::Error{"Nacos's answer has no hosts"};
    if (truth_at(*data, {"reachProtectionThreshold"}, false))
      return base::Error{"Nacos protects the service: it lists what is unhealthy as if it were healthy"};
    if (hosts->empty()) return base::Error{"Nacos knows no instance of \"" + service_ + "\""};
    members_.clear();
    for (const json::value& host : *hosts) members_.push_back(member_of(host));
    return reading_of(members_);
  }

 private:
  std::string service_, name_space_;
  unsigned api_;
};

}  // namespace

std::unique_ptr<Adapter> nacos_adapter(const FeedSpec& spec) { return std::make_unique<Nacos>(spec); }

}  // namespace gslb::health
