// geo/deep_vote.hpp: what most of a network is that is too small for the tables of majorities.
#pragma once

#include <array>
#include <cstdint>

#include "geo/image.hpp"

namespace gslb::geo {

/// Counts the service classes below one binary node of a poptrie node that has no majority of its own, so not very many
/// divisions. Does not allocate.
class DeepVote {
 public:
  DeepVote(const image::Node* nodes, const std::uint16_t* leaves, const std::uint16_t* service_class) noexcept
      : nodes_(nodes), leaves_(leaves), service_class_(service_class) {}

  /// Most common class among the entries [first, first + count) of `node`, by addresses; the lowest of equals;
  /// `if_lost` if there is too much to count.
  std::uint16_t most(std::uint32_t node, unsigned first, unsigned count, std::uint16_t if_lost) noexcept;

 private:
  static constexpr unsigned most_visits = 512;
  struct Share {
    std::uint16_t service_class = 0;
    double part = 0;
  };

  void count_entries(std::uint32_t node, unsigned first, unsigned end, double part) noexcept;
  void add(std::uint16_t service_class, double part) noexcept;

  const image::Node* nodes_;
  const std::uint16_t* leaves_;
  const std::uint16_t* service_class_;
  std::array<Share, 128> shares_{};
  unsigned used_ = 0;
  unsigned visits_ = 0;
};

}  // namespace gslb::geo
