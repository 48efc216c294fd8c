// server/journal.hpp: one log of events for all threads that have something to tell.
//
// Threads: any; it locks, and is far from any query.
#pragma once

#include <mutex>
#include <utility>

#include "health/event_log.hpp"

namespace gslb::server {

class Journal {
 public:
  /// @return its id
  std::uint64_t add(health::Event event) {
    const std::lock_guard lock(mutex_);
    return log_.add(std::move(event));
  }
  /// What came after the event of this id.
  void follow(std::uint64_t id, std::vector<health::Evidence> after) {
    const std::lock_guard lock(mutex_);
    log_.follow(id, std::move(after));
  }
  /// The events that the filter holds, and the id of the newest there is.
  std::pair<std::vector<health::Event>, std::uint64_t> find(const health::EventFilter& filter) const {
    const std::lock_guard lock(mutex_);
    return {log_.find(filter), log_.last_id()};
  }
  void restore(std::vector<health::Event> events) {
    const std::lock_guard lock(mutex_);
    log_.restore(std::move(events));
  }

 private:
  mutable std::mutex mutex_;
  health::EventLog log_;
};

}  // namespace gslb::server
