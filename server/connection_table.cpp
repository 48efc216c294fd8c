#include "server/connection_table.hpp"

#include <algorithm>
#include <random>

#include "base/hash.hpp"

namespace gslb::server {

namespace {

/// So many of the largest prefixes are compared; they take turns, so that a tie among thousands costs no more.
constexpr unsigned compared_groups = 8;

ConnectionLimits at_least_one(ConnectionLimits limits) {
  limits.connections = std::max(1U, limits.connections);
  limits.per_prefix = std::clamp(limits.per_prefix, 1U, limits.connections);
  return limits;
}

/// Prefixes are chosen by strangers, so they must not know which of them collide.
std::uint64_t random_seed() {
  std::random_device seed;
  return static_cast<std::uint64_t>(seed()) << 32 | seed();
}

}  // namespace

std::size_t ConnectionTable::Hash::operator()(const base::IpAddress& prefix) const noexcept {
  return base::hash_bytes(prefix.bytes(), seed);
}

ConnectionTable::ConnectionTable(const ConnectionLimits& limits, unsigned workers)
    : limits_(at_least_one(limits)),
      by_size_(limits_.per_prefix + std::size_t{1}),
      groups_(16, Hash{random_seed()}),
      evicted_(workers) {}

base::IpAddress ConnectionTable::prefix_of(const base::IpAddress& client) const noexcept {
  return base::masked(client, limits_.prefix_length[static_cast<std::size_t>(client.family)]);
}

ConnectionTable::Taken ConnectionTable::take(const base::IpAddress& client, unsigned worker, StreamConnection* owner,
                                             base::SteadyTime now) {
  const base::IpAddress prefix = prefix_of(client);
  const std::lock_guard lock(mutex_);
  const auto loser = make_room(prefix);
  std::list<Place> fresh;
  const Handle place = fresh.emplace(fresh.end());
  place->touch(now);
  place->owner_ = owner;
  place->worker_ = worker;
  enter(fresh, place, prefix);
  return {place, loser};
}

std::optional<unsigned> ConnectionTable::move(Handle place, const base::IpAddress& client) {
  const base::IpAddress prefix = prefix_of(client);
  const std::lock_guard lock(mutex_);
  if (place->evicted_ || place->group_->prefix == prefix) return std::nullopt;
  std::list<Place> moving;
  leave(place, moving);
  const auto loser = make_room(prefix);
  enter(moving, place, prefix);
  return loser;
}

void ConnectionTable::give_back(Handle place) {
  std::list<Place> gone;
  const std::lock_guard lock(mutex_);
  if (place->evicted_) {
    gone.splice(gone.end(), evicted_[place->worker_], place);
  } else {
    leave(place, gone);
  }
}

std::vector<StreamConnection*> ConnectionTable::evicted(unsigned worker) const {
  const std::lock_guard lock(mutex_);
  std::vector<StreamConnection*> out;
  out.reserve(evicted_[worker].size());
  for (const Place& place : evicted_[worker]) out.push_back(place.owner_);
  return out;
}

std::size_t ConnectionTable::size() const {
  const std::lock_guard lock(mutex_);
  return size_;
}

std::uint64_t ConnectionTable::evictions() const {
  const std::lock_guard lock(mutex_);
  return evictions_;
}

/// If one more place of `prefix` would be one too many, somebody loses his.
std::optional<unsigned> ConnectionTable::make_room(const base::IpAddress& prefix) {
  const auto oldest = [](Groups::iterator group) {
    return std::min_element(group->places.begin(), group->places.end(), [](const Place& a, const Place& b) {
      return a.last_.load(std::memory_order_relaxed) < b.last_.load(std::memory_order_relaxed);
    });
  };
  const auto group = groups_.find(prefix);
  if (group != groups_.end() && group->second->places.size() >= limits_.per_prefix) return evict(oldest(group->second));
  if (size_ < limits_.connections) return std::nullopt;
  Groups& largest = by_size_[largest_];
  Handle loser = oldest(largest.begin());
  for (std::size_t i = 1; i < std::min<std::size_t>(compared_groups, largest.size()); ++i) {
    largest.splice(largest.end(), largest, largest.begin());
    const Handle other = oldest(largest.begin());
    if (other->last_.load(std::memory_order_relaxed) < loser->last_.load(std::memory_order_relaxed)) loser = other;
  }
  return evict(loser);
}

unsigned ConnectionTable::evict(Handle place) {
  leave(place, evicted_[place->worker_]);
  place->evicted_ = true;
  ++evictions_;
  return place->worker_;
}

void ConnectionTable::enter(std::list<Place>& from, Handle place, const base::IpAddress& prefix) {
  auto found = groups_.find(prefix);
  if (found == groups_.end()) {
    Groups& empty = by_size_[0];
    found = groups_.emplace(prefix, empty.insert(empty.end(), Group{prefix, {}})).first;
  }
  const Groups::iterator group = found->second;
  const std::size_t before = group->places.size();
  group->places.splice(group->places.end(), from, place);
  place->group_ = group;
  ++size_;
  resized(group, before);
}

void ConnectionTable::leave(Handle place, std::list<Place>& to) {
  const Groups::iterator group = place->group_;
  const std::size_t before = group->places.size();
  to.splice(to.end(), group->places, place);
  --size_;
  resized(group, before);
}

void ConnectionTable::resized(Groups::iterator group, std::size_t before) {
  const std::size_t after = group->places.size();
  by_size_[after].splice(by_size_[after].end(), by_size_[before], group);
  if (after == 0) {
    groups_.erase(group->prefix);
    by_size_[0].erase(group);
  }
  if (after > largest_ || (before == largest_ && by_size_[before].empty())) largest_ = after;
}

}  // namespace gslb::server
