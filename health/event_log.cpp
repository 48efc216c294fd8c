#include "health/event_log.hpp"

#include <algorithm>

#include "health/order.hpp"

namespace gslb::health {

std::string_view to_string(EventKind kind) {
  switch (kind) {
    case EventKind::verdict:
      return "verdict";
    case EventKind::order:
      return "order";
    case EventKind::configuration:
      return "configuration";
    case EventKind::service:
      return "service";
    case EventKind::feed:
      return "feed";
  }
  return {};
}

bool EventFilter::holds(const Event& event) const noexcept {
  if (event.id <= after || event.when < since) return false;
  const OrderScope of_service{service, "", ""};
  if (!service.empty() &&
      std::ranges::none_of(event.services, [&](const std::string& name) { return of_service.holds(name, "", ""); }))
    return false;
  return site.empty() || std::ranges::any_of(event.sites, [&](const std::string& name) { return matches(site, name); });
}

std::uint64_t EventLog::add(Event event) {
  event.id = ++last_id_;
  events_.push_back(std::move(event));
  if (events_.size() > most) events_.pop_front();
  return last_id_;
}

std::vector<Event> EventLog::find(const EventFilter& filter) const {
  std::vector<Event> out;
  for (auto event = events_.rbegin(); event != events_.rend() && out.size() < filter.most; ++event) {
    if (filter.holds(*event)) out.push_back(*event);
  }
  std::ranges::reverse(out);
  return out;
}

void EventLog::follow(std::uint64_t id, std::vector<Evidence> after) {
  const auto found = std::ranges::lower_bound(events_, id, {}, &Event::id);
  if (found != events_.end() && found->id == id) found->after = std::move(after);
}

void EventLog::restore(std::vector<Event> events) {
  for (Event& event : events) add(std::move(event));
}

}  // namespace gslb::health
