// geo/walk.hpp: the whole address space, block by block: for questions about the whole world.
//
//   Locator ──Walk──► blocks of one place class, in the order of addresses, without gaps
//
// Threads: any; not the query path.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/address.hpp"
#include "geo/locator.hpp"

namespace gslb::geo {

/// An address as a number, its first bit on top; zeros follow an IPv4 address.
using AddressNumber = unsigned __int128;

/// Neighbouring addresses, both ends included.
struct Block {
  AddressNumber first = 0;
  AddressNumber last = 0;
  std::uint16_t place_class = 0;
};

class Walk {
 public:
  Walk(const Locator& locator, base::Family family);
  /// The next block; no two neighbours have the same place class. Nothing at the end.
  std::optional<Block> next();

 private:
  struct Frame {
    std::uint32_t node = 0;
    unsigned depth = 0;
    unsigned chunk = 0;
    AddressNumber base = 0;
  };
  std::optional<Block> step();
  std::optional<Block> step_in(Frame& frame);

  const Locator& locator_;
  base::Family family_;
  std::uint32_t slot_ = 0;
  std::vector<Frame> frames_;
  std::optional<Block> ahead_;
};

/// How many addresses; as a part of 2^32 or 2^128 it is exact enough.
double addresses(const Block& block, base::Family family) noexcept;

/// The fewest networks that make up the block, in order.
std::vector<base::Prefix> networks(const Block& block, base::Family family);

/// How many those are.
std::uint64_t count_networks(const Block& block, base::Family family) noexcept;

/// The last address of a network.
AddressNumber last_of(const base::Prefix& prefix) noexcept;

/// The number of an address, and back.
AddressNumber number_of(const base::IpAddress& address) noexcept;
base::IpAddress address_of(AddressNumber number, base::Family family) noexcept;

}  // namespace gslb::geo
