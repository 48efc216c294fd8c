// engine/survey.hpp: how much of the world each place class is.
//
// Pure. Threads: any.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "base/address.hpp"
#include "engine/generation.hpp"
#include "geo/walk.hpp"

namespace gslb::engine {

/// Of one place class, by address family.
struct PlaceExtent {
  std::array<double, 2> addresses{};
  std::array<std::uint64_t, 2> networks{};             ///< the fewest prefixes that make it up
  std::array<std::optional<base::Prefix>, 2> example;  ///< its largest network
  bool special = false;                                ///< special-purpose addresses that are nowhere
};

/// By place class. A snapshot that asks nothing about places has the one class 0, which is everybody.
using Survey = std::vector<PlaceExtent>;

Survey survey(const Snapshot& snapshot);

/// By place class: whether it is somewhere, as far as some service asks for distances. All are where none does.
std::vector<bool> known_places(const Snapshot& snapshot);

/// The class of a service's clients in a place class.
inline std::uint16_t class_in_place(const Snapshot& snapshot, std::size_t service, std::uint16_t place) noexcept {
  return snapshot.locator ? snapshot.locator->service_class(snapshot.services[service].signature, place) : 0;
}

}  // namespace gslb::engine
