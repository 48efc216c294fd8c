#include "health/feeds/reading.hpp"

#include <algorithm>

#include "health/feeds/feed_spec.hpp"

namespace gslb::health {

std::string_view to_string(FeedSays says) noexcept {
  switch (says) {
    case FeedSays::unknown:
      return "unknown";
    case FeedSays::serving:
      return "serving";
    case FeedSays::draining:
      return "draining";
    case FeedSays::failing:
      return "failing";
  }
  return "unknown";
}

std::string_view to_string(FeedKind kind) noexcept {
  switch (kind) {
    case FeedKind::haproxy:
      return "haproxy";
    case FeedKind::page:
      return "page";
    case FeedKind::stub_status:
      return "stub_status";
    case FeedKind::envoy:
      return "envoy";
    case FeedKind::consul:
      return "consul";
    case FeedKind::nacos:
      return "nacos";
    case FeedKind::eureka:
      return "eureka";
    case FeedKind::kubernetes:
      return "kubernetes";
    case FeedKind::etcd:
      return "etcd";
    case FeedKind::prometheus:
      return "prometheus";
    case FeedKind::agent:
      return "agent";
  }
  return "";
}

FeedReading reading_of(std::span<const Member> members) {
  FeedReading out;
  double all = 0, usable = 0;
  bool drained = false;
  for (const Member& member : members) {
    ++out.members;
    all += member.weight;
    drained = drained || member.draining;
    if (!member.up || member.draining || member.weight <= 0) continue;
    ++out.usable;
    usable += member.weight;
  }
  if (out.members == 0) return out;
  out.capacity = all > 0 ? std::clamp(usable / all, 0.0, 1.0) : 0;
  out.says = out.usable > 0 ? FeedSays::serving : drained ? FeedSays::draining : FeedSays::failing;
  return out;
}

void RateMeter::add(FeedReading& reading, base::SteadyTime now) {
  if (!reading.requests_counted) return;
  const std::uint64_t requests = *reading.requests_counted;
  const std::uint64_t errors = reading.errors_counted.value_or(0);
  const bool continues = requests_ && requests >= *requests_ && errors >= errors_.value_or(0) && now > when_;
  if (continues) {
    const std::uint64_t more = requests - *requests_;
    const double seconds = std::chrono::duration<double>(now - when_).count();
    if (!reading.rate) reading.rate = static_cast<double>(more) / seconds;
    asked_ += more;
    failed_ += errors - errors_.value_or(0);
    if (reading.errors_counted && asked_ >= fewest) {
      share_ = std::min(1.0, static_cast<double>(failed_) / static_cast<double>(asked_));
      asked_ = failed_ = 0;
    }
  } else {
    asked_ = failed_ = 0;
    share_.reset();
  }
  if (!reading.errors) reading.errors = share_;
  requests_ = requests;
  errors_ = errors;
  when_ = now;
}

}  // namespace gslb::health
