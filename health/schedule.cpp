#include "health/schedule.hpp"

#include <algorithm>
#include <chrono>

namespace gslb::health {
namespace {

base::Duration up_to(base::Duration longest, base::Random& random) noexcept {
  const auto span = static_cast<std::uint64_t>(std::max<base::Duration::rep>(longest.count(), 0));
  return base::Duration(static_cast<base::Duration::rep>(random.next() % (span + 1)));
}

}  // namespace

Cadence cadence_of(const MonitorSpec& monitor, Verdict verdict, bool in_motion) noexcept {
  auto interval = monitor.interval;
  if (verdict == Verdict::unknown || in_motion) {
    interval = monitor.fastinter.value_or(interval);
  } else if (verdict == Verdict::down) {
    interval = monitor.downinter.value_or(interval);
  }
  const auto slack = std::chrono::duration<double, std::nano>(interval) * monitor.jitter;
  return {interval, std::chrono::duration_cast<base::Duration>(slack)};
}

base::SteadyTime first(base::SteadyTime now, const Cadence& cadence, base::Random& random) noexcept {
  return now + up_to(std::min<base::Duration>(cadence.interval, std::chrono::seconds(1)), random);
}

base::SteadyTime following(base::SteadyTime due, base::SteadyTime now, const Cadence& cadence,
                           base::Random& random) noexcept {
  base::SteadyTime next = due + cadence.shortest() + up_to(2 * cadence.slack, random);
  if (now - next > cadence.interval) next += ((now - next) / cadence.interval + 1) * cadence.interval;
  return std::max(next, now);
}

std::optional<std::uint32_t> DueQueue::pop(base::SteadyTime now) {
  if (heap_.empty() || heap_.top().first > now) return std::nullopt;
  const std::uint32_t id = heap_.top().second;
  heap_.pop();
  return id;
}

std::optional<base::SteadyTime> DueQueue::next() const {
  if (heap_.empty()) return std::nullopt;
  return heap_.top().first;
}

std::optional<base::Duration> StallWatch::woke(base::SteadyTime now) noexcept {
  if (!due_ || now - *due_ <= tolerance) return std::nullopt;
  last_stall_end_ = now;
  return now - *due_;
}

bool StallWatch::stalled_since(base::SteadyTime start, base::SteadyTime now) const noexcept {
  if (last_stall_end_ && *last_stall_end_ > start) return true;
  return due_ && *due_ < now && now - std::max(*due_, start) > tolerance;
}

}  // namespace gslb::health
