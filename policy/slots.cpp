#include "policy/slots.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/hash.hpp"

namespace gslb::policy {

std::vector<std::uint32_t> quotas(const std::vector<double>& shares) {
  std::vector<std::uint32_t> out(shares.size());
  std::vector<double> remainder(shares.size());
  std::uint32_t given = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const double exact = shares[i] * slot_count;
    out[i] = std::min(static_cast<std::uint32_t>(exact + 1e-9), slot_count - given);
    remainder[i] = exact - out[i];
    given += out[i];
  }
  std::vector<std::size_t> order(shares.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return remainder[a] > remainder[b]; });
  for (std::size_t i = 0; given < slot_count && !order.empty(); i = (i + 1) % order.size()) {
    if (shares[order[i]] <= 0) continue;
    ++out[order[i]];
    ++given;
  }
  return out;
}

double rendezvous(std::uint64_t salt, std::uint32_t slot, std::uint32_t choice, double weight) noexcept {
  const std::uint64_t hash = base::combine(base::combine(salt, slot), choice);
  const double uniform = (static_cast<double>(hash >> 11) + 0.5) * 0x1p-53;
  return -weight / std::log(uniform);
}

namespace {

constexpr std::uint16_t nobody = 0xffff;

/// Gives each free slot to the choice of highest rank among those that are under their quota.
void assign_free(std::vector<std::uint16_t>& slots, const std::vector<double>& shares,
                 std::vector<std::uint32_t>& wanting, std::uint64_t salt) {
  for (std::uint32_t slot = 0; slot < slot_count; ++slot) {
    if (slots[slot] != nobody) continue;
    double best = -1;
    for (std::size_t choice = 0; choice < shares.size(); ++choice) {
      if (wanting[choice] == 0) continue;
      const double rank = rendezvous(salt, slot, static_cast<std::uint32_t>(choice), shares[choice]);
      if (rank > best) {
        best = rank;
        slots[slot] = static_cast<std::uint16_t>(choice);
      }
    }
    --wanting[slots[slot]];
  }
}

}  // namespace

std::vector<std::uint16_t> fill_slots(const std::vector<double>& base, const std::vector<double>& now,
                                      std::uint64_t salt) {
  const auto only = std::find(now.begin(), now.end(), 1.0);
  if (only != now.end()) return std::vector<std::uint16_t>(slot_count, static_cast<std::uint16_t>(only - now.begin()));
  std::vector<std::uint16_t> slots(slot_count, nobody);
  auto wanting = quotas(base);
  assign_free(slots, base, wanting, salt);
  if (base == now) return slots;

  const auto base_quota = quotas(base);
  const auto quota = quotas(now);
  for (std::size_t choice = 0; choice < now.size(); ++choice) {
    wanting[choice] = quota[choice] > base_quota[choice] ? quota[choice] - base_quota[choice] : 0;
    std::uint32_t surplus = base_quota[choice] > quota[choice] ? base_quota[choice] - quota[choice] : 0;
    if (surplus == 0) continue;
    // The same slots go first whatever the amount, so that a choice that shrinks step by step moves nobody twice.
    std::vector<std::pair<double, std::uint32_t>> owned;
    for (std::uint32_t slot = 0; slot < slot_count; ++slot) {
      if (slots[slot] == choice)
        owned.emplace_back(rendezvous(salt, slot, static_cast<std::uint32_t>(choice), 1), slot);
    }
    std::sort(owned.begin(), owned.end());
    for (std::uint32_t i = 0; i < surplus; ++i) slots[owned[i].second] = nobody;
  }
  assign_free(slots, now, wanting, salt);
  return slots;
}

}  // namespace gslb::policy
