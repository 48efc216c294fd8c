// An instant query of Prometheus (HTTP API v1): one number, how much of what the site can bear it is asked for.
#include "health/feeds/adapter.hpp"
#include "health/feeds/json_access.hpp"

namespace gslb::health {

namespace {

using namespace feeds;

class Prometheus : public Adapter {
 public:
  explicit Prometheus(const FeedSpec& spec) : query_(spec.object) {}

  FeedRequest ask(std::string_view secret) override {
    FeedRequest out;
    out.target = "/api/v1/query?query=" + url_escaped(query_);
    if (!secret.empty()) out.headers.emplace_back("Authorization", "Bearer " + std::string(secret));
    return out;
  }

  base::Result<FeedReading> read(const FeedAnswer& answer) override {
    const auto page = parsed(answer.body, "Prometheus");
    if (!page) {
      if (auto good = expect_success(answer, "Prometheus"); !good) return good.error();
      return page.error();
    }
    if (text_at(*page, {"status"}) != "success")
      return base::Error{"Prometheus refuses the query: " + text_at(*page, {"error"})};
    const std::string type = text_at(*page, {"data", "resultType"});
    const json::array* result = list_at(*page, {"data", "result"});
    if (result == nullptr) return base::Error{"Prometheus's answer has no result"};
    const json::array* sample = nullptr;
    if (type == "scalar") {
      sample = result;
    } else if (type == "vector" && result->size() == 1) {
      sample = list_at(result->front(), {"value"});
    } else if (type == "vector") {
      return base::Error{result->empty() ? "the query finds nothing"
                                         : "the query finds " + std::to_string(result->size()) +
                                               " series; make it one, for example with sum()"};
    }
    const auto value = sample != nullptr && sample->size() == 2 ? number((*sample)[1]) : std::nullopt;
    if (!value || *value < 0) return base::Error{"the query's value is not a number from 0 on"};
    FeedReading out;
    out.utilization = *value;
    return out;
  }

 private:
  std::string query_;
};

}  // namespace

std::unique_ptr<Adapter> prometheus_adapter(const FeedSpec& spec) { return std::make_unique<Prometheus>(spec); }

}  // namespace gslb::health
