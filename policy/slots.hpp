// policy/slots.hpp: exact proportions without arithmetic in a query. A slot table has a place for each of 1,024 or more
// equal parts of the clients; each belongs to one choice, in the wanted proportions to one slot; a client's hash picks
// the slot. When proportions change, only the slots that must change hands do.
//
// Pure. Threads: any.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace gslb::policy {

/// Slots of a table for so many choices: a power of two, 1,024 up to 128 choices, else at least 8 for each.
std::uint32_t slots_for(std::size_t choices) noexcept;

/// How many of `slots` each share gets: largest remainders, ties to the lower key. Shares sum to about 1.
/// @param keys  of the choices: whatever their order, equal keys get equal results
std::vector<std::uint32_t> quotas(const std::vector<double>& shares, const std::vector<std::uint64_t>& keys,
                                  std::uint32_t slots);

/// The owner (an index into the shares) of each slot. The `base` shares lay the table out; `now` then moves as few
/// slots as the difference demands, so that a choice that shrinks gives up slots and no others move.
/// @param keys  tell the choices apart, whatever their order
/// @param salt  of the service: equal choices of two services need not share their slots
std::vector<std::uint16_t> fill_slots(const std::vector<double>& base, const std::vector<double>& now,
                                      const std::vector<std::uint64_t>& keys, std::uint64_t salt, std::uint32_t slots);

/// Slots of one service, again and again: only what has changed is made anew.
class SlotFiller {
 public:
  using Shares = std::vector<double>;

  SlotFiller(std::vector<std::uint64_t> keys, std::uint64_t salt, std::uint32_t slots)
      : keys_(std::move(keys)), salt_(salt), slots_(slots) {}

  /// The first shares lay the table out; each of the others then moves as few slots as its difference demands, the
  /// last being those of now. Good until forget_unused() is called twice.
  const std::vector<std::uint16_t>& fill(const std::vector<Shares>& stages);
  /// Drops results that nobody has asked for since the last call.
  void forget_unused();

 private:
  struct Layout {
    std::vector<std::uint16_t> owners;
    std::vector<std::uint32_t> quotas;
    bool used = true;
  };
  Layout lay_out(const Shares& shares) const;
  Layout moved(const Layout& from, const Shares& shares);
  const Layout& stage(std::vector<Shares> stages);

  std::vector<std::uint64_t> keys_;
  std::uint64_t salt_;
  std::uint32_t slots_;
  std::vector<std::uint32_t> order_;               ///< in which slots are given up
  std::map<std::vector<Shares>, Layout> layouts_;  ///< before the last stage: they do not depend on health
  std::map<std::vector<Shares>, Layout> results_;
};

/// Rendezvous order: the rank value of the choice `key` with `weight` in `slot`; the greatest comes first. Weight above
/// 0.
double rendezvous(std::uint64_t salt, std::uint32_t slot, std::uint64_t key, double weight) noexcept;

}  // namespace gslb::policy
