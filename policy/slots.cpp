#include "policy/slots.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <tuple>

#include "base/hash.hpp"

namespace gslb::policy {

std::uint32_t slots_for(std::size_t choices) noexcept {
  constexpr std::size_t least = 1024;
  return static_cast<std::uint32_t>(std::bit_ceil(std::max(least, 8 * choices)));
}

std::vector<std::uint32_t> quotas(const std::vector<double>& shares, const std::vector<std::uint64_t>& keys,
                                  std::uint32_t slots) {
  std::vector<std::uint32_t> out(shares.size());
  std::vector<double> remainder(shares.size());
  std::vector<std::size_t> order;
  std::uint32_t given = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    if (shares[i] <= 0) continue;
    const double exact = shares[i] * slots;
    out[i] = std::min(static_cast<std::uint32_t>(exact + 1e-9), slots - given);
    remainder[i] = exact - out[i];
    given += out[i];
    order.push_back(i);
  }
  std::size_t missing = order.empty() ? 0 : slots - given;
  for (; missing > order.size(); missing -= order.size()) {
    for (const std::size_t i : order) ++out[i];
  }
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(missing);
  std::nth_element(order.begin(), end, order.end(), [&](std::size_t a, std::size_t b) {
    return std::tuple(-remainder[a], keys[a], a) < std::tuple(-remainder[b], keys[b], b);
  });
  std::for_each(order.begin(), end, [&](std::size_t i) { ++out[i]; });
  return out;
}

double rendezvous(std::uint64_t salt, std::uint32_t slot, std::uint64_t key, double weight) noexcept {
  const std::uint64_t hash = base::combine(base::combine(salt, slot), key);
  const double uniform = (static_cast<double>(hash >> 11) + 0.5) * 0x1p-53;
  return -weight / std::log(uniform);
}

namespace {

constexpr std::uint16_t nobody = 0xffff;

/// The choices that want slots on a ring, at their keys.
class Ring {
 public:
  Ring(const std::vector<std::uint64_t>& keys, const std::vector<std::uint32_t>& wanting) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (wanting[i] > 0) ring_.emplace_back(keys[i], static_cast<std::uint16_t>(i));
    }
    std::sort(ring_.begin(), ring_.end());
    after_.resize(ring_.size());
    std::iota(after_.begin(), after_.end(), 0U);
  }
  std::uint16_t choice(std::size_t place) const { return ring_[place].second; }
  std::size_t from(std::uint64_t point) const {
    const auto at = std::lower_bound(ring_.begin(), ring_.end(), std::pair<std::uint64_t, std::uint16_t>{point, 0});
    return at == ring_.end() ? 0 : static_cast<std::size_t>(at - ring_.begin());
  }
  /// The first place from this one on that still wants slots.
  std::size_t wanting_from(std::size_t place, const std::vector<std::uint32_t>& wanting) {
    std::size_t at = place;
    while (wanting[choice(at)] == 0) at = after_[at] == at ? (at + 1) % ring_.size() : after_[at];
    while (place != at) {  // the next search begins where this one ended
      const std::size_t next = after_[place] == place ? (place + 1) % ring_.size() : after_[place];
      after_[place] = static_cast<std::uint32_t>(at);
      place = next;
    }
    return at;
  }

 private:
  std::vector<std::pair<std::uint64_t, std::uint16_t>> ring_;
  std::vector<std::uint32_t> after_;
};

/// Every free slot asks, in rounds, the choice at a point of the ring that is its own in each round, and gets it unless
/// that choice has all that it wants.
void assign_by_ring(std::vector<std::uint16_t>& slots, std::vector<std::uint32_t> free,
                    std::vector<std::uint32_t>& wanting, const std::vector<std::uint64_t>& keys, std::uint64_t salt) {
  constexpr unsigned rounds = 16;
  Ring ring(keys, wanting);
  for (unsigned round = 0; round <= rounds && !free.empty(); ++round) {
    std::erase_if(free, [&](std::uint32_t slot) {
      std::size_t place = ring.from(base::combine(base::combine(salt, slot), round));
      if (round == rounds) place = ring.wanting_from(place, wanting);
      const std::uint16_t choice = ring.choice(place);
      if (wanting[choice] == 0) return false;
      --wanting[choice];
      slots[slot] = choice;
      return true;
    });
  }
}

struct Pair {
  std::uint64_t rank;
  std::uint32_t slot;
  std::uint16_t choice;
};

/// By rank, then slot, then choice. Ranks are hashes, so that the leading bits part them into almost equal heaps.
void sort_pairs(std::vector<Pair>& pairs) {
  const auto bits = static_cast<unsigned>(std::max<std::size_t>(std::bit_width(pairs.size()), 3) - 2);
  std::vector<std::uint32_t> end((std::size_t{1} << bits) + 1);
  for (const Pair& pair : pairs) ++end[pair.rank >> (64 - bits)];
  std::exclusive_scan(end.begin(), end.end(), end.begin(), 0U);
  const std::vector<std::uint32_t> begin = end;
  std::vector<Pair> sorted(pairs.size());
  for (const Pair& pair : pairs) sorted[end[pair.rank >> (64 - bits)]++] = pair;
  for (std::size_t heap = 0; heap + 1 < begin.size(); ++heap) {
    std::sort(sorted.begin() + begin[heap], sorted.begin() + begin[heap + 1], [](const Pair& a, const Pair& b) {
      return std::tuple(a.rank, a.slot, a.choice) < std::tuple(b.rank, b.slot, b.choice);
    });
  }
  pairs = std::move(sorted);
}

/// Every pair of a free slot and a choice has a rank; the best pairs go first.
void assign_by_rank(std::vector<std::uint16_t>& slots, const std::vector<std::uint32_t>& free,
                    const std::vector<std::uint16_t>& choices, std::vector<std::uint32_t>& wanting,
                    const std::vector<std::uint64_t>& keys, std::uint64_t salt) {
  std::vector<Pair> pairs;
  pairs.reserve(free.size() * choices.size());
  for (const std::uint32_t slot : free) {
    const std::uint64_t own = base::combine(salt, slot);
    for (const std::uint16_t choice : choices) pairs.push_back({base::combine(own, keys[choice]), slot, choice});
  }
  sort_pairs(pairs);
  for (const Pair& pair : pairs) {
    if (slots[pair.slot] != nobody || wanting[pair.choice] == 0) continue;
    slots[pair.slot] = pair.choice;
    --wanting[pair.choice];
  }
}

/// Shares play no part but by what is wanted, so that a small change of them moves little. Many choices only ask some
/// of the slots each: it takes less time and moves a little more.
void assign_free(std::vector<std::uint16_t>& slots, std::vector<std::uint32_t>& wanting,
                 const std::vector<std::uint64_t>& keys, std::uint64_t salt) {
  constexpr std::size_t most_pairs = std::size_t{1} << 16;
  std::vector<std::uint32_t> free;
  for (std::uint32_t slot = 0; slot < slots.size(); ++slot) {
    if (slots[slot] == nobody) free.push_back(slot);
  }
  std::vector<std::uint16_t> choices;
  for (std::size_t i = 0; i < wanting.size(); ++i) {
    if (wanting[i] > 0) choices.push_back(static_cast<std::uint16_t>(i));
  }
  if (free.size() * choices.size() > most_pairs) return assign_by_ring(slots, std::move(free), wanting, keys, salt);
  assign_by_rank(slots, free, choices, wanting, keys, salt);
}

}  // namespace

SlotFiller::Layout SlotFiller::lay_out(const Shares& shares) const {
  Layout out{std::vector<std::uint16_t>(slots_, nobody), quotas(shares, keys_, slots_)};
  auto wanting = out.quotas;
  assign_free(out.owners, wanting, keys_, salt_);
  return out;
}

/// The same slots go first whatever the amount, so that a choice that shrinks step by step moves nobody twice.
SlotFiller::Layout SlotFiller::moved(const Layout& from, const Shares& shares) {
  if (order_.empty()) {
    std::vector<Pair> ranked;
    for (std::uint32_t slot = 0; slot < slots_; ++slot) ranked.push_back({base::combine(~salt_, slot), slot, 0});
    sort_pairs(ranked);
    for (const Pair& pair : ranked) order_.push_back(pair.slot);
  }
  Layout out{from.owners, quotas(shares, keys_, slots_)};
  std::vector<std::uint32_t> wanting(shares.size());
  std::vector<std::uint32_t> surplus(shares.size());
  std::uint32_t left = 0;
  for (std::size_t choice = 0; choice < shares.size(); ++choice) {
    const std::uint32_t had = from.quotas[choice];
    const std::uint32_t has = out.quotas[choice];
    wanting[choice] = has > had ? has - had : 0;
    surplus[choice] = had > has ? had - has : 0;
    left += surplus[choice];
  }
  for (std::size_t i = 0; left > 0; ++i) {
    std::uint16_t& owner = out.owners[order_[i]];
    if (surplus[owner] == 0) continue;
    --surplus[owner];
    --left;
    owner = nobody;
  }
  assign_free(out.owners, wanting, keys_, salt_);
  return out;
}

const SlotFiller::Layout& SlotFiller::stage(std::vector<Shares> stages) {
  const auto known = layouts_.find(stages);
  if (known != layouts_.end()) return known->second;
  const Shares last = stages.back();
  if (stages.size() == 1) return layouts_.emplace(std::move(stages), lay_out(last)).first->second;
  const Layout& before = stage({stages.begin(), stages.end() - 1});
  Layout here = last == stages[stages.size() - 2] ? before : moved(before, last);
  return layouts_.emplace(std::move(stages), std::move(here)).first->second;
}

const std::vector<std::uint16_t>& SlotFiller::fill(const std::vector<Shares>& stages) {
  constexpr std::size_t many = std::size_t{1} << 24;
  const auto [known, is_new] = results_.try_emplace(stages);
  Layout& out = known->second;
  out.used = true;
  if (!is_new) return out.owners;
  const Shares& now = stages.back();
  const auto only = std::find(now.begin(), now.end(), 1.0);
  if (only != now.end()) {
    out.owners.assign(slots_, static_cast<std::uint16_t>(only - now.begin()));
    return out.owners;
  }
  if (layouts_.size() * slots_ > many) layouts_.clear();
  if (stages.size() == 1) {
    out = lay_out(now);
  } else {
    const Layout& before = stage({stages.begin(), stages.end() - 1});
    out = now == stages[stages.size() - 2] ? before : moved(before, now);
  }
  return out.owners;
}

void SlotFiller::forget_unused() {
  std::erase_if(results_, [](const auto& result) { return !result.second.used; });
  for (auto& [shares, result] : results_) result.used = false;
}

std::vector<std::uint16_t> fill_slots(const std::vector<double>& base, const std::vector<double>& now,
                                      const std::vector<std::uint64_t>& keys, std::uint64_t salt, std::uint32_t slots) {
  return SlotFiller(keys, salt, slots).fill({base, now});
}

}  // namespace gslb::policy
