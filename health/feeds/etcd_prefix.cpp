// Registrations in etcd: one key each below a prefix, on a lease; its value may be JSON that says more.
#include "health/feeds/adapter.hpp"
#include "health/feeds/json_access.hpp"
#include "health/sharing/etcd_json.hpp"

namespace gslb::health {

namespace {

using namespace feeds;

/// What is registered is up unless its value says otherwise: a lease that ends takes the key away.
Member member_of(std::string name, std::string_view value) {
  Member out{.name = std::move(name), .up = true};
  const auto said = parsed(value, "the value");
  if (!said || !said->is_object()) return out;
  out.up = truth_at(*said, {"up"}, true);
  out.draining = truth_at(*said, {"draining"}, false);
  out.weight = std::clamp(number_at(*said, {"weight"}).value_or(1), 0.0, 1e6);
  return out;
}

class EtcdPrefix : public Adapter {
 public:
  explicit EtcdPrefix(const FeedSpec& spec) : prefix_(spec.object) {}

  FeedRequest ask(std::string_view secret) override {
    FeedRequest out;
    out.method = "POST";
    out.target = "/v3/kv/range";
    out.body = etcd::range_request(prefix_);
    out.headers.emplace_back("Content-Type", "application/json");
    if (!secret.empty()) out.headers.emplace_back("Authorization", secret);
    return out;
  }

  base::Result<FeedReading> read(const FeedAnswer& answer) override {
    if (answer.status != 200) return base::Error{"etcd refuses: " + etcd::read_error(answer.body)};
    const auto listing = etcd::read_range(answer.body);
    if (!listing) return listing.error();
    // A store that was wiped or rolled back is not well.
    if (listing->revision < revision_) {
      revision_ = listing->revision;
      return base::Error{"etcd is older than it was"};
    }
    revision_ = listing->revision;
    if (listing->values.empty()) return base::Error{"nothing is registered below " + prefix_};
    members_.clear();
    for (const auto& one : listing->values)
      members_.push_back(member_of(one.key.substr(std::min(prefix_.size(), one.key.size())), one.value));
    return reading_of(members_);
  }

 private:
  std::string prefix_;
  std::uint64_t revision_ = 0;
};

}  // namespace

std::unique_ptr<Adapter> etcd_adapter(const FeedSpec& spec) { return std::make_unique<EtcdPrefix>(spec); }

}  // namespace gslb::health
