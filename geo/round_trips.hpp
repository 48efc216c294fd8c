// geo/round_trips.hpp: a table of measured round-trip times between client networks and sites, from a CSV file.
//
//   prefix,site,ms
//   198.51.100.0/24,fra,12.5
//
// The order of the lines does not matter; empty lines and those that begin with "#" are skipped.
// Threads: immutable.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/result.hpp"

namespace gslb::geo {

class RoundTrips {
 public:
  static constexpr std::size_t most_networks = 500'000;
  static constexpr std::size_t longest_file = std::size_t{1} << 28;  ///< octets
  static constexpr float unmeasured = std::numeric_limits<float>::infinity();

  /// Fails with the line and what is wrong with it: a time that is none of 0 to 60,000 ms, a site twice for a network.
  [[nodiscard]] static base::Result<RoundTrips> parse(std::string_view text);

  std::size_t networks() const noexcept { return times_.size(); }
  /// Milliseconds to each of these sites; infinity where it was not measured. Sites that nobody asks for are left out.
  std::vector<std::pair<base::Prefix, std::vector<float>>> times_to(const std::vector<std::string>& sites) const;

 private:
  std::vector<std::string> sites_;
  std::map<base::Prefix, std::vector<std::pair<std::uint32_t, float>>> times_;
};

}  // namespace gslb::geo
