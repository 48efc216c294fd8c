// health/event_log.hpp: what happened: verdicts that turned, with the outcomes around it as evidence, orders given and
// ended, configurations loaded, services that opened and closed. The newest stay, so many and no more.
//
// Pure: no clock, no I/O. Threads: one object, one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "health/observation.hpp"

namespace gslb::health {

enum class EventKind : std::uint8_t {
  verdict,        ///< of a target
  order,          ///< given, ended, about to expire
  configuration,  ///< loaded or refused
  service,        ///< answers otherwise than by its policy: fail-open, last resort
  feed,           ///< a site's balancer or registry takes the site out, finds it broken, or fell silent
};
std::string_view to_string(EventKind kind);

/// One outcome of a probe.
struct Evidence {
  base::WallTime when{};  ///< its end
  bool ok = false;
  bool voided = false;       ///< it did not count
  std::string phase;         ///< where it ended: "connect", "passed"
  std::string detail;        ///< "http 200"
  base::Duration latency{};  ///< from start to end
  PhaseTimes times{};
  bool operator==(const Evidence&) const = default;
};

struct Event {
  std::uint64_t id = 0;  ///< counts up, from 1
  base::WallTime when{};
  EventKind kind = EventKind::verdict;
  std::string what;                     ///< a sentence
  std::string address;                  ///< that it is about; "": none
  std::vector<std::string> services;    ///< that it is about; none: all or none
  std::vector<std::string> sites;       ///< the same
  std::vector<Evidence> evidence = {};  ///< up to it, oldest first
  std::vector<Evidence> after = {};     ///< the first that came then
  bool operator==(const Event&) const = default;
};

/// Which events a person wants to see; what is empty asks for nothing.
struct EventFilter {
  std::uint64_t after = 0;  ///< only later ones
  base::WallTime since{};
  std::string service;  ///< pattern, or first labels
  std::string site;     ///< pattern
  std::size_t most = 1000;
  bool holds(const Event& event) const noexcept;
};

class EventLog {
 public:
  static constexpr std::size_t most = 4000;

  /// Takes an event; its id is set here. @return the id
  std::uint64_t add(Event event);
  /// The newest of those that the filter holds, oldest first.
  std::vector<Event> find(const EventFilter& filter) const;
  std::uint64_t last_id() const noexcept { return last_id_; }
  /// What came after an event; nothing happens if it is gone.
  void follow(std::uint64_t id, std::vector<Evidence> after);
  /// Of an earlier run, before the first add().
  void restore(std::vector<Event> events);

 private:
  std::deque<Event> events_;
  std::uint64_t last_id_ = 0;
};

}  // namespace gslb::health
