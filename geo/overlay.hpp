// geo/overlay.hpp: what stands above the databases: the operator's places, special-purpose blocks, and the prefixes
// that regions list, in one binary trie for each family.
#pragma once

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "base/address.hpp"
#include "geo/geo_spec.hpp"
#include "geo/questions.hpp"

namespace gslb::geo {

class Overlay {
 public:
  /// What the prefixes around an address say together.
  struct State {
    std::uint32_t place = 0;     ///< index into GeoSpec::places plus 1; 0: none
    bool special = false;        ///< inside a special-purpose block
    std::uint32_t prefixes = 0;  ///< id of a set of listings of regions
    std::uint32_t measured = 0;  ///< id of what each table of round trips says; 0: nothing
    auto operator<=>(const State&) const = default;
  };

  Overlay(const std::vector<PlaceSpec>& places, const Questions& questions);

  /// Node 0 is "nothing more below here".
  std::uint32_t root(base::Family family) const noexcept { return family == base::Family::v4 ? 1 : 2; }
  std::uint32_t child(std::uint32_t node, unsigned bit) const noexcept { return nodes_[node].child[bit]; }
  bool has_children(std::uint32_t node) const noexcept {
    return nodes_[node].child[0] != 0 || nodes_[node].child[1] != 0;
  }
  /// The state of a node whose parent has state `state`; 0 is the state outside of everything.
  std::uint32_t enter(std::uint32_t node, std::uint32_t state);
  const State& state(std::uint32_t id) const noexcept { return states_[id]; }
  /// What the longest prefixes around the address say, see Questions::RegionPrefix::listing.
  const std::vector<std::uint32_t>& regions(std::uint32_t prefixes) const noexcept { return sets_[prefixes]; }

  /// For each table the answer of the longest prefix in it, see Questions::Measured; empty: nothing.
  const std::vector<std::uint32_t>& measured(std::uint32_t id) const noexcept { return answers_[id]; }

 private:
  struct Node {
    std::uint32_t child[2]{};
    std::uint32_t place = 0;
    std::uint32_t measured = 0;  ///< index into measured_ plus 1; 0: none
    bool special = false;
    std::vector<std::uint32_t> regions;
  };

  Node& insert(const base::Prefix& prefix);

  std::vector<Node> nodes_{3};
  std::vector<State> states_{State{}};
  std::map<State, std::uint32_t> state_ids_{{State{}, 0}};
  std::vector<std::vector<std::uint32_t>> sets_{1};
  std::map<std::vector<std::uint32_t>, std::uint32_t> set_ids_{{{}, 0}};
  std::vector<std::vector<Questions::Measured>> measured_;
  std::vector<std::vector<std::uint32_t>> answers_{1};
  std::map<std::vector<std::uint32_t>, std::uint32_t> answer_ids_{{{}, 0}};
};

}  // namespace gslb::geo
