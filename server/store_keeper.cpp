#include "server/store_keeper.hpp"

#include <cstdio>
#include <random>

#include "base/log.hpp"

namespace gslb::server {

namespace {

constexpr std::string_view everything = "/gslb/";
constexpr std::chrono::hours compaction_every{1};

std::string new_identity() {
  std::random_device random;
  char out[33];
  std::snprintf(out, sizeof out, "%08x%08x%08x%08x", random(), random(), random(), random());
  return out;
}

}  // namespace

StoreKeeper::StoreKeeper(boost::asio::io_context& control, Hooks hooks)
    : hooks_(std::move(hooks)), control_(control), timer_(control) {}

StoreKeeper::~StoreKeeper() = default;

void StoreKeeper::follow(const health::EtcdSpec& spec, const std::string& self) {
  if (client_ && spec == spec_ && self == self_) return;
  spec_ = spec;
  self_ = self;
  client_.reset();
  timer_.cancel();
  problem_.clear();
  reading_ = again_ = false;
  if (spec.endpoints.empty()) return;
  client_ = std::make_unique<health::EtcdClient>(control_, spec);
  look();
}

/// One at a time: of two, the older could come last, and look like a store that was rolled back.
void StoreKeeper::look() {
  again_ = reading_;
  if (reading_) return;
  reading_ = true;
  client_->list(std::string(everything), [this](const base::Result<health::Listing>& listing) {
    reading_ = false;
    take(listing);
    if (again_) look();
  });
}

void StoreKeeper::take(const base::Result<health::Listing>& listing) {
  timer_.expires_after(every);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && client_) look();
  });
  if (!listing) {
    if (problem_.empty()) base::log_warning("the shared store cannot be read: " + listing.error().what);
    problem_ = listing.error().what;
    return;
  }
  if (!problem_.empty()) base::log_info("the shared store can be read again");
  problem_.clear();
  read_ = base::steady_now();
  const std::string before = fence_.problem();
  switch (fence_.judge(*listing)) {
    case health::StoreFence::Verdict::fresh:
      return name_store();
    case health::StoreFence::Verdict::refused:
      if (fence_.problem() != before) base::log_error(fence_.problem());
      return;
    case health::StoreFence::Verdict::trusted:
      break;
  }
  hooks_.trusted(*listing);
  publish();
  check_compaction();
}

/// Of several nodes that find it without an identity, one gives it one.
void StoreKeeper::name_store() {
  client_->put(std::string(health::StoreFence::identity_key), new_identity(), 0,
               [this](const base::Result<std::uint64_t>&) { look(); });
}

void StoreKeeper::publish() {
  const health::NodeRecord own = hooks_.own();
  const base::SteadyTime now = base::steady_now();
  if (published_at_ && own == published_ && now - *published_at_ < health::NodeWatch::beat) return;
  client_->put(std::string(health::NodeWatch::prefix) + self_, to_text(own), std::nullopt,
               [this, own, now](const base::Result<std::uint64_t>& done) {
                 if (!done) return;
                 published_ = own;
                 published_at_ = now;
               });
}

void StoreKeeper::check_compaction() {
  const base::SteadyTime now = base::steady_now();
  if (compaction_checked_ != base::SteadyTime{} && now - compaction_checked_ < compaction_every) return;
  compaction_checked_ = now;
  client_->is_compacted(health::EtcdClient::young, [this](const base::Result<bool>& compacted) {
    if (compacted) grows_ = !*compacted;
  });
}

void StoreKeeper::refresh() {
  if (client_) look();
}

void StoreKeeper::accept() {
  fence_.accept();
  refresh();
}

std::vector<std::string> StoreKeeper::warnings() const {
  std::vector<std::string> out;
  if (!client_) return out;
  if (!problem_.empty()) out.push_back("the shared store cannot be read: " + problem_);
  if (!fence_.problem().empty()) out.push_back(fence_.problem());
  if (grows_) out.emplace_back(health::EtcdClient::grows);
  return out;
}

control::StoreView StoreKeeper::view() const {
  control::StoreView out;
  if (!client_) return out;
  const base::SteadyTime now = base::steady_now();
  for (const auto& endpoint : client_->endpoints())
    out.endpoints.push_back({endpoint.address, endpoint.preferred, endpoint.problem});
  if (read_) out.read = now - *read_;
  out.revision = fence_.revision();
  out.problem = problem_.empty() ? fence_.problem() : problem_;
  return out;
}

}  // namespace gslb::server
