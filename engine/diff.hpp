// engine/diff.hpp: what a change of configuration changes for clients: who gets other addresses.
//
//   two Snapshots, all up ──diff()──► for each service: which part moves, from where to where, which networks
//
// The address space is walked in both geographies at once, so every network is in exactly one pair of classes.
// Pure. Threads: any; slow.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "engine/demand.hpp"
#include "engine/outcomes.hpp"
#include "engine/simulate.hpp"
#include "geo/atlas.hpp"

namespace gslb::engine {

struct MovedNetwork {
  base::Prefix network;
  std::string from;  ///< Outcome::label()
  std::string to;
  double part = 0;  ///< of its clients
};

/// The clients of one country that move.
struct CountryMoves {
  std::string country;            ///< ISO 3166-1 alpha-2; "" where no file knows it
  double weight = 0;              ///< part of all clients of the service, in the first unit
  std::vector<Relocation> moves;  ///< largest first, of the same whole
};

struct ServiceDifference {
  enum class Kind : std::uint8_t { same, moved, added, removed };
  std::string service;  ///< absolute owner name
  Kind kind = Kind::same;
  std::vector<std::pair<std::string, double>> moved;  ///< by unit: the part that moves, 0 to 1
  std::vector<Relocation> moves;                      ///< largest first; weight: part of the first unit
  std::vector<CountryMoves> countries;                ///< largest first; empty without an atlas
  std::uint64_t networks = 0;                         ///< of which at least a part moves
  std::vector<MovedNetwork> examples;                 ///< the largest of them, at most most_examples
  std::vector<std::string> because;                   ///< what changed in the files: "sites.lon added"
  /// Of any unit.
  double most_moved() const noexcept;
};

struct Difference {
  static constexpr std::size_t most_examples = 20;
  std::vector<ServiceDifference> services;  ///< in the order of the old configuration, then the new ones
  bool same() const noexcept;
  double most_moved() const noexcept;
};

struct Side {
  const config::Config* config = nullptr;
  const Snapshot* snapshot = nullptr;
};

/// Called with a service's name and each network of which a part moves.
using EachNetwork = std::function<void(const std::string&, const MovedNetwork&)>;

/// @param traffic  if not empty, parts are of this traffic instead of addresses
/// @param atlas    tells the countries of those that move; null: nobody asks
Difference diff(const Side& before, const Side& after, const std::vector<Traffic>& traffic = {},
                const EachNetwork& each = {}, const geo::Atlas* atlas = nullptr);

}  // namespace gslb::engine
