#include "server/store_followers.hpp"

#include <algorithm>

namespace gslb::server {

void StoreFollowers::wait(std::vector<std::string> nodes, Done done) {
  if (nodes.empty()) return done({});
  waiting_.push_back({std::move(nodes), base::steady_now() + patience, std::move(done)});
  if (waiting_.size() == 1) look();
}

void StoreFollowers::look() {
  const base::SteadyTime now = base::steady_now();
  std::list<Waiting> over;
  for (auto one = waiting_.begin(); one != waiting_.end();) {
    const auto next = std::next(one);
    if (now >= one->until || std::ranges::all_of(one->nodes, hooks_.obeys)) over.splice(over.end(), waiting_, one);
    one = next;
  }
  for (const Waiting& one : over) {
    std::vector<OrderExchange::Told> told;
    for (const std::string& node : one.nodes) {
      const bool obeys = hooks_.obeys(node);
      told.push_back({node, obeys, obeys ? "" : "it has not said so in the shared store within 7 s"});
    }
    one.done(std::move(told));
  }
  if (waiting_.empty()) return;
  hooks_.refresh();
  timer_.expires_after(every);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) look();
  });
}

}  // namespace gslb::server
