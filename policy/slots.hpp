// policy/slots.hpp: exact proportions without arithmetic in a query. A slot table has 1,024 places; each belongs to one
// choice, in the wanted proportions to 1/1024; a client's hash picks the place. When proportions change, only the
// places that must change hands do.
//
// Pure. Threads: any.
#pragma once

#include <cstdint>
#include <vector>

namespace gslb::policy {

inline constexpr std::uint32_t slot_count = 1024;

/// How many slots each share gets: largest remainders, ties to the lower index; sums to slot_count. Shares sum to
/// about 1.
std::vector<std::uint32_t> quotas(const std::vector<double>& shares);

/// The owner (an index into the shares) of each slot. The `base` shares lay the table out; `now` then moves as few
/// slots as the difference demands, so that a choice that shrinks gives up slots and no others move.
/// @param salt  of the service: equal choices of two services need not share their slots
std::vector<std::uint16_t> fill_slots(const std::vector<double>& base, const std::vector<double>& now,
                                      std::uint64_t salt);

/// Rendezvous order: the rank value of `choice` with `weight` in `slot`; the greatest comes first. Weight above 0.
double rendezvous(std::uint64_t salt, std::uint32_t slot, std::uint32_t choice, double weight) noexcept;

}  // namespace gslb::policy
