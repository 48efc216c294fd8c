// engine/demand.hpp: who asks how much: every address alike, or what a file of traffic says.
//
// Pure. Threads: any.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engine/survey.hpp"

namespace gslb::engine {

/// A line of a traffic file.
struct Traffic {
  base::Prefix network;
  double rate = 0;      ///< requests a second
  std::string service;  ///< absolute owner name without final dot; "": of all services alike
};

/// Lines "network,requests/s" or "network,requests/s,service"; blank lines, lines that start with "#" and a first line
/// of words are left out. Errors name the line.
[[nodiscard]] base::Result<std::vector<Traffic>> parse_traffic(std::string_view text);

/// Queries of one kind: clients of one class that ask one service for one type.
struct Demand {
  std::size_t service = 0;
  policy::Aspect aspect = base::Family::v4;  ///< of the answer
  std::uint16_t service_class = 0;
  double weight = 0;
  std::uint64_t networks = 0;
  base::Prefix example;
};

/// Demands in one unit, which sum to `total`.
struct Measure {
  std::string unit;  ///< "IPv4 addresses", "req/s"
  double total = 0;
  std::vector<Demand> demands;
};

/// Each address that has a known place asks once, IPv4 and IPv6 apart; of all services (but those that reflect) alike.
/// A client asks for addresses of its own family, or for the other if the service has none of those.
std::vector<Measure> demand_of(const Snapshot& snapshot, const Survey& survey);

/// As the traffic says. A service that is not in the snapshot is an error.
[[nodiscard]] base::Result<Measure> demand_of(const Snapshot& snapshot, const std::vector<Traffic>& traffic);

/// What a client of this family asks a service for: addresses of its own family, else of the other; of a service that
/// is answered with names, these.
policy::Aspect asked_for(const policy::Service& service, base::Family client);

}  // namespace gslb::engine
