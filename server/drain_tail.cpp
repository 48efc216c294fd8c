#include "server/drain_tail.hpp"

namespace gslb::server {

std::optional<base::Duration> DrainTail::see(const std::string& feed, const std::string& site,
                                             const health::FeedReading& reading, bool drained, base::SteadyTime now) {
  balancers_[feed] = {site, {reading.connections, reading.rate}, now};
  const std::optional<double> requests = left(site, now).requests;
  if (!requests) return std::nullopt;
  Site& known = sites_[site];
  if (!drained) {
    known.before = *requests;
    known.drained.reset();
    known.ended = false;
    return std::nullopt;
  }
  if (!known.drained) known.drained = now;
  if (known.ended || known.before < needed || *requests > known.before * few) return std::nullopt;
  known.ended = true;
  known.tail = now - *known.drained;
  return known.tail;
}

DrainTail::Left DrainTail::left(const std::string& site, base::SteadyTime now) const {
  Left out;
  const auto add = [](std::optional<double>& sum, const std::optional<double>& one) {
    if (one) sum = sum.value_or(0) + *one;
  };
  for (const auto& [feed, balancer] : balancers_) {
    if (balancer.site != site || now - balancer.when > fresh) continue;
    add(out.connections, balancer.left.connections);
    add(out.requests, balancer.left.requests);
  }
  return out;
}

std::optional<base::Duration> DrainTail::tail(const std::string& site) const {
  const auto found = sites_.find(site);
  return found == sites_.end() ? std::nullopt : found->second.tail;
}

}  // namespace gslb::server
