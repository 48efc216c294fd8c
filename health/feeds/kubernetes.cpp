// Kubernetes: the EndpointSlices of a service (discovery.k8s.io/v1), all of them together.
#include <map>

#include "health/feeds/adapter.hpp"
#include "health/feeds/json_access.hpp"

namespace gslb::health {

namespace {

using namespace feeds;

/// `ready` absent: ready. `terminating` absent: not. What terminates takes nothing new.
Member member_of(const json::value& endpoint, std::string name) {
  Member out;
  out.name = std::move(name);
  out.up = truth_at(endpoint, {"conditions", "ready"}, true);
  out.draining = truth_at(endpoint, {"conditions", "terminating"}, false);
  return out;
}

class Kubernetes : public Adapter {
 public:
  explicit Kubernetes(const FeedSpec& spec)
      : service_(spec.object), name_space_(spec.space.empty() ? "default" : spec.space) {}

  FeedRequest ask(std::string_view secret) override {
    FeedRequest out;
    out.target = "/apis/discovery.k8s.io/v1/namespaces/" + url_escaped(name_space_) +
                 "/endpointslices?labelSelector=" + url_escaped("kubernetes.io/service-name=" + service_);
    out.headers.emplace_back("Accept", "application/json");
    if (!secret.empty()) out.headers.emplace_back("Authorization", "Bearer " + std::string(secret));
    return out;
  }

  base::Result<FeedReading> read(const FeedAnswer& answer) override {
    if (auto good = expect_success(answer, "Kubernetes"); !good) return good.error();
    const auto page = parsed(answer.body, "Kubernetes");
    if (!page) return page.error();
    const json::array* slices = list_at(*page, {"items"});
    if (slices == nullptr) return base::Error{"Kubernetes's answer has no items"};
    // A pod may stand in two slices while it moves, and with an address of each family: it counts once.
    std::map<std::string, Member> pods;
    for (const json::value& slice : *slices) {
      const json::array* endpoints = list_at(slice, {"endpoints"});
      if (endpoints == nullptr) continue;
      for (const json::value& endpoint : *endpoints) {
        std::string name = text_at(endpoint, {"targetRef", "name"});
        const json::array* addresses = list_at(endpoint, {"addresses"});
        if (name.empty() && addresses != nullptr && !addresses->empty() && addresses->front().is_string())
          name = std::string(addresses->front().get_string());
        if (name.empty()) continue;
        Member member = member_of(endpoint, name);
        const auto [known, is_new] = pods.try_emplace(name, member);
        if (!is_new) known->second.up = known->second.up || member.up;
      }
    }
    if (pods.empty()) return base::Error{"Kubernetes has no endpoint of \"" + service_ + "\""};
    members_.clear();
    for (auto& [name, member] : pods) members_.push_back(std::move(member));
    return reading_of(members_);
  }

 private:
  std::string service_, name_space_;
};

}  // namespace

std::unique_ptr<Adapter> kubernetes_adapter(const FeedSpec& spec) { return std::make_unique<Kubernetes>(spec); }

}  // namespace gslb::health
