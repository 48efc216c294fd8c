#include "health/feeds/feed_board.hpp"

#include <algorithm>
#include <cmath>

namespace gslb::health {

namespace {

// The value of a shared state: says (2 bits), capacity in thousandths (10), utilization in hundredths (10, 0: none),
// errors in thousandths (10).
constexpr unsigned capacity_at = 2, utilization_at = 12, errors_at = 22;
constexpr std::uint32_t ten_bits = 0x3ff;

std::uint32_t thousandths(double share) {
  return static_cast<std::uint32_t>(std::lround(std::clamp(share, 0.0, 1.0) * 1000));
}

/// In tenths; stays where it is for less than three quarters of one.
std::uint16_t settle(std::uint16_t before, std::uint32_t wanted) {
  constexpr int step = 100, dead_band = 75;
  const int off = static_cast<int>(wanted) - before;
  if (off > -dead_band && off < dead_band) return before;
  const auto tenths = static_cast<int>((wanted + step / 2) / step * step);
  return static_cast<std::uint16_t>(std::clamp<int>(tenths, FeedBoard::least, 1000));
}

}  // namespace

std::uint32_t pack(const FeedReading& reading) noexcept {
  const double used = reading.utilization ? std::clamp(*reading.utilization, 0.01, 10.22) : 0;
  return static_cast<std::uint32_t>(reading.says) | thousandths(reading.capacity) << capacity_at |
         static_cast<std::uint32_t>(std::lround(used * 100)) << utilization_at |
         thousandths(reading.errors.value_or(0)) << errors_at;
}

FeedReading unpack(std::uint32_t value) noexcept {
  FeedReading out;
  out.says = static_cast<FeedSays>(value & 3);
  out.capacity = std::min(1.0, (value >> capacity_at & ten_bits) / 1000.0);
  if (const std::uint32_t used = value >> utilization_at & ten_bits) out.utilization = used / 100.0;
  if (const std::uint32_t errors = value >> errors_at) out.errors = std::min(1.0, errors / 1000.0);
  return out;
}

void FeedBoard::follow(std::vector<Feed> feeds) {
  std::vector<Known> known(feeds.size());
  std::vector<FeedEffect> effects(feeds.size());
  std::map<std::uint64_t, std::size_t> by_key;
  for (std::size_t f = 0; f < feeds.size(); ++f) {
    const std::uint64_t key = feed_key(feeds[f].name);
    by_key[key] = f;
    const auto before = by_key_.find(key);
    if (before == by_key_.end()) continue;
    known[f] = known_[before->second];
    effects[f] = effects_[before->second];
  }
  feeds_ = std::move(feeds);
  known_ = std::move(known);
  effects_ = std::move(effects);
  by_key_ = std::move(by_key);
}

void FeedBoard::take(std::size_t feed, std::uint32_t value, base::SteadyTime when) {
  Known& known = known_[feed];
  if (known.value && when < known.when) return;
  known.value = value;
  known.when = when;
}

void FeedBoard::read(std::size_t feed, const FeedReading& reading, base::SteadyTime when) {
  known_[feed].own = pack(reading);
  known_[feed].own_when = when;
  take(feed, *known_[feed].own, when);
}

void FeedBoard::receive(const std::vector<SharedState>& shared, std::string_view site, base::SteadyTime arrival) {
  for (const SharedState& state : shared) {
    const auto found = by_key_.find(state.key);
    if (found == by_key_.end()) continue;
    const Feed& feed = feeds_[found->second];
    if (feed.from_anyone || feed.site == site) take(found->second, state.value, arrival - state.age);
  }
}

std::optional<std::size_t> FeedBoard::find(std::string_view name) const {
  const auto found = by_key_.find(feed_key(name));
  return found == by_key_.end() ? std::nullopt : std::optional(found->second);
}

const std::vector<FeedEffect>& FeedBoard::effects(base::SteadyTime now) {
  for (std::size_t f = 0; f < feeds_.size(); ++f) {
    const Known& known = known_[f];
    FeedEffect& effect = effects_[f];
    if (!known.value || now - known.when >= feeds_[f].hold) {
      effect = {};
      continue;
    }
    const FeedReading reading = unpack(*known.value);
    effect.known = true;
    effect.age = now - known.when;
    effect.serving = reading.says == FeedSays::serving;
    effect.drained = reading.says == FeedSays::draining;
    effect.disagrees = reading.says == FeedSays::failing;
    effect.utilization = static_cast<std::uint16_t>(std::lround(reading.utilization.value_or(0) * 100));
    if (reading.says == FeedSays::unknown || effect.drained) {
      effect.share = 1000;
    } else {
      effect.share = settle(effect.share, std::max<std::uint32_t>(thousandths(reading.capacity), least));
    }
  }
  return effects_;
}

std::optional<base::SteadyTime> FeedBoard::next() const noexcept {
  std::optional<base::SteadyTime> out;
  for (std::size_t f = 0; f < feeds_.size(); ++f) {
    if (!known_[f].value || !effects_[f].known) continue;
    const base::SteadyTime end = known_[f].when + feeds_[f].hold;
    if (!out || end < *out) out = end;
  }
  return out;
}

std::vector<SharedState> FeedBoard::shared(base::SteadyTime now) const {
  std::vector<SharedState> out;
  for (std::size_t f = 0; f < feeds_.size(); ++f) {
    const Known& known = known_[f];
    if (known.own && now - known.own_when < feeds_[f].hold)
      out.push_back({feed_key(feeds_[f].name), *known.own, std::max(base::Duration{}, now - known.own_when)});
  }
  return out;
}

}  // namespace gslb::health
