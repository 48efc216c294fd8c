#include "server/order_exchange.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "health/order_file.hpp"
#include "health/sharing/peer_request.hpp"

namespace gslb::server {

namespace {

constexpr std::chrono::seconds patience{2};
/// Between two tries to agree with a node: it may have been told a moment ago.
constexpr std::chrono::seconds rest{2};
/// Longer than an order that has ended is kept anywhere else.
constexpr auto kept_in_store = health::OrderBook::kept_after + std::chrono::hours(1);

std::string key_of(const health::Order& order) {
  const auto given = std::chrono::duration_cast<std::chrono::milliseconds>(order.given.time_since_epoch()).count();
  return std::string(OrderExchange::prefix) + std::to_string(order.id) + "@" + order.node + "@" + std::to_string(given);
}

}  // namespace

void OrderExchange::follow(const health::SharingSpec& spec, const std::string& self) {
  spec_ = spec;
  keeper_.name(self);
  decltype(peers_) next;
  for (const health::VantageSpec& vantage : spec.vantages) {
    if (vantage.address && vantage.name != self) next[vantage.name].address = *vantage.address;
  }
  peers_ = std::move(next);
}

void OrderExchange::spread(std::function<void(std::vector<Told>)> done) {
  if (peers_.empty()) return done({});
  struct Round {
    std::vector<Told> told;
    std::size_t all;
    std::function<void(std::vector<Told>)> done;
  };
  const auto round = std::make_shared<Round>(Round{{}, peers_.size(), std::move(done)});
  for (const auto& [name, peer] : peers_) {
    tell(name, [round](Told told) {
      round->told.push_back(std::move(told));
      if (round->told.size() < round->all) return;
      std::ranges::sort(round->told, {}, &Told::node);
      round->done(std::move(round->told));
    });
  }
}

void OrderExchange::tell(const std::string& node, const std::function<void(Told)>& done) {
  Peer& peer = peers_.at(node);
  peer.tried = base::steady_now();
  net::HttpRequest request =
      health::peer_request(spec_, node, peer.address, "/v1/orders", health::to_text(keeper_.book()));
  request.body_limit = health::longest_orders;
  request.deadline = peer.tried + patience;
  client_.send(std::move(request),
               [this, node, done](const net::HttpResponse& response) { done(judge(node, response)); });
}

OrderExchange::Told OrderExchange::judge(const std::string& node, const net::HttpResponse& response) {
  if (response.reached != net::Phase::done)
    return {node, false, std::string(net::to_string(response.reached)) + ": " + response.problem};
  if (response.status != 200)
    return {node, false, std::to_string(response.status) + ": " + response.body.substr(0, response.body.find('\n'))};
  const auto theirs = health::parse_orders(response.body);
  if (!theirs) return {node, false, theirs.error().what};
  keeper_.merge(theirs->all(), node);
  if (health::mark_of(theirs->all()) != health::mark_of(keeper_.all()))
    return {node, false, "it does not take all orders of this node"};
  return {node, true, ""};
}

void OrderExchange::heard(const std::string& node, std::uint32_t mark) {
  const auto peer = peers_.find(node);
  if (peer == peers_.end() || mark == health::mark_of(keeper_.all())) return;
  if (base::steady_now() - peer->second.tried < rest) return;
  tell(node, [](const Told&) {});
}

base::Result<std::string> OrderExchange::take(const std::string& node, std::string_view orders) {
  const auto theirs = health::parse_orders(orders);
  if (!theirs) return theirs.error();
  keeper_.merge(theirs->all(), node);
  return health::to_text(keeper_.book());
}

void OrderExchange::read(const health::Listing& listing, health::SharedStore& store) {
  const auto nothing = [](const base::Result<std::uint64_t>&) {};
  std::map<std::string_view, std::pair<health::Order, std::uint64_t>> there;
  std::vector<health::Order> theirs;
  for (const health::StoredValue& value : listing.values) {
    if (!value.key.starts_with(prefix)) continue;
    auto order = health::parse_order(value.value);
    if (!order || key_of(*order) != value.key) {
      if (unreadable_ != value.key)
        base::log_warning("the shared store has an order that cannot be read", {{"key", value.key}});
      unreadable_ = value.key;
      continue;
    }
    if (order->ended && base::wall_now() - *order->ended > kept_in_store)
      store.remove(value.key, value.revision, nothing);
    theirs.push_back(*order);
    there.emplace(value.key, std::pair(*std::move(order), value.revision));
  }
  keeper_.merge(theirs, "the shared store");

  std::vector<std::pair<health::Order, std::uint64_t>> stored;
  std::vector<health::Order> forgotten;
  for (const health::Order& own : keeper_.all()) {
    const std::string key = key_of(own);
    if (const auto found = there.find(key); found != there.end()) {
      const auto& [its, revision] = found->second;
      if (own.stored != revision) stored.emplace_back(own, revision);
      if (own.ended && !its.ended) store.put(key, health::to_text(own), revision, nothing);
    } else if (own.ended) {
      continue;
    } else if (own.stored == 0) {
      store.put(key, health::to_text(own), 0, nothing);
    } else if (listing.revision >= own.stored) {
      // It was there, has ended, and was removed long after: this node was away all that time.
      health::Order& gone = forgotten.emplace_back(own);
      gone.ended = base::wall_now();
      gone.ended_by = "somebody while this node was away";
    }
  }
  keeper_.stored(stored);
  keeper_.merge(forgotten, "the shared store");
}

void OrderExchange::forget_store() {
  std::vector<std::pair<health::Order, std::uint64_t>> none;
  for (const health::Order& own : keeper_.all()) none.emplace_back(own, 0);
  keeper_.stored(none);
}

}  // namespace gslb::server
